"""The wild cluster bootstrap-t against all its samples enumerated by the textbook's recipe."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from robust.stats.clustered import clustered_mean
from robust.stats.wild import wild_bootstrap


def study(groups: int):
    random = np.random.default_rng(groups)
    member = np.concatenate([np.arange(groups), random.integers(0, groups, 5 * groups)])
    values = random.normal(0.35, 1, len(member)) + random.normal(0, 0.4, groups)[member]
    return values, [f"a{m:02}" for m in member], member


def enumerated(values, clusters, member, points, null):
    """Return the p of "the mean is ``null``" over every combination of weights; regresses each sample."""
    groups = member.max() + 1
    deviations = values - null
    sizes = np.bincount(member)

    def t(sample):
        """Return t of mean 0 of (samples, questions), with the clustered error written out."""
        mean = sample.mean(axis=1)
        sums = np.stack([(sample[:, member == g] - mean[:, None]).sum(axis=1) for g in range(groups)], axis=1)
        return mean / np.sqrt(groups / (groups - 1) * (sums**2).sum(axis=1) / len(values) ** 2)

    assert len(sizes) == groups
    weights = np.array(list(itertools.product(points, repeat=groups)))
    seen = abs(t(deviations[None])[0])
    assert seen == pytest.approx(
        abs(clustered_mean(values, clusters).mean - null) / clustered_mean(values, clusters).error
    )
    return float(np.mean(np.abs(t(deviations * weights[:, member])) >= seen * (1 - 1e-9)))


def test_with_thirteen_clusters_p_is_that_of_all_rademacher_samples():
    values, clusters, member = study(13)
    exact = enumerated(values, clusters, member, [-1.0, 1.0], 0.0)
    found = wild_bootstrap(values, clusters)
    assert 0.005 < exact < 0.5
    assert found.p == pytest.approx(exact, abs=0.012)


def test_the_interval_ends_where_p_is_five_percent():
    values, clusters, member = study(13)
    found = wild_bootstrap(values, clusters)
    for end in (found.low, found.high):
        assert enumerated(values, clusters, member, [-1.0, 1.0], end) == pytest.approx(0.05, abs=0.006)


def test_few_clusters_have_webb_s_six_points():
    """With 5 clusters Rademacher weights cannot give a p below 2/32 = 0.0625; Webb's can."""
    values, clusters, member = study(5)
    webb = [way * math.sqrt(x) for way in (-1, 1) for x in (0.5, 1.0, 1.5)]
    exact = enumerated(values, clusters, member, webb, 0.0)
    assert wild_bootstrap(values, clusters).p == pytest.approx(exact, abs=0.015)
    certain = values / 50 + 1.0
    assert wild_bootstrap(certain, clusters).p < 0.0625
    assert enumerated(certain, clusters, member, [-1.0, 1.0], 0.0) >= 0.0625


def test_two_clusters_bound_nothing():
    found = wild_bootstrap(np.array([0.0, 1.0, 1.0, 1.0]), ["a", "a", "b", "b"])
    assert (found.low, found.high) == (None, None)
    assert found.p > 0.05
