"""Means whose questions come in clusters (articles, paragraphs), with honest intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.stats.clusters import ClusterSums, cluster_sums, coded_sums
from robust.stats.student import t_quantile, two_sided_p


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """A mean, its clustered standard error, the number of clusters, and its confidence interval.

    With fewer than two clusters nothing can be said of the error: ``error``, ``low`` and ``high`` are None.
    Where all clusters have the same mean, ``error`` is 0 and the bounds are None: no spread was seen, and an
    interval of no width would claim that there is none.
    """

    mean: float
    error: float | None
    clusters: int
    low: float | None
    high: float | None

    @property
    def p(self) -> float | None:
        """The two-sided p of mean 0, by t with clusters - 1 degrees of freedom; None where error is.

        Where all clusters have the same mean, that of flipping their signs, 2 of 2^clusters.
        """
        if self.error is None:
            return None
        if self.error == 0:
            return 1.0 if self.mean == 0 else 2.0 ** (1 - self.clusters)
        return two_sided_p(self.mean / self.error, self.clusters - 1)


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
    return mean_of_sums(cluster_sums(values, clusters), confidence=confidence)


def clustered_mean_coded(
    values: NDArray[np.float64], member: NDArray[np.intp], *, confidence: float = 0.95
) -> ClusteredMean:
    """Return what ``clustered_mean`` does, of at least one value; ``member[i]``, from 0, is i's cluster.

    For thousands of means over the same clusters: names need not be compared again for each.
    """
    return mean_of_sums(coded_sums(values, member), confidence=confidence)


def mean_of_sums(sums: ClusterSums, *, confidence: float = 0.95) -> ClusteredMean:
    """Return what ``clustered_mean`` does, of values summed by cluster."""
    groups = len(sums.totals)
    if groups < 2:
        return ClusteredMean(sums.mean, None, groups, None, None)
    return interval_around(sums.mean, sums.error, groups, confidence=confidence)


def interval_around(mean: float, error: float, clusters: int, *, confidence: float = 0.95) -> ClusteredMean:
    """Return a mean and its error with the interval of Student's t, ``clusters`` - 1 degrees of freedom."""
    if error == 0:
        return ClusteredMean(mean, error, clusters, None, None)
    reach = t_quantile(0.5 + confidence / 2, clusters - 1) * error
    return ClusteredMean(mean, error, clusters, mean - reach, mean + reach)
