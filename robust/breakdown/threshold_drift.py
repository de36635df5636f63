"""How much of the drop is the no-answer threshold's: the shift of the null odds, what re-tuning gives back.

The threshold is kept on perturbed questions. Here it is chosen again for them: cross-fitted (for each fifth
of the articles, the best on the perturbed questions of the others, as one might do in earnest), and as an
ORACLE (the best on these very questions). An oracle gains on clean questions too, so ``oracle on both`` has
it on either side. Nor is a reader's own threshold always well set, or one given as a number: what a better
one gains on clean questions already was not lost by rewording. ``cross-fitted on both`` has cross-fitted ones
on either side, ``given back (cross-fitted on both)`` is kept minus that.
"""

from __future__ import annotations

import numpy as np

from robust.breakdown.pairs import BreakdownRow, Flags, Floats, Pairs, find
from robust.evaluation.paired import FIGURES
from robust.reader.threshold import FOLDS, best_threshold
from robust.stats.contrast import clustered_difference

_FIGURES = ("exact", "HasAns_exact", "NoAns_exact")
DRIFT, NULL_ODDS, THRESHOLDS = "threshold drift", "null odds", "thresholds"


def threshold_drift(pairs: Pairs) -> list[BreakdownRow]:
    """Return the drop with the threshold kept and re-tuned, what that gives back, and the null odds' rise.

    Levels of the drops, in points: ``kept``, ``re-tuned (cross-fitted)``, ``re-tuned (oracle)``,
    ``cross-fitted on both``, ``oracle on both``; ``given back (...)`` is kept minus re-tuned.
    ``null odds`` has their mean rise, in logits (``HasAns_null_odds``, ``NoAns_null_odds``;
    ``null_odds_gap`` is the first less the second: where it is positive, answerable questions have come to
    look more like unanswerable ones, which no threshold mends). ``thresholds`` has the mean threshold, in
    logits, without an interval. Intervals take thresholds as given. Nothing where predictions are final.
    Where all questions are answerable, or none, the best threshold is never, or always, to abstain: there is
    none to tune.
    """
    if np.isnan(pairs.clean["null_odds"]).any() or np.isnan(pairs.perturbed["null_odds"]).any():
        return []
    kept = pairs.clean["em"] - pairs.perturbed["em"]
    levels, thresholds = {"kept": kept}, {"kept": pairs.perturbed["threshold"]}
    if pairs.answerable.any() and not pairs.answerable.all():
        weight = 1 / np.bincount(pairs.question)[pairs.question]
        crossed = cross_fitted_thresholds(pairs, pairs.perturbed, weight)
        oracle = oracle_thresholds(pairs, pairs.perturbed, weight)
        fitted = pairs.clean["em"] - scores_at(pairs, pairs.perturbed, crossed)
        best = pairs.clean["em"] - scores_at(pairs, pairs.perturbed, oracle)
        own = scores_at(pairs, pairs.clean, oracle_thresholds(pairs, pairs.clean, weight))
        before = scores_at(pairs, pairs.clean, cross_fitted_thresholds(pairs, pairs.clean, weight))
        even = before - scores_at(pairs, pairs.perturbed, crossed)
        levels |= {
            "re-tuned (cross-fitted)": fitted,
            "re-tuned (oracle)": best,
            "cross-fitted on both": even,
            "oracle on both": own - scores_at(pairs, pairs.perturbed, oracle),
            "given back (cross-fitted)": kept - fitted,
            "given back (oracle)": kept - best,
            "given back (cross-fitted on both)": kept - even,
        }
        thresholds |= {"re-tuned (cross-fitted)": crossed, "re-tuned (oracle)": oracle}
    found: list[BreakdownRow] = []
    for level, values in levels.items():
        for figure in _FIGURES:
            rows = pairs.of_half(FIGURES[figure][1])
            found += find(pairs, 100 * values, rows, breakdown=DRIFT, level=level, figure=figure)
    found += _null_odds(pairs)
    everything = np.ones(len(pairs.question), dtype=bool)
    for level, values in thresholds.items():
        for row in find(pairs, values, everything, breakdown=THRESHOLDS, level=level, figure="threshold"):
            found.append(row._replace(low=None, high=None))
    return found


def _null_odds(pairs: Pairs) -> list[BreakdownRow]:
    rise = pairs.perturbed["null_odds"] - pairs.clean["null_odds"]
    found: list[BreakdownRow] = []
    halves = []
    for half in ("HasAns", "NoAns"):
        rows = pairs.of_half(half)
        found += find(pairs, rise, rows, breakdown=NULL_ODDS, level="rise", figure=f"{half}_null_odds")
        means, kept = pairs.by_question(rise, rows)
        halves.append((means, pairs.article[kept]))
    (first, of_first), (second, of_second) = halves
    if len(first) and len(second):
        gap = clustered_difference(first, of_first, second, of_second)
        count = len(first) + len(second)
        bounds = (gap.mean, gap.low, gap.high, count, gap.clusters)
        found.append(BreakdownRow(NULL_ODDS, "rise", "null_odds_gap", *bounds))
    return found


def scores_at(pairs: Pairs, scores: dict[str, Floats], threshold: Floats) -> Floats:
    """Return the exact match of each row, were it to abstain above ``threshold``."""
    refused = (~pairs.answerable[pairs.question]).astype(np.float64)
    return np.where(scores["null_odds"] <= threshold, scores["span_em"], refused)


def _best(pairs: Pairs, scores: dict[str, Floats], weight: Floats, rows: Flags) -> float:
    refused = weight * ~pairs.answerable[pairs.question]
    span = weight * scores["span_em"]
    return best_threshold(scores["null_odds"][rows], span[rows], refused[rows])[0]


def oracle_thresholds(pairs: Pairs, scores: dict[str, Floats], weight: Floats) -> Floats:
    """Return each row's threshold: the best of its seed, on all questions, which count by ``weight``."""
    found = np.empty(len(pairs.question))
    for seed in np.unique(pairs.seed):
        rows = pairs.seed == seed
        found[rows] = _best(pairs, scores, weight, rows)
    return found


def cross_fitted_thresholds(pairs: Pairs, scores: dict[str, Floats], weight: Floats) -> Floats:
    """Return each row's threshold: the best of its seed on the articles of other folds, by ``weight``.

    Where all articles are in one fold there are no others, and the threshold stays as it was.
    """
    found = scores["threshold"].copy()
    fold = pairs.fold[pairs.question]
    for seed in np.unique(pairs.seed):
        own = pairs.seed == seed
        for number in range(FOLDS):
            others = own & (fold != number)
            if others.any():
                found[own & (fold == number)] = _best(pairs, scores, weight, others)
    return found
