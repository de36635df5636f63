"""The sdist: what it holds, and that the wheel made from it is the wheel made from the checkout."""

from __future__ import annotations

import re
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import robust
from tests.packages import build

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def members(sdist: Path) -> dict[str, int]:
    with tarfile.open(sdist) as archive:
        return {m.name.partition("/")[2]: m.size for m in archive.getmembers() if m.isfile()}


def test_the_sdist_has_what_a_build_and_the_tests_need_and_nothing_that_lies_about(sdist):
    found = members(sdist)
    for wanted in (
        "pyproject.toml", "README.md", "LICENSE", "NOTICE", "SECURITY.md", "CHANGELOG.md", "tox.ini",
        "constraints.txt", "robust/py.typed", "attacks/qads.py", "datasets/demo/dataset.toml",
        "docs/study.md", "tests/conftest.py", "examples/own_callable.py", "tools/licences.py",
    ):  # fmt: skip
        assert wanted in found
    tops = {name.partition("/")[0] for name in found}
    assert tops <= {
        *("robust", "attacks", "datasets", "tests", "docs", "examples", "benchmarks", "tools"),
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE", "CITATION.cff"),
        *("tox.ini", "mkdocs.yml", "constraints.txt", "constraints-textattack.txt", "Containerfile"),
        *("pyproject.toml", "PKG-INFO", ".gitignore"),
    }
    stray = [
        name for name in found if "__pycache__" in name or name.endswith((".pyc", "encoder.safetensors"))
    ]
    assert stray == []


def test_both_are_small_enough_to_be_fetched_without_a_thought(sdist, wheel):
    assert wheel.stat().st_size < 60 * MEGABYTE
    assert sdist.stat().st_size < 100 * MEGABYTE


def test_the_wheel_from_the_sdist_is_the_wheel_from_the_checkout(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", source, tmp_path / "again")
    one, other = (zipfile.ZipFile(path) for path in (wheel, again))
    assert {info.filename: info.CRC for info in one.infolist()} == {
        info.filename: info.CRC for info in other.infolist()
    }


def test_the_wheel_is_pure_and_says_what_it_is(wheel):
    assert wheel.name.endswith("-py3-none-any.whl")  # nothing is compiled
    archive = zipfile.ZipFile(wheel)
    (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    told = Parser().parsestr(archive.read(name).decode())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (told["Name"], told["Version"]) == (project["name"], robust.__version__)
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "Apache-2.0"
    assert set(told.get_all("Provides-Extra") or ()) == set(project["optional-dependencies"])
    licences = [n for n in archive.namelist() if "/licenses/" in n]
    assert {Path(n).name for n in licences} == {"LICENSE", "LICENSE-WordNet.txt", "NOTICE"}


def test_the_version_is_said_by_the_package_and_the_citation_has_it_too():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    assert f"\nversion: {robust.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_one_ruff_formats_everywhere():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pinned,) = (one for one in extras["optional-dependencies"]["dev"] if one.startswith("ruff"))
    for name in ("constraints.txt", "tox.ini"):
        said = re.findall(r"ruff==[\d.]+", (ROOT / name).read_text(encoding="utf-8"))
        assert said == [pinned], name
