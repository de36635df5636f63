"""The wild cluster bootstrap-t: tests and intervals of a mean where clusters are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.stats.clusters import ClusterSums, cluster_sums
from robust.stats.resampling import TIES, Resampled, alike, parts

# With G clusters Rademacher weights give 2^G samples, half of them mirrored: below this Webb's six points.
_FEW = 13
_WEBB = np.sqrt(np.array([1.5, 1.0, 0.5, 0.5, 1.0, 1.5])) * np.array([-1, -1, -1, 1, 1, 1])
_RADEMACHER = np.array([-1.0, 1.0])
# how far out the ends of an interval are looked for, in standard errors, and how exactly
_FURTHEST = 1_000.0
_EXACTLY = 1e-3


def wild_bootstrap(
    values: NDArray[np.float64],
    clusters: Sequence[str],
    *,
    resamples: int = 9_999,
    confidence: float = 0.95,
    seed: int = 0,
) -> Resampled:
    """Return the mean of ``values``, with p and interval of the wild cluster bootstrap-t.

    Under the null "the mean is M" a cluster's deviations from M are multiplied together by a weight of mean
    0 and variance 1, and t* = (m* - M) / SE* is compared with t = (m - M) / SE (Cameron, Gelbach & Miller
    2008, "Bootstrap-Based Improvements for Inference with Clustered Errors": null imposed). Weights are -1
    and 1 (Rademacher), below 13 clusters the six points of Webb (2013). ``p`` is of M = 0; the interval is
    every M that the test does not reject, found with the same weights throughout: its ends need not be
    equally far from the mean. The same seed gives the same result. Raises ValueError where there is no value.
    """
    sums = cluster_sums(values, clusters)
    mean, error, groups = sums.mean, sums.error, len(sums.totals)
    if groups < 2:
        return Resampled(mean, None, None, None, resamples)
    if error == 0:
        return alike(mean, groups, resamples)
    samples = _draw(sums, error, resamples, seed)
    low, high = (_end(samples, way * error, round(1 - confidence, 12)) for way in (-1, 1))
    return Resampled(mean, low, high, samples.p(0.0), resamples)


@dataclass(frozen=True, slots=True)
class _Samples:
    """The sums over clusters that t* needs, for each resample, of deviations from the mean.

    With weights v: ``linear[k]`` holds sums of v r, v n, v r n, v n^2, ``square[k]`` of v^2 r^2, v^2 r n,
    v^2 n^2, where r are the clusters' totals of deviations from the mean and n their sizes.
    """

    mean: float
    error: float
    size: float
    squares: float
    factor: float
    linear: NDArray[np.float64]
    square: NDArray[np.float64]

    def p(self, null: float) -> float:
        """Return the two-sided p of "the mean is ``null``"."""
        shift = self.mean - null
        (v_r, v_n, v_rn, v_nn), (rr, rn, nn) = self.linear, self.square
        # a cluster's total of deviations from the null is r + shift n
        mean = (v_r + shift * v_n) / self.size
        spread = rr + shift * (2 * rn + shift * nn) - mean * (2 * (v_rn + shift * v_nn) - mean * self.squares)
        # |t*| >= |t|, squared and without the division: the error of a sample may be 0
        seen = (1 - TIES) * (shift / self.error) ** 2 * self.factor / self.size**2
        reached = np.count_nonzero(mean**2 >= seen * spread)
        return float(reached + 1) / (len(mean) + 1)


def _draw(sums: ClusterSums, error: float, resamples: int, seed: int) -> _Samples:
    random = np.random.default_rng(seed)
    groups = len(sums.totals)
    points = _WEBB if groups < _FEW else _RADEMACHER
    residuals, sizes = sums.totals - sums.mean * sums.sizes, sums.sizes
    moments = np.stack([residuals, sizes, residuals * sizes, sizes**2], axis=1)
    squares = np.stack([residuals**2, residuals * sizes, sizes**2], axis=1)
    linear, square = [], []
    for rows in parts(resamples, groups):
        weights = points[random.integers(0, len(points), (rows, groups), dtype=np.int8)]
        linear.append((weights @ moments).T)
        square.append((weights**2 @ squares).T)
    return _Samples(
        mean=sums.mean,
        error=error,
        size=float(sizes.sum()),
        squares=float(sizes @ sizes),
        factor=groups / (groups - 1),
        linear=np.concatenate(linear, axis=1),
        square=np.concatenate(square, axis=1),
    )


def _end(samples: _Samples, step: float, alpha: float) -> float | None:
    """Return where p falls to ``alpha`` on the side of ``step``; None where it never does."""
    inside, outside = 0.0, 3.0
    while samples.p(samples.mean + outside * step) > alpha:
        inside, outside = outside, 2 * outside
        if outside > _FURTHEST:
            return None
    while outside - inside > _EXACTLY:
        middle = (inside + outside) / 2
        if samples.p(samples.mean + middle * step) > alpha:
            inside = middle
        else:
            outside = middle
    return samples.mean + outside * step
