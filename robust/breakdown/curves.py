"""Accuracy against the number of edits, and against the number of attempts."""

from __future__ import annotations

import numpy as np

from robust.breakdown.levels import Trait
from robust.breakdown.pairs import BreakdownRow, Flags, Floats, Pairs, find
from robust.evaluation.paired import FIGURES

BY_EDITS, WORST_OF = "accuracy by edits", "worst of k"
_FIGURES = ("exact", "HasAns_exact", "HasAns_span_exact")


def edit_curve(pairs: Pairs, edits: Trait) -> list[BreakdownRow]:
    """Return exact match on the variants with 1, 2, 3 ... edits: ``<figure>_clean``, ``<figure>_perturbed``.

    Questions with many edits are longer and others than those with few, so each number of edits has the clean
    score of its own questions beside it; what falls between the two is the edits'.
    """
    at = edits.labels[pairs.variant]
    found: list[BreakdownRow] = []
    for level in edits.order:
        for figure in _FIGURES:
            column, half = FIGURES[figure]
            rows = pairs.of_half(half) & (at == level)
            for condition, scores in (("clean", pairs.clean), ("perturbed", pairs.perturbed)):
                found += find(
                    pairs,
                    100 * scores[column],
                    rows,
                    breakdown=BY_EDITS,
                    level=level,
                    figure=f"{figure}_{condition}",
                )
    return found


def worst_of(pairs: Pairs) -> list[BreakdownRow]:
    """Return the share of questions still right when the worst of the original and k variants counts.

    Level ``0`` is the clean score, ``k`` counts a question as right where the original and k of its variants,
    drawn from those it has, are all answered right (all of them where it has fewer): its expectation, without
    drawing. With n variants of which w are wrong that is C(n - w, k) / C(n, k) (as the unbiased
    pass@k of Chen et al. 2021, "Evaluating large language models trained on code", turned round). At the
    largest k it is the convention of Jia & Liang (2017). Several seeds count each by itself.
    """
    found: list[BreakdownRow] = []
    group = pairs.seed * len(pairs.questions) + pairs.question
    size = int(group.max()) + 1
    variants: Floats = np.bincount(group, minlength=size).astype(np.float64)
    for figure in _FIGURES:
        column, half = FIGURES[figure]
        if np.isnan(pairs.clean[column]).any():
            continue
        rows = pairs.of_half(half)
        misses = 1 - pairs.perturbed[column]
        wrong = np.asarray(np.bincount(group, weights=misses, minlength=size), dtype=np.float64)
        for k in range(int(variants.max()) + 1):
            survives = _survival(variants, wrong, k)[group]
            right = 100 * pairs.clean[column] * survives
            found += find(pairs, right, rows, breakdown=WORST_OF, level=str(k), figure=figure)
    return found


def _survival(variants: Floats, wrong: Floats, k: int) -> Floats:
    """Return C(n - w, k) / C(n, k), k at most n: the chance that k of n drawn hold none of w wrong ones."""
    chance = np.ones(len(variants))
    for drawn in range(k):
        left: Flags = variants > drawn
        among = np.where(left, variants - drawn, 1)
        chance *= np.where(left, np.maximum(variants - wrong - drawn, 0) / among, 1)
    return chance
