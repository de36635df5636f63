"""Fixtures that every test may use."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

# Each xdist worker has a core: torch's threads would only wait for one another. Before torch is imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# What a shell or a CI says of its screen is not what commands are tested on. Before rich is imported.
_OF_SCREENS = "FORCE_COLOR CLICOLOR_FORCE MYPY_FORCE_COLOR PY_COLORS NO_COLOR COLUMNS LINES TTY_COMPATIBLE"
for name in [*_OF_SCREENS.split(), "GITHUB_STEP_SUMMARY"]:
    os.environ.pop(name, None)

try:
    from hypothesis import HealthCheck, settings
except ImportError:  # where only some tests are to run, as on a machine with a GPU
    pass
else:
    # How long an example takes says more of what else the machine does than of the code. And a run whose
    # examples are its own fails by chance: look for new ones by hand, with --hypothesis-profile search.
    settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("repeatable", settings.get_profile("search"), derandomize=True, database=None)
    settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def robust_data() -> Path:
    """Return the folder of real data; skip without it, but fail in CI, where it must be there."""
    value = os.environ.get("ROBUST_DATA")
    if value and Path(value).is_dir():
        return Path(value).resolve()
    reason = "needs the real data sets: set ROBUST_DATA to their folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def tiny() -> SimpleNamespace:
    """Return what tests/tiny.py defines: a tiny reader, its tokenizer and questions."""
    # here, not above: it imports torch, which most tests do without
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "tiny.py")))


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point ROBUST_HOME at an empty folder, and keep the hub out of it."""
    home = tmp_path / "home"
    monkeypatch.setenv("ROBUST_HOME", str(home))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return home
