"""Resampling of whole clusters: the paired bootstrap, and approximate randomisation by sign flips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robust.stats.clusters import ROUNDING, ClusterSums, cluster_sums

# resamples x clusters are drawn in parts of so many numbers: they stay in the processor's cache, which is
# three times as fast as drawing a million at once
_PART = 65_536
RESAMPLES = 10_000
# a resample this much below what was seen, relatively, is as far out: both are sums in floating point
TIES = 1e-8


@dataclass(frozen=True, slots=True)
class Resampled:
    """A mean, its interval by resampling, the two-sided p of mean 0, and how many resamples were drawn.

    ``low`` and ``high`` are None where the data cannot bound the mean: one cluster, or clusters that are all
    alike, or so few that are not zero that many resamples have none of them. ``p`` is None with one cluster.
    """

    mean: float
    low: float | None
    high: float | None
    p: float | None
    resamples: int


def bootstrap(
    values: NDArray[np.float64],
    clusters: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = 0,
) -> Resampled:
    """Return the mean of ``values`` and its cluster bootstrap-t interval; whole clusters are drawn.

    Each resample draws as many clusters as there are, with replacement, and takes its own mean m* and
    clustered standard error SE* (Hall 1988; Davison & Hinkley 1997, section 5.2.2):

        t* = (m* - m) / SE*,    interval m -+ q SE,    q the quantile of |t*|

    ``p`` is (r+1)/(R+1), r the resamples with |t*| >= |m / SE|, so that it is at most 1 - confidence where
    the interval leaves out 0. Not the percentile or BCa interval: with some 35 unequal clusters they are too
    narrow (docs/statistics.md has the coverage of each). The same seed gives the same result.
    Raises ValueError where there is no value.
    """
    return bootstrap_of(cluster_sums(values, clusters), resamples=resamples, confidence=confidence, seed=seed)


def bootstrap_of(
    sums: ClusterSums, *, resamples: int = RESAMPLES, confidence: float = 0.95, seed: int = 0
) -> Resampled:
    """Return what ``bootstrap`` does, of the clusters' sums."""
    mean, error, groups = sums.mean, sums.error, len(sums.totals)
    if groups < 2:
        return Resampled(mean, None, None, None, resamples)
    if error == 0:
        return alike(mean, groups, resamples)
    deviations = np.abs(
        np.concatenate([_studentised(sums, drawn) for drawn in draws(groups, resamples, seed)])
    )
    return Resampled(
        mean,
        *around(mean, error, deviations, confidence),
        p_value(deviations, abs(mean) / error),
        resamples,
    )


def alike(mean: float, clusters: int, resamples: int) -> Resampled:
    """Return what resamples say of clusters that all have this mean: no interval, and p by their signs.

    As in ``ClusteredMean``; p is no less than resamples can show.
    """
    p = 1.0 if mean == 0 else max(2.0 ** (1 - clusters), 1 / (resamples + 1))
    return Resampled(mean, None, None, p, resamples)


def randomisation(
    values: NDArray[np.float64], clusters: Sequence[str], *, resamples: int = RESAMPLES, seed: int = 0
) -> float:
    """Return the two-sided p of the clustered sign-flip test that the mean of ``values`` is 0.

    Approximate randomisation (Noreen 1989; Yeh 2000): if the two conditions are exchangeable, each cluster's
    sum might as well have the other sign. p = (r+1)/(R+1), r the flips whose mean is as far from 0 as the
    one seen. With G clusters it cannot fall below about 2 / 2^G. One cluster gives 1.0.
    """
    return randomisation_of(cluster_sums(values, clusters), resamples=resamples, seed=seed)


def randomisation_of(sums: ClusterSums, *, resamples: int = RESAMPLES, seed: int = 0) -> float:
    """Return what ``randomisation`` does, of the clusters' sums."""
    groups = len(sums.totals)
    found = [np.abs(signs @ sums.totals) for signs in _signs(groups, resamples, seed)]
    return p_value(np.concatenate(found), abs(float(sums.totals.sum())))


@lru_cache(maxsize=2)
def _signs(groups: int, resamples: int, seed: int) -> list[NDArray[np.float64]]:
    """Return -1 or 1 for each cluster, as parts of (some resamples, groups); kept for the next figure."""
    random = np.random.default_rng(seed)
    drawn = (random.integers(0, 2, (rows, groups), dtype=np.int8) for rows in parts(resamples, groups))
    return [2 * signs.astype(np.float64) - 1 for signs in drawn]


def flips_can_show(tests: int, *, alpha: float = 0.05, resamples: int = RESAMPLES) -> bool:
    """Return whether ``resamples`` sign flips can show anything at ``alpha`` among so many tests.

    Their p is never below 1 / (resamples + 1), and Holm multiplies the least by the number of tests; half of
    alpha is left for resamples that happen to reach what was seen. Where it is False: Student's p
    (``ClusteredMean.p``), which has no such limit.
    """
    return 2 * tests <= alpha * resamples


def draws(groups: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each cluster is drawn, as (some resamples, groups); every row sums to ``groups``."""
    random = np.random.default_rng(seed)
    for rows in parts(resamples, groups):
        drawn = random.integers(0, groups, (rows, groups))
        drawn += np.arange(rows)[:, None] * groups
        yield np.bincount(drawn.ravel(), minlength=rows * groups).reshape(rows, groups).astype(np.float64)


def parts(resamples: int, groups: int) -> Iterator[int]:
    """Yield numbers of resamples that are in memory together, ``resamples`` in all."""
    most = max(1, _PART // groups)
    for start in range(0, resamples, most):
        yield min(most, resamples - start)


def p_value(resampled: NDArray[np.float64], seen: float) -> float:
    """Return (r+1)/(R+1), r those at least as far out as ``seen``; both are 0 or more."""
    reached = np.count_nonzero(resampled >= seen * (1 - TIES))
    return float(reached + 1) / (len(resampled) + 1)


def around(
    mean: float, error: float, deviations: NDArray[np.float64], confidence: float
) -> tuple[float | None, float | None]:
    """Return mean -+ the quantile of ``deviations`` (in errors), or None twice where that is infinite."""
    # beyond the k-th of R deviations p_value is at most (R - k + 1) / (R + 1)
    place = math.ceil(confidence * (len(deviations) + 1) - 1e-9)
    reach = float(np.sort(deviations)[place - 1]) if place <= len(deviations) else math.inf
    if math.isinf(reach):
        return None, None
    return mean - reach * error, mean + reach * error


def _studentised(sums: ClusterSums, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (m* - m) / SE* of each row of ``drawn``; infinite where a resample has no spread."""
    groups = len(sums.totals)
    residuals = sums.totals - sums.mean * sums.sizes
    moments = np.stack([residuals, sums.sizes, residuals**2, residuals * sums.sizes, sums.sizes**2], axis=1)
    total, size, squares, products, sizes = (drawn @ moments).T
    shift = total / size  # m* - m
    spread = squares - 2 * shift * products + shift**2 * sizes
    spread = np.where(spread <= ROUNDING * squares, 0.0, spread)  # one cluster, drawn again and again
    error = np.sqrt(groups / (groups - 1) * spread) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, shift / error, np.inf)
