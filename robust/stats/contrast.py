"""The difference of the means of two groups of questions that share their clusters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import ClusteredMean, clustered_mean_coded


def clustered_difference(
    first: NDArray[np.float64],
    first_member: NDArray[np.intp],
    second: NDArray[np.float64],
    second_member: NDArray[np.intp],
) -> ClusteredMean:
    """Return mean(first) - mean(second) with its clustered error; ``member[i]``, from 0, is i's cluster.

    An article has questions in both groups, so that their means are not independent. Linearised (Cameron &
    Miller 2015), value i of the first group adds (x_i - mean) / n_1 to the difference, one of the second
    takes (x_i - mean) / n_2 away; the error is that of the sum over whole clusters, as in
    ``clustered_mean``. With every value a cluster of its own it is Welch's. Both groups need a value.
    """
    total = len(first) + len(second)
    gap = float(np.mean(first)) - float(np.mean(second))
    moved = np.concatenate(
        [
            gap + total / len(first) * (first - np.mean(first)),
            gap - total / len(second) * (second - np.mean(second)),
        ]
    )
    return clustered_mean_coded(moved, np.concatenate([first_member, second_member]))
