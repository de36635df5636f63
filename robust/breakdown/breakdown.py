"""Every breakdown of a run in one tidy table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from robust.breakdown.flips import flips
from robust.breakdown.pairs import Finding, pair_rows
from robust.evaluation.scores import PERTURBED, arms_of

if TYPE_CHECKING:
    import pandas as pd

    from robust.runs import Run


def breakdown(run: Run, sets: Mapping[str, Path | None]) -> pd.DataFrame:
    """Return a run broken down: one row a figure of a level of a breakdown of an arm of a set.

    Columns: set, arm, breakdown, level, figure, value, low, high (95 %, clustered by article; NaN where there
    are fewer than two articles), questions, clusters.
    """
    import pandas as pd

    frames = []
    for name, rows in run.scores.groupby("set", sort=False):
        for arm in arms_of(rows):
            own = rows[rows["arm"] == arm]
            if not (own["condition"] == PERTURBED).any():
                continue
            found = pd.DataFrame(flips(pair_rows(own)), columns=Finding._fields)
            found.insert(0, "arm", arm)
            found.insert(0, "set", name)
            frames.append(found)
    if not frames:
        return pd.DataFrame(columns=["set", "arm", *Finding._fields])
    return pd.concat(frames, ignore_index=True).astype({"low": float, "high": float})
