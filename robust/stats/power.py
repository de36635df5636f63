"""Power: what a comparison could have shown, and how many questions the next one needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.stats.clusters import ROUNDING, cluster_sums
from robust.stats.student import t_below, t_quantile


def minimum_detectable(
    error: float, degrees_of_freedom: float, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return the least true mean that a two-sided t test finds with chance ``power``, in error's unit.

    (t(1 - alpha/2) + t(power)) * error, with ``degrees_of_freedom`` (clusters - 1; infinite: the normal);
    Bloom 1995, "Minimum Detectable Effects".
    """
    outside, inside = _quantiles(power, alpha, degrees_of_freedom)
    return (outside + inside) * error


def questions_needed(
    difference: float,
    discordance: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    design_effect: float = 1.0,
    degrees_of_freedom: float = math.inf,
) -> int:
    """Return how many questions show a drop of ``difference`` with chance ``power``.

    ``difference`` and ``discordance`` (the share of questions that turn, either way) are shares of 1. That
    of McNemar's test (Connor 1987), times the design effect of clustered questions, which must be that of so
    many questions (see ``questions_in_clusters``):

        n = (q(1 - alpha/2) sqrt(discordance) + q(power) sqrt(discordance - difference^2))^2 / difference^2

    with q the quantiles of t with ``degrees_of_freedom``, of the normal where they are infinite. Raises
    ValueError unless 0 < |difference| <= discordance <= 1.
    """
    _check(difference, discordance)
    outside, inside = _quantiles(power, alpha, degrees_of_freedom)
    reach = outside * math.sqrt(discordance) + inside * math.sqrt(discordance - difference**2)
    return math.ceil(design_effect * (reach / difference) ** 2)


def power_of(
    questions: float,
    difference: float,
    discordance: float,
    *,
    alpha: float = 0.05,
    design_effect: float = 1.0,
    degrees_of_freedom: float = math.inf,
) -> float:
    """Return the chance, 0 to 1, that ``questions`` questions show a drop of ``difference``.

    The formula of ``questions_needed`` solved for the power. Raises ValueError as it does.
    """
    _check(difference, discordance)
    reach = abs(difference) * math.sqrt(questions / design_effect)
    reach -= t_quantile(1 - alpha / 2, degrees_of_freedom) * math.sqrt(discordance)
    spread = math.sqrt(discordance - difference**2)
    return t_below(reach / spread, degrees_of_freedom) if spread > 0 else float(reach > 0)


def least_difference(
    questions: float,
    discordance: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    design_effect: float = 1.0,
    degrees_of_freedom: float = math.inf,
) -> float | None:
    """Return the least drop, a share of 1, that ``questions`` questions show with chance ``power``.

    The formula of ``questions_needed`` solved for the difference. None where they do not show even that all
    questions that turn turn the same way. Raises ValueError unless 0 < discordance <= 1.
    """
    from scipy.optimize import brentq

    _check(discordance, discordance)

    def missing(difference: float) -> float:
        found = power_of(
            questions,
            difference,
            discordance,
            alpha=alpha,
            design_effect=design_effect,
            degrees_of_freedom=degrees_of_freedom,
        )
        return found - power

    least = 1e-9 * discordance
    if missing(discordance) < 0:
        return None
    return float(brentq(missing, least, discordance, xtol=1e-9)) if missing(least) < 0 else least


def design_effect(values: NDArray[np.float64], clusters: Sequence[str]) -> float:
    """Return how many times the variance of the mean is that of as many independent questions (Kish 1965).

    1.0 where the values do not differ. Raises ValueError with fewer than two clusters.
    """
    sums = cluster_sums(values, clusters)
    if len(sums.totals) < 2:
        raise ValueError("one cluster: its design effect cannot be told; expected at least two")
    if float(np.ptp(values)) <= ROUNDING * abs(sums.mean):
        return 1.0
    return sums.error**2 / (float(np.var(values, ddof=1)) / len(values))


def typical_size(clusters: Sequence[str]) -> float:
    """Return how many questions are in the cluster of a question, on average: sum n_g^2 / sum n_g.

    More than the average cluster has, where they are unequal; what a design effect grows with (Kish 1965):
    1 + (typical size - 1) * intraclass correlation.
    """
    _, sizes = np.unique(np.asarray(clusters, dtype=object), return_counts=True)
    return float((sizes**2).sum() / sizes.sum())


def intraclass(effect: float, size: float) -> float:
    """Return the correlation of two questions of a cluster, 0 to 1, from a design effect at a typical size.

    An effect below 1 counts as none: with few clusters it is chance.
    """
    return min(1.0, max(0.0, (effect - 1) / (size - 1))) if size > 1 else 0.0


def questions_in_clusters(independent: int, correlation: float, share: float) -> int | None:
    """Return how many questions of the same clusters say as much as ``independent`` ones without clusters.

    ``correlation`` is ``intraclass``, ``share`` the typical size as a share of all questions (1 / clusters
    where they are equal): the design effect grows with the number. None where no number does: then as many
    clusters are too few, however many questions each has.
    """
    left = 1 - independent * share * correlation
    return math.ceil(independent * (1 - correlation) / left) if left > 0 else None


def _quantiles(power: float, alpha: float, degrees_of_freedom: float) -> tuple[float, float]:
    return t_quantile(1 - alpha / 2, degrees_of_freedom), t_quantile(power, degrees_of_freedom)


def _check(difference: float, discordance: float) -> None:
    if not 0 < abs(difference) <= discordance <= 1:
        raise ValueError(
            f"a drop of {difference} with discordance {discordance}: expected 0 < drop <= discordance <= 1"
        )
