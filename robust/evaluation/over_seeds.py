"""Figures of questions that differ from seed to seed: those that a seed was right on when they were clean.

A mean over questions of means over seeds would count a question that one seed of three had right, often by
luck, as much as one that all three had right. What is meant is the mean over seeds of each seed's own mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from robust.stats.seeds import spread_of

if TYPE_CHECKING:
    import pandas as pd


def mean_over_seeds(values: pd.Series[float]) -> pd.Series[float]:
    """Return one value a question, whose mean is the mean over seeds of each seed's own mean.

    ``values`` are indexed by seed and question. With S seeds of n_s questions and the means m_s, whose mean
    is m, and N questions in all, question q counts by

        m + sum over its seeds of N / (S n_s) (v_sq - m_s)

    so that an error over clusters of these values is that of m (linearised). Of one seed they are its own.
    """
    sizes = values.groupby(level=0).transform("size")
    means = values.groupby(level=0).mean()
    own = values - values.groupby(level=0).transform("mean")
    total = values.index.get_level_values(1).nunique()
    return means.mean() + (own * total / (len(means) * sizes)).groupby(level=1, sort=False).sum()


def spread_over_seeds(values: pd.Series[float]) -> tuple[float, int]:
    """Return ``spread_of`` each seed's mean; ``values`` are indexed by seed and question."""
    return spread_of(values.groupby(level=0).mean().tolist())


def pair_seeds(first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """Return which seed of one reader stands beside which of another: those of one number, else in order.

    One number means the same questions drawn and the same order in training.
    """
    shared = [seed for seed in first if seed in second]
    return [(seed, seed) for seed in shared] or list(zip(first, second, strict=False))
