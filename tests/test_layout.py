"""The tree is what it seems: ``datasets/`` holds data and never hides the Hugging Face library."""

from __future__ import annotations

import subprocess
import sys
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
