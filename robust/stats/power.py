"""Power: what a comparison could have shown, and how many questions the next one needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.stats.clusters import cluster_sums


def minimum_detectable(
    error: float, degrees_of_freedom: float, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return the least true mean that a two-sided t test finds with chance ``power``, in error's unit.

    (t(1 - alpha/2) + t(power)) * error, with ``degrees_of_freedom`` (clusters - 1; infinite: the normal);
    Bloom 1995, "Minimum Detectable Effects".
    """
    from scipy.stats import t

    reach = float(t.ppf(1 - alpha / 2, degrees_of_freedom)) + float(t.ppf(power, degrees_of_freedom))
    return reach * error


def questions_needed(
    difference: float,
    discordance: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    design_effect: float = 1.0,
) -> int:
    """Return how many questions show a drop of ``difference`` with chance ``power``.

    ``difference`` and ``discordance`` (the share of questions that turn, either way) are shares of 1.
    Of McNemar's test (Connor 1987; Miettinen 1968), times the design effect of clustered questions:

        n = (z(1 - alpha/2) sqrt(discordance) + z(power) sqrt(discordance - difference^2))^2 / difference^2

    Raises ValueError unless 0 < |difference| <= discordance <= 1.
    """
    from scipy.stats import norm

    _check(difference, discordance)
    reach = float(norm.ppf(1 - alpha / 2)) * math.sqrt(discordance)
    reach += float(norm.ppf(power)) * math.sqrt(discordance - difference**2)
    return math.ceil(design_effect * (reach / difference) ** 2)


def power_of(
    questions: float,
    difference: float,
    discordance: float,
    *,
    alpha: float = 0.05,
    design_effect: float = 1.0,
) -> float:
    """Return the chance, 0 to 1, that ``questions`` questions show a drop of ``difference``.

    The formula of ``questions_needed``, solved for the power. Raises ValueError as it does.
    """
    from scipy.stats import norm

    _check(difference, discordance)
    reach = abs(difference) * math.sqrt(questions / design_effect)
    reach -= float(norm.ppf(1 - alpha / 2)) * math.sqrt(discordance)
    spread = discordance - difference**2
    return float(norm.cdf(reach / math.sqrt(spread))) if spread > 0 else float(reach > 0)


def design_effect(values: NDArray[np.float64], clusters: Sequence[str]) -> float:
    """Return how many times the variance of the mean is that of as many independent questions (Kish 1965).

    1.0 where the values do not differ. Raises ValueError with fewer than two clusters.
    """
    sums = cluster_sums(values, clusters)
    if len(sums.totals) < 2:
        raise ValueError("one cluster: its design effect cannot be told; expected at least two")
    independent = float(np.var(values, ddof=1)) / len(values)
    return sums.error**2 / independent if independent > 0 else 1.0


def _check(difference: float, discordance: float) -> None:
    if not 0 < abs(difference) <= discordance <= 1:
        raise ValueError(
            f"a drop of {difference} with discordance {discordance}: expected 0 < drop <= discordance <= 1"
        )
