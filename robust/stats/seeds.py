"""Seeds of a training as a further level: the interval of a mean for other clusters and other seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from robust.stats.clustered import ClusteredMean
from robust.stats.student import t_quantile


def spread_of(means: Sequence[float]) -> tuple[float, int]:
    """Return the standard deviation over seeds of a figure (n - 1; one seed: 0), and the number of seeds.

    ``means`` has the figure of each seed; none where there is one seed, not told apart from all.
    """
    return (float(np.std(means, ddof=1)) if len(means) > 1 else 0.0), max(1, len(means))


def seeds_interval(
    found: ClusteredMean, deviation: float, seeds: int, *, confidence: float = 0.95
) -> list[float] | None:
    """Return the interval of a mean over seeds for other articles **and** other seeds, in its unit.

    ``found`` is the mean with its error over articles, those of its own questions; ``deviation`` the standard
    deviation over ``seeds``: ``crossed_interval`` of one model.
    """
    return crossed_interval(found, [(deviation, seeds)], confidence=confidence)


def crossed_interval(
    found: ClusteredMean, spread: Sequence[tuple[float, int]], *, confidence: float = 0.95
) -> list[float] | None:
    """Return the interval of a mean, or of a difference of two, for other articles **and** other seeds.

    Student's t around ``crossed_error``; None where that is None or 0, for then no spread was seen.
    """
    error, freedom = crossed_error(found, spread) or (0.0, math.inf)
    if error == 0:
        return None
    half = t_quantile(0.5 + confidence / 2, freedom) * error
    return [found.mean - half, found.mean + half]


def crossed_error(found: ClusteredMean, spread: Sequence[tuple[float, int]]) -> tuple[float, float] | None:
    """Return the standard error of a mean over articles and seeds, and its degrees of freedom.

    ``spread`` has the ``spread_of`` each model that goes into the mean (of a difference taken seed by seed:
    its own, once). Articles and seeds are crossed, and their variances add, those of two trainings too, which
    are taken as independent:

        SE^2 = SE_articles^2 + sum of sd^2 / seeds

    with the degrees of freedom of Satterthwaite (1946), SE^4 / (SE_articles^4 / (articles - 1) +
    sum of (sd^2 / seeds)^2 / (seeds - 1)). The part of the variance that belongs to question and seed
    together is in both terms, which makes the interval a little too wide rather than too narrow. Trainings
    that share their seeds' data and order may move alike, which makes it wider than it need be, too. None
    with one article, or where a model has one seed, whose spread nobody knows.
    """
    if found.error is None or not spread or any(seeds < 2 for _, seeds in spread):
        return None
    parts = [(found.error**2, found.clusters - 1), *((sd**2 / n, n - 1) for sd, n in spread)]
    total = sum(variance for variance, _ in parts)
    if total == 0:
        return 0.0, math.inf
    return math.sqrt(total), total**2 / sum(variance**2 / own for variance, own in parts)
