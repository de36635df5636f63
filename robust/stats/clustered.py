"""Means whose questions come in clusters (articles, paragraphs), with honest intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

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

    The standard error is the clustered one of Miller (2024, "Adding Error Bars to Evals", arXiv
    2411.00640), with the usual factor for few clusters (Cameron & Miller 2015, "CR1"):

        SE^2 = G/(G-1) * (1/n^2) * sum over the G clusters of (sum over the cluster of (s_i - m))^2

    Where every question is its own cluster that is the textbook error, s / sqrt(n). The interval is that of
    Student's t with G - 1 degrees of freedom: with 35 articles the normal is too narrow. Raises ValueError
    where there is no value.
    """
    n = len(values)
    if n == 0 or len(clusters) != n:
        raise ValueError(
            f"{n} values in {len(clusters)} clusters; expected at least one, and as many of each"
        )
    _, member = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    return clustered_mean_coded(values, member, confidence=confidence)


def clustered_mean_coded(
    values: NDArray[np.float64], member: NDArray[np.intp], *, confidence: float = 0.95
) -> ClusteredMean:
    """Return what ``clustered_mean`` does, of at least one value; ``member[i]``, from 0, is i's cluster.

    For thousands of means over the same clusters: names need not be compared again for each.
    """
    n = len(values)
    mean = float(np.mean(values))
    clusters = int(np.count_nonzero(np.bincount(member)))
    if clusters < 2:
        return ClusteredMean(mean, None, clusters, None, None)
    difference = np.asarray(values, dtype=np.float64) - mean
    totals = np.bincount(member, weights=difference)
    error = math.sqrt(clusters / (clusters - 1) * float(np.sum(totals**2))) / n
    reach = _quantile(0.5 + confidence / 2, clusters - 1) * error
    return ClusteredMean(mean, error, clusters, mean - reach, mean + reach)


@cache
def _quantile(probability: float, freedom: int) -> float:
    from scipy import stats

    return float(stats.t.ppf(probability, freedom))
