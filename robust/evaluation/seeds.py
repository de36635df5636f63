"""Several seeds of one training as one result: means over seeds, and how sure they are.

Two questions are answered side by side. *These readers, other articles*: a question counts by its mean
over seeds, and the interval is clustered by article as everywhere. *Other seeds too*: the variance of the
seeds' figures is added to it (``robust.stats.seeds``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.evaluation.changed import SHARES
from robust.evaluation.paired import FIGURES
from robust.evaluation.summary import Figures, clustered_by_article, summarise_set
from robust.stats.seeds import seeds_interval, spread_of

if TYPE_CHECKING:
    import pandas as pd

# of the summary of all rows together these hold for the mean over seeds; everything else is averaged
_POOLED = {"interval", "drop_interval", "drop_interval_paragraph"}
_PARTS = ("original", "perturbed", "drop")


def summarise_seeds(rows: pd.DataFrame) -> Figures:
    """Return the figures of one set's score rows of any number of seeds.

    For one seed those of ``summarise_set``. For several, every figure is the mean over seeds, the oracle
    lines too (each seed's own), and intervals are those of the per-question means over seeds. Beside them
    ``seeds`` holds ``numbers`` (the seeds), ``sd`` (standard deviation over seeds, n - 1, of
    every figure: of a plain file by figure, of a set under ``original``, ``perturbed`` and ``drop``) and
    ``interval`` (of a set: of its drop), which takes seeds as a further level.
    """
    numbers = sorted(int(seed) for seed in rows["seed"].unique())
    if len(numbers) == 1:
        return summarise_set(rows)
    each = [summarise_set(rows[rows["seed"] == seed]) for seed in numbers]
    pooled = summarise_set(rows)
    if "changed" in pooled:
        # a seed that was right on nothing has no share
        shares = {key: [one["changed"][key] for one in each if key in one["changed"]] for key in SHARES}
        sd = {key: spread_of(own)[0] for key, own in shares.items() if len(own) > 1}
        return pooled | {"seeds": {"numbers": numbers, "sd": sd}}
    summary = _mean(each, pooled)
    spread: dict[str, Any]
    if "original" in summary:
        spread = {part: _deviations([one[part] for one in each]) for part in _PARTS}
        deviations = spread["drop"]
    else:
        spread = deviations = _deviations(each)
    level = {
        key: seeds_interval(found, deviations[key], len(each))
        for key, found in clustered_by_article(rows).items()
    }
    return summary | {"seeds": {"numbers": numbers, "sd": spread, "interval": level}}


def _mean(each: Sequence[Any], pooled: Mapping[str, Any]) -> Figures:
    """Return the seeds' figures averaged, but for what the rows together say better."""
    found: Figures = {}
    for key, value in each[0].items():
        values = [one[key] for one in each]
        if key in _POOLED:
            found[key] = pooled[key]
        elif isinstance(value, Mapping):
            found[key] = _mean(values, pooled[key])
        else:
            mean = float(np.mean(values))
            found[key] = int(mean) if isinstance(value, int) and mean == int(mean) else mean
    return found


def _deviations(each: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    names = [*FIGURES, "best_exact", "best_f1"]
    return {key: spread_of([one[key] for one in each])[0] for key in names if key in each[0]}
