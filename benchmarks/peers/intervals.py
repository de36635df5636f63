"""Intervals of exact match with whole clusters drawn: our bootstrap-t, and scipy's bootstrap, percentile.

11,873 questions by their 1,204 paragraphs, 10,000 resamples. scipy is what `evaluate`'s evaluator calls for
its intervals (there it draws questions, and scores all of them again for each resample: not run).
``result``: the ends.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from scoring import asked
from side import Clock, run

from robust.squad.metric import score


def _exact() -> tuple[Any, list[str]]:
    questions, predictions = asked()
    return 100 * score(questions, predictions).em, [q.paragraph_id for q in questions]


def ours(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Draw by this package."""
    from robust.stats.resampling import bootstrap

    values, clusters = _exact()
    times = 1 if quick else 5
    for _ in range(times):
        with clock.timed():
            found = bootstrap(values, clusters)
    return times, [found.low, found.high]


def scipy(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Draw by ``scipy.stats.bootstrap``."""
    from resampling import peer

    values, clusters = _exact()
    times = 1 if quick else 5
    for _ in range(times):
        with clock.timed():
            found = peer(values, clusters, "percentile")
    return times, [float(found.low), float(found.high)]


SIDES = {"robust": ours, "scipy": scipy}

if __name__ == "__main__":
    run(SIDES)
