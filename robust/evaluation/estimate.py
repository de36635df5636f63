"""One figure over questions and all that is said of it: intervals, p, and what could have been seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import clustered_mean

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The article and the paragraph of each question."""

    article: list[str]
    paragraph: list[str]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean in points with its 95 % intervals, clustered by article and by paragraph.

    ``p`` is of the mean being zero, by whole articles; ``minimum_detectable`` the effect that such data would
    show with 80 % power at 5 %. None: too few clusters, or not asked for.
    """

    value: float
    error: float | None
    low: float | None
    high: float | None
    low_paragraph: float | None
    high_paragraph: float | None
    p: float | None
    minimum_detectable: float | None
    questions: int
    clusters: int


def estimate(values: Values, clusters: Clusters, *, test: bool = True, seed: int = 0) -> Estimate:
    """Return what is said of the mean of ``values`` (one a question, in points; drops and differences).

    ``test`` False: a level such as a clean score, of which zero is no hypothesis. ``seed`` is of the
    resampling.
    """
    from scipy import stats

    found = clustered_mean(values, clusters.article)
    beside = clustered_mean(values, clusters.paragraph)
    p = None
    if test and found.error is not None:
        p = float(2 * stats.t.sf(abs(found.mean) / found.error, found.clusters - 1)) if found.error else 1.0
    return Estimate(
        found.mean,
        found.error,
        found.low,
        found.high,
        beside.low,
        beside.high,
        p,
        None,
        len(values),
        found.clusters,
    )
