"""The drop, level by level: of each level alone, and against all other questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from robust.breakdown.pairs import BreakdownRow, Floats, Pairs, breakdown_row
from robust.evaluation.paired import FIGURES
from robust.stats.clustered import clustered_mean_coded
from robust.stats.contrast import clustered_difference

# the drop that no threshold can move, the one with the threshold kept, and the one over all questions
DROPS = ("HasAns_span_exact", "HasAns_exact", "exact")
AGAINST_REST = "_against_rest"
NONE = "none"

Labels = NDArray[np.object_]


class Trait(NamedTuple):
    """A trait by name: the level of each variant, and the levels in their order (``NONE`` goes unsaid)."""

    name: str
    labels: Labels
    order: tuple[str, ...]


def by_level(
    pairs: Pairs, trait: Trait, figures: Sequence[str] = DROPS, *, rest: bool = True
) -> list[BreakdownRow]:
    """Return the drop of each level in points, and its difference from that of all other questions.

    The second figure, ``<figure>_against_rest``, is the drop of the level minus that of the rest, with
    an interval that minds the articles both share (none where either side has one article, or articles
    that do not differ); its ``clusters`` are the fewer articles. Without ``rest`` it is left out. A
    question counts at a level by the mean over its variants there. Nothing is returned where all variants
    are at ``NONE``.
    """
    breakdown, labels, order = trait
    present = set(labels)
    if present <= {NONE}:
        return []
    of_row = labels[pairs.variant]
    found: list[BreakdownRow] = []
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
            found.append(breakdown_row(breakdown, level, figure, mean, len(kept)))
            if not rest:
                continue
            outside, others = pairs.by_question(values, rows & ~at)
            if len(others):
                gap = clustered_difference(inside, pairs.article[kept], outside, pairs.article[others])
                found.append(breakdown_row(breakdown, level, figure + AGAINST_REST, gap, len(kept)))
    return found


def band(values: Floats, edges: Sequence[float], names: Sequence[str]) -> Labels:
    """Return the name of the band each value lies in: ``names[i]`` from ``edges[i - 1]`` on; NaN is NONE."""
    labels = np.asarray(names, dtype=object)[np.digitize(np.nan_to_num(values), edges)]
    labels[np.isnan(values)] = NONE
    return labels
