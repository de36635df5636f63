"""What ``import robust`` offers: names that load late, and that a type checker knows each of."""

import pkgutil
import shutil
import subprocess
import sys
from importlib import import_module

import pytest

import robust


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_is_seen_is_what_is_offered_and_nothing_else():
    assert python("import robust; print(dir(robust))") == str(sorted(robust.__all__))
    assert {*robust._PUBLIC, "__version__"} == set(robust.__all__)


def test_importing_everything_brings_every_name():
    assert python("from robust import *; print(sorted({*dir()} & {*__import__('robust').__all__}))") == str(
        sorted(robust.__all__)
    )


def test_importing_robust_loads_no_module_but_itself():
    loaded = "[n for n in sys.modules if n.split('.')[0] in ('robust', 'attacks', 'numpy', 'torch')]"
    assert python(f"import sys, robust; print({loaded})") == "['robust']"


@pytest.mark.parametrize("name", sorted(robust._PUBLIC))
def test_a_name_is_what_its_module_defines_and_hides_no_package(name):
    module, own = robust._PUBLIC[name]
    assert getattr(robust, name) is getattr(import_module(module), own)
    assert name not in {found.name for found in pkgutil.iter_modules(robust.__path__)}


def test_a_type_checker_knows_every_name_and_finds_a_misspelt_one(tmp_path):
    pytest.importorskip("mypy")
    script, package = tmp_path / "script.py", tmp_path / "robust" / "__init__.py"
    package.parent.mkdir()  # in site-packages, where it may be, mypy takes every file for the user's own
    shutil.copy(str(robust.__file__), package)
    known = "\n".join(f"robust.{name}" for name in robust.__all__)
    script.write_text(f"import robust\n{known}\nrobust.evaluat\n", encoding="utf-8")
    # what robust imports is left out: only its own names are in question, and torch takes a minute
    command = ["--strict", "--config-file=", "--follow-imports=skip", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *command, str(package), str(script)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [line for line in done.stdout.splitlines() if "script.py" in line]
    assert len(found) == 1, done.stdout + done.stderr
    assert found[0].startswith(f"script.py:{len(robust.__all__) + 2}: error: Module has no attribute"), found
    assert done.returncode == 1
