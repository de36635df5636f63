"""The interval of a share whose questions come in clusters, also where all of them agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import clustered_mean
from robust.stats.wilson import wilson


def share_interval(values: NDArray[np.float64], clusters: Sequence[str]) -> list[float] | None:
    """Return the 95 % interval of the mean of ``values`` (each in [0, 1]), itself within [0, 1].

    That of ``clustered_mean``. Where every cluster has the same share, such as none or all, clusters show no
    spread and that interval would have no width: then it is Wilson's with clusters for cases. None with fewer
    than two clusters. Raises ValueError where there is no value.
    """
    found = clustered_mean(values, clusters)
    if found.low is None or found.high is None:
        return None
    if not found.error:
        return wilson(round(found.mean * found.clusters), found.clusters)
    return [max(found.low, 0.0), min(found.high, 1.0)]
