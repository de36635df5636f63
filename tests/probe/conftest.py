"""Every test of this room has a home of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _at_home(own_home):
    """Use ``own_home`` whether or not a test asks for it."""
