"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


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
