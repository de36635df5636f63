"""One reader's exact match on a set under several ways of scoring: fair ones, and some that make a collapse.

Google's code for ELECTRA writes the best span that is not "no answer" to its predictions, and abstains
through a second file with a threshold of -2.75 logits. Who scores the first file alone counts every
unanswerable question as wrong; who keeps that number on reworded questions counts as wrong whatever a rise of
the odds turns into abstention; who gives one side alone the best threshold makes a difference where there is
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from robust.breakdown.pairs import Pairs, pair_rows
from robust.breakdown.threshold_drift import cross_fitted_thresholds, oracle_thresholds, scores_at
from robust.reader.threshold import NEVER

if TYPE_CHECKING:
    import pandas as pd

GOOGLE = -2.75
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """A way of scoring and the exact match it gives, in percent, mean over seeds.

    ``trick``: it treats the two sides unlike, or by a number from elsewhere. ``kept``: what the suite does.
    """

    said: str
    clean: float
    perturbed: float
    trick: bool = False
    kept: bool = False


def ways(rows: pd.DataFrame) -> Sequence[Scored]:
    """Return a set's exact match under each way of scoring; ``rows`` are one reader's, of one set and arm."""
    pairs = pair_rows(rows)
    weight = 1 / np.bincount(pairs.question)[pairs.question]
    before, after = pairs.clean, pairs.perturbed

    def at(side: dict[str, _Floats], threshold: _Floats | float) -> float:
        values = scores_at(pairs, side, np.broadcast_to(np.asarray(threshold), weight.shape))
        return 100 * _mean(pairs, values)

    kept = before["threshold"]
    best = oracle_thresholds(pairs, before, weight)

    def fitted(side: dict[str, _Floats]) -> _Floats:
        return cross_fitted_thresholds(pairs, side, weight)

    return (
        Scored("threshold of clean questions, kept", at(before, kept), at(after, kept), kept=True),
        Scored("cross-fitted on both sides", at(before, fitted(before)), at(after, fitted(after))),
        Scored("oracle on both sides", at(before, best), at(after, oracle_thresholds(pairs, after, weight))),
        Scored("never abstains, both sides", at(before, NEVER), at(after, NEVER)),
        Scored(
            "oracle on the clean side alone, kept threshold on the other",
            at(before, best),
            at(after, kept),
            trick=True,
        ),
        Scored(f"fixed at {GOOGLE} logits", at(before, GOOGLE), at(after, GOOGLE), trick=True),
        Scored("abstains when clean, never when perturbed", at(before, kept), at(after, NEVER), trick=True),
        Scored(
            "oracle when clean, never abstains when perturbed", at(before, best), at(after, NEVER), trick=True
        ),
    )


def _mean(pairs: Pairs, values: _Floats) -> float:
    means, _ = pairs.by_question(values, np.ones(len(values), dtype=bool))
    return float(means.mean())
