"""The tree is what it seems: ``datasets/`` holds data and never hides the Hugging Face library."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout() -> Path:
    """Return the repository's root; skip where the tests run without it."""
    if not (ROOT / "datasets" / "squad2" / "dataset.toml").is_file():
        pytest.skip("not in a checkout")
    return ROOT


def test_the_hugging_face_library_can_be_imported_from_the_repository_root(checkout: Path) -> None:
    code = "import datasets; assert datasets.Dataset and datasets.load_dataset; print(datasets.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not Path(done.stdout.strip()).is_relative_to(checkout / "datasets")


def test_the_folder_of_data_sets_is_no_python_package(checkout: Path) -> None:
    assert list((checkout / "datasets").rglob("*.py")) == []


def test_every_folder_of_data_sets_describes_itself(checkout: Path) -> None:
    for folder in (checkout / "datasets").iterdir():
        if folder.is_dir():
            assert (folder / "dataset.toml").is_file(), folder


def test_the_design_names_every_folder_and_every_room(checkout: Path) -> None:
    design = (checkout / "docs" / "design.md").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    places = [name.strip("/") for name in shared if (checkout / name.strip("/")).is_dir()]
    places += [f"robust/{init.parent.name}" for init in (checkout / "robust").glob("*/__init__.py")]
    assert len(places) > 20
    assert [place for place in places if not any(line.startswith(f"{place}/ ") for line in design)] == []


def test_nothing_imports_attacks_from_below(checkout: Path) -> None:
    for path in (checkout / "robust").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        assert not any(line.startswith(("import attacks", "from attacks")) for line in code.splitlines()), (
            path
        )


def test_no_result_can_depend_on_the_time_of_day():
    """Durations are taken from a clock that nobody can set."""
    for path in [*(ROOT / "robust").rglob("*.py"), *(ROOT / "attacks").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert "time.time(" not in text and "datetime.now" not in text and "utcnow" not in text, path
