"""The difference of the means of two groups of questions that share their clusters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import ClusteredMean, interval_around
from robust.stats.clusters import ROUNDING

_Floats = NDArray[np.float64]


def clustered_difference(
    first: NDArray[np.float64],
    first_member: NDArray[np.intp],
    second: NDArray[np.float64],
    second_member: NDArray[np.intp],
) -> ClusteredMean:
    """Return mean(first) - mean(second) with its clustered error; ``member[i]``, from 0, is i's cluster.

    An article has questions in both groups, so that their means are not independent. Linearised (Cameron &
    Miller 2015), cluster g moves the mean of group k by r_kg / n_k, the total of its deviations from that
    mean over the group's size; with G_k the clusters that have any of group k

        SE^2 = sum over clusters of (c_1 r_1g / n_1 - c_2 r_2g / n_2)^2,    c_k^2 = G_k / (G_k - 1)

    and the interval is that of Student's t with min(G_1, G_2) - 1 degrees of freedom: few clusters on one
    side know little of their mean, however many the other has. ``clusters`` is that minimum. With every value
    a cluster of its own the error is Welch's; his degrees of freedom are more. The error is None where a
    group has fewer than two clusters, or no spread between them. Both groups need a value; ValueError where
    one is no finite number.
    """
    groups = 1 + int(max(first_member.max(), second_member.max()))
    gap = float(np.mean(first)) - float(np.mean(second))
    one, of_first = _moves(first, first_member, groups)
    other, of_second = _moves(second, second_member, groups)
    fewest = min(of_first, of_second)
    if fewest < 2 or not one.any() or not other.any():
        return ClusteredMean(gap, None, fewest, None, None)
    moves = one - other
    if np.all(np.abs(moves) <= ROUNDING * (np.abs(one) + np.abs(other))):
        return interval_around(gap, 0.0, fewest)
    return interval_around(gap, math.sqrt(float(moves @ moves)), fewest)


def _moves(values: _Floats, member: NDArray[np.intp], groups: int) -> tuple[_Floats, int]:
    """Return c r_g / n of each cluster (0 where that is but rounding) and the number of clusters."""
    if not np.isfinite(values).all():
        raise ValueError("a value is not a finite number: it has no mean, and no test")
    mean = float(np.mean(values))
    totals = np.bincount(member, weights=values - mean, minlength=groups)
    scale = np.bincount(member, weights=np.abs(values) + abs(mean), minlength=groups)
    totals = np.where(np.abs(totals) <= ROUNDING * scale, 0.0, totals)
    present = int(np.count_nonzero(np.bincount(member, minlength=groups)))
    factor = math.sqrt(present / (present - 1)) if present > 1 else 1.0
    return np.asarray(factor / len(values) * totals, dtype=np.float64), present
