"""Fixtures: the tiny reader of tests/tiny.py, and a home of our own."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

_TINY = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent.parent / "tiny.py")))


@pytest.fixture(scope="session")
def tiny() -> SimpleNamespace:
    """Return what tests/tiny.py defines."""
    return _TINY


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch) -> Path:
    """Point ROBUST_HOME at an empty folder, and keep the hub out of it."""
    home = tmp_path / "home"
    monkeypatch.setenv("ROBUST_HOME", str(home))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return home
