"""The licence list refuses what binds those who import it."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "licences.py"
refused = runpy.run_path(str(TOOL))["refused"]


@pytest.mark.parametrize(
    "said", ["MIT", "BSD-3-Clause AND 0BSD AND Zlib", "MIT OR GPL-3.0-only", "LGPL-2.1-or-later",
             "Apache 2.0", "GNU Lesser General Public License v3 (LGPLv3)", "MPL-2.0 AND MIT"],
)  # fmt: skip
def test_what_may_be_imported_is_taken(said: str) -> None:
    assert not refused(said)


@pytest.mark.parametrize(
    "said", ["", "UNKNOWN", "GPL-3.0-only", "MIT AND GPL-2.0-only", "AGPL-3.0", "Proprietary", "SSPL-1.0",
             "GNU General Public License v3 (GPLv3)", "GNU General Public License"],
)  # fmt: skip
def test_what_binds_or_is_not_known_is_refused(said: str) -> None:
    assert refused(said)
