"""Seeds of a training as a further level: the interval of a mean for other clusters and other seeds."""

from __future__ import annotations

import math

from robust.stats.clustered import ClusteredMean


def seeds_interval(
    found: ClusteredMean, deviation: float, seeds: int, *, confidence: float = 0.95
) -> list[float] | None:
    """Return the interval of a mean over seeds for other articles **and** other seeds, in its unit.

    ``found`` is the mean with its error over articles, those of its own questions; ``deviation`` the standard
    deviation over ``seeds``. Articles and seeds are crossed, and their variances add:

        SE^2 = SE_articles^2 + sd^2 / seeds

    with the degrees of freedom of Satterthwaite (1946), SE^4 / (SE_articles^4 / (articles - 1) +
    (sd^2 / seeds)^2 / (seeds - 1)). The part of the variance that belongs to question and seed together
    is in both terms, which makes the interval a little too wide rather than too narrow. None where there is
    one article or one seed.
    """
    from scipy import stats

    if found.error is None or seeds < 2:
        return None
    of_articles = found.error**2
    of_seeds = deviation**2 / seeds
    total = of_articles + of_seeds
    if total == 0:
        return [found.mean, found.mean]
    freedom = total**2 / (of_articles**2 / (found.clusters - 1) + of_seeds**2 / (seeds - 1))
    half = float(stats.t.ppf(0.5 + confidence / 2, freedom)) * math.sqrt(total)
    return [found.mean - half, found.mean + half]
