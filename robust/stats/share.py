"""The interval of a share whose questions come in clusters, also where all of them agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import clustered_mean
from robust.stats.wilson import wilson

# fewer clusters say little of how clusters differ: Student's t on so few is wider than the scale
LEAST_CLUSTERS = 5


def share_interval(values: NDArray[np.float64], clusters: Sequence[str]) -> list[float] | None:
    """Return the 95 % interval of the mean of ``values`` (each in [0, 1]), itself within [0, 1].

    That of ``clustered_mean``. Where every cluster has the same share, such as none or all, clusters show no
    spread and that interval would have no width: then it is Wilson's with clusters for cases. None with fewer
    than two clusters. Raises ValueError where there is no value.
    """
    found = clustered_mean(values, clusters)
    if found.error is None:
        return None
    if found.low is None or found.high is None:
        return wilson(found.mean * found.clusters, found.clusters)
    return [max(found.low, 0.0), min(found.high, 1.0)]


def interval(values: Sequence[float], clusters: Sequence[str]) -> tuple[list[float], str]:
    """Return the 95 % interval of a share of cases, in [0, 1], and its kind: wilson or clustered.

    ``values`` are 0 (or False) and 1, or between them where a case counts in part. Clustered where cases
    come from ``LEAST_CLUSTERS`` clusters or more and some share one. Where all clusters have the same share,
    they show no spread: then it is Wilson's with clusters for cases.
    """
    groups = len(set(clusters))
    if groups < LEAST_CLUSTERS or groups == len(values):
        return wilson(sum(values), len(values)), "wilson"
    bounds = share_interval(np.asarray(values, dtype=np.float64), clusters)
    assert bounds is not None  # there are several clusters
    return bounds, "clustered"
