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

    The standard error is the clustered one of Miller (2024, "Adding Error Bars to Evals", arXiv
    2411.00640), with the usual factor for few clusters (Cameron & Miller 2015, "CR1"):

        SE^2 = G/(G-1) * (1/n^2) * sum over the G clusters of (sum over the cluster of (s_i - m))^2

    Where every question is its own cluster that is the textbook error, s / sqrt(n). The interval is that of
    Student's t with G - 1 degrees of freedom: with 35 articles the normal is too narrow. Raises ValueError
    where there is no value.
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
    totals = np.bincount(member, weights=difference)
    error = math.sqrt(len(names) / (len(names) - 1) * float(np.sum(totals**2))) / n
    reach = float(stats.t.ppf(0.5 + confidence / 2, len(names) - 1)) * error
    return ClusteredMean(mean, error, len(names), mean - reach, mean + reach)
