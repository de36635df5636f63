"""The drop, level by level: of each level alone, and against all other questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.breakdown.pairs import Finding, Floats, Pairs, finding
from robust.evaluation.paired import FIGURES
from robust.stats.clustered import clustered_mean_coded
from robust.stats.contrast import clustered_difference

# the drop that no threshold can move, the one with the threshold kept, and the one over all questions
DROPS = ("HasAns_span_exact", "HasAns_exact", "exact")
AGAINST_REST = "_against_rest"
NONE = "none"

Labels = NDArray[np.object_]


def by_level(
    pairs: Pairs, breakdown: str, labels: Labels, order: Sequence[str], figures: Sequence[str] = DROPS
) -> list[Finding]:
    """Return the drop of each level in points, and its difference from that of all other questions.

    ``labels`` has one level a variant, ``order`` names the levels in their order (``NONE``, which comes last,
    need not be named). The second figure, ``<figure>_against_rest``, is the drop of the level minus that of
    the rest, with an interval that minds the articles both share. A question counts at a level by
    the mean over its variants there. Nothing is returned where all variants are at ``NONE``.
    """
    present = set(labels)
    if present <= {NONE}:
        return []
    of_row = labels[pairs.variant]
    found: list[Finding] = []
    for level in (*order, NONE):
        if level not in present:
            continue
        at = of_row == level
        for figure in figures:
            column, half = FIGURES[figure]
            rows = pairs.of_half(half)
            values = pairs.drop(column)
            inside, kept = pairs.by_question(values, rows & at)
            if not len(kept) or np.isnan(inside).any():
                continue
            mean = clustered_mean_coded(inside, pairs.article[kept])
            found.append(finding(breakdown, level, figure, mean, len(kept)))
            outside, others = pairs.by_question(values, rows & ~at)
            if len(others):
                gap = clustered_difference(inside, pairs.article[kept], outside, pairs.article[others])
                found.append(finding(breakdown, level, figure + AGAINST_REST, gap, len(kept)))
    return found


def band(values: Floats, edges: Sequence[float], names: Sequence[str]) -> Labels:
    """Return the name of the band each value lies in: ``names[i]`` from ``edges[i - 1]`` on; NaN is NONE."""
    labels = np.asarray(names, dtype=object)[np.digitize(np.nan_to_num(values), edges)]
    labels[np.isnan(values)] = NONE
    return labels
