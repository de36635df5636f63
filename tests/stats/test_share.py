"""Intervals of clustered shares: the textbook's where clusters differ, Wilson's where they do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from robust.stats.share import share_interval


def test_where_every_cluster_agrees_the_interval_is_wilsons_over_clusters() -> None:
    # 0 of 10: z^2 / (n + z^2) with z = 1.959964
    clusters = [f"a{k % 10}" for k in range(400)]
    assert share_interval(np.zeros(400), clusters) == pytest.approx([0.0, 0.27753], abs=1e-5)
    assert share_interval(np.ones(400), clusters) == pytest.approx([0.72247, 1.0], abs=1e-5)


def test_where_every_cluster_has_the_same_part_the_interval_is_about_that_part() -> None:
    clusters = [f"a{k % 5}" for k in range(10)]
    low, high = share_interval(np.repeat([0.0, 1.0], 5), clusters) or (0.0, 0.0)
    assert (low + high) / 2 == pytest.approx(0.5)  # 2.5 of 5, neither 2 nor 3


def test_where_clusters_differ_it_is_students_kept_within_0_and_1() -> None:
    values = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    reach = 2.262157 * float(np.std(values, ddof=1)) / math.sqrt(10)  # t(9), each its own cluster
    low, high = share_interval(values, list("abcdefghij")) or (0.0, 0.0)
    assert low == max(0.0, 0.3 - reach) == 0.0
    assert high == pytest.approx(0.3 + reach, abs=1e-5)


def test_one_cluster_says_nothing() -> None:
    assert share_interval(np.ones(3), ["a"] * 3) is None
