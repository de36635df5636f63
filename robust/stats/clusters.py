"""Values summed by cluster: all that a mean over clusters, its error and its resamples need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# what is left of a sum of equal numbers by rounding, relative to the numbers
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """``totals[g]`` is the sum of the values of cluster g, ``sizes[g]`` their number; in the names' order.

    The order is that of the sorted names, so that resamples do not depend on the order of rows.
    """

    totals: NDArray[np.float64]
    sizes: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return float(self.totals.sum() / self.sizes.sum())

    @property
    def error(self) -> float:
        """The clustered standard error (see ``clustered_mean``); 0.0 where clusters differ by rounding only.

        Of a single cluster it is 0.0 too, which says nothing: ask for ``len(totals)`` first.
        """
        groups = len(self.totals)
        if groups < 2:
            return 0.0
        residuals = self.totals - self.mean * self.sizes
        if np.all(np.abs(residuals) <= ROUNDING * (np.abs(self.totals) + self.sizes * abs(self.mean))):
            return 0.0
        return math.sqrt(groups / (groups - 1) * float(residuals @ residuals)) / float(self.sizes.sum())


def cluster_sums(values: NDArray[np.float64], clusters: Sequence[str]) -> ClusterSums:
    """Return the sums of ``values`` by cluster, where ``clusters[i]`` names the cluster of value i.

    A sum that is but rounding is 0. Raises ValueError where there is no value, not as many values as names,
    or a value that is no finite number.
    """
    n = len(values)
    if n == 0 or len(clusters) != n:
        raise ValueError(
            f"{n} values in {len(clusters)} clusters; expected at least one, and as many of each"
        )
    return coded_sums(values, codes(clusters))


def codes(clusters: Sequence[str]) -> NDArray[np.intp]:
    """Return the number of each name's cluster, from 0 in the order of the sorted names."""
    place = {name: g for g, name in enumerate(sorted(set(clusters)))}
    return np.fromiter(map(place.__getitem__, clusters), dtype=np.intp, count=len(clusters))


def coded_sums(values: NDArray[np.float64], member: NDArray[np.intp]) -> ClusterSums:
    """Return the sums of at least one value by cluster, where ``member[i]``, from 0, is the cluster of i."""
    weights = np.asarray(values, dtype=np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("a value is not a finite number: it has no mean, and no test")
    totals = np.asarray(np.bincount(member, weights=weights), dtype=np.float64)
    sizes = np.bincount(member)
    totals = np.where(np.abs(totals) <= ROUNDING * np.bincount(member, weights=np.abs(weights)), 0.0, totals)
    return ClusterSums(totals[sizes > 0], sizes[sizes > 0].astype(np.float64))
