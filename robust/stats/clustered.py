"""Means whose questions come in clusters (articles, paragraphs), with honest intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """A mean, its clustered standard error, the number of clusters, and its confidence interval.

    With fewer than two clusters nothing can be said of the error: ``error``, ``low`` and ``high`` are None.
    """

    mean: float
    error: float | None
    clusters: int
    low: float | None
    high: float | None


def clustered_mean(
    values: NDArray[np.float64], clusters: Sequence[str], *, confidence: float = 0.95
) -> ClusteredMean:
    """Return the mean of ``values`` and its interval, where ``clusters[i]`` names the cluster of value i.

    The standard error is Miller's (2024, "Adding Error Bars to Evals", arXiv 2411.00640):

        SE_clustered^2 = SE^2 + (1/n^2) * sum over clusters of sum over i != j of (s_i - m)(s_j - m)

    with SE^2 = sum (s_i - m)^2 / (n (n - 1)), the interval that of Student's t with one degree of freedom
    less than there are clusters, because with 35 articles the normal is too narrow. The inner sums are
    had from each cluster's total: (sum d)^2 - sum d^2. Raises ValueError where there is no value.
    """
    from scipy import stats

    n = len(values)
    if n == 0 or len(clusters) != n:
        raise ValueError(
            f"{n} values in {len(clusters)} clusters; expected at least one, and as many of each"
        )
    mean = float(np.mean(values))
    names, member = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        return ClusteredMean(mean, None, len(names), None, None)
    difference = np.asarray(values, dtype=np.float64) - mean
    squares = np.bincount(member, weights=difference**2)
    totals = np.bincount(member, weights=difference)
    within = float(np.sum(totals**2 - squares))
    variance = float(squares.sum()) / (n * (n - 1)) + within / n**2
    # negative covariance within clusters can push the sum a little below zero
    error = math.sqrt(max(variance, 0.0))
    reach = float(stats.t.ppf(0.5 + confidence / 2, len(names) - 1)) * error
    return ClusteredMean(mean, error, len(names), mean - reach, mean + reach)
