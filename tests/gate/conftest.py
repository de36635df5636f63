"""Every test of this room has a home of its own, and made-up runs over a set of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from robust.gate.thresholds import make_threshold
from tests.made_run import EVEN, NONE, UNEVEN, make_run, make_set


@pytest.fixture(autouse=True)
def _at_home(own_home):
    """Use ``own_home`` whether or not a test asks for it."""


@pytest.fixture(scope="session")
def castles(tmp_path_factory) -> Path:
    """Return a folder with a set, ``keys``, and runs over it: even, uneven, none, abstains."""
    root = tmp_path_factory.mktemp("castles")
    folder = make_set(root / "keys")
    for name, fell in {"even": EVEN, "uneven": UNEVEN, "none": NONE, "abstains": "abstains"}.items():
        make_run(root / name, folder, fell)
    return root


@pytest.fixture
def asked(castles):
    """Return a function that makes a threshold on one of the runs."""

    def make(run, **values):
        values = {"run": str(castles / run), "set": str(castles / "keys"), "max_drop": 5.0} | values
        return make_threshold(values, "test", castles)

    return make
