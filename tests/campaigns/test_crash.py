"""The crash campaign in short: a few kills of three commands (by hand and nightly: 100 of all seven).

ROBUST_CAMPAIGN_KILLS=100 pytest tests/campaigns/test_crash.py
python -m tests.campaigns.crash --kills 100
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KILLS = os.environ.get("ROBUST_CAMPAIGN_KILLS")
# A machine that does other things, too, may let any process wait for seconds.
PATIENCE = ("--patience", "120")
SHORT = ("--kills", "3", "--flips", "1", "--only", "finetune", "review import", "leaderboard")


def test_killed_commands_end_as_if_nothing_had_happened() -> None:
    """In a process of its own: it forks, which one with the threads of other tests should not."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.crash", *(("--kills", KILLS) if KILLS else SHORT), *PATIENCE],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
