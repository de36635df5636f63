"""The cluster bootstrap and the sign flips against naive loops, enumeration and scipy."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from scipy import stats

from robust.stats.clustered import clustered_mean
from robust.stats.resampling import bootstrap, draws, randomisation
from robust.stats.wild import wild_bootstrap


def study(seed: int = 0, groups: int = 9, n: int = 60):
    random = np.random.default_rng(seed)
    member = np.concatenate([np.arange(groups), random.integers(0, groups, n - groups)])
    return random.normal(0.3, 1, n) + random.normal(0, 0.3, groups)[member], [f"a{m}" for m in member]


def test_the_bootstrap_is_the_loop_over_resampled_questions():
    values, clusters = study()
    names = sorted(set(clusters))
    whole = clustered_mean(values, clusters)
    deviations = []
    for times in np.concatenate(list(draws(len(names), 199, 5))).astype(int):
        drawn = [(name, copy) for name, n in zip(names, times, strict=True) for copy in range(n)]
        parts = [values[np.asarray(clusters) == name] for name, _ in drawn]
        labels = [f"{key}" for key, part in zip(drawn, parts, strict=True) for _ in part]
        again = clustered_mean(np.concatenate(parts), labels)
        deviations.append(abs(again.mean - whole.mean) / again.error)
    found = bootstrap(values, clusters, resamples=199, seed=5)
    reach = sorted(deviations)[189]  # the 190th of 199: beyond it are (9 + 1) / (199 + 1) = 5 %
    assert found.high - found.mean == pytest.approx(reach * whole.error)
    assert found.mean - found.low == pytest.approx(reach * whole.error)
    beyond = sum(d >= abs(whole.mean) / whole.error for d in deviations)
    assert found.p == pytest.approx((beyond + 1) / 200)


def test_draws_are_whole_clusters_as_many_as_there_are():
    found = np.concatenate(list(draws(35, 4_000, 1)))
    assert found.shape == (4_000, 35)
    assert (found.sum(axis=1) == 35).all()
    # of a multinomial: mean 1, variance 34/35
    assert found.mean(axis=0) == pytest.approx(np.ones(35), abs=0.1)
    assert found.var() == pytest.approx(34 / 35, abs=0.03)


def test_where_every_question_is_its_own_cluster_scipy_agrees():
    values = np.random.default_rng(2).choice([-1.0, 0, 1], 400, p=[0.1, 0.7, 0.2])
    found = bootstrap(values, [str(k) for k in range(400)], resamples=2_000)
    peer = stats.bootstrap((values,), np.mean, n_resamples=2_000, rng=1).confidence_interval
    assert found.low == pytest.approx(peer.low, abs=0.01)
    assert found.high == pytest.approx(peer.high, abs=0.01)


def test_sign_flips_have_the_p_of_all_flips_enumerated():
    values, clusters = study(3, groups=10)
    totals = [values[np.asarray(clusters) == name].sum() for name in sorted(set(clusters))]
    flips = np.array(list(itertools.product([-1, 1], repeat=10))) @ np.array(totals)
    exact = float(np.mean(np.abs(flips) >= abs(sum(totals)) - 1e-9))
    assert 0.001 < exact < 0.5
    assert randomisation(values, clusters, resamples=20_000) == pytest.approx(exact, abs=0.01)
    independent = stats.permutation_test(
        (np.array(totals),), np.sum, permutation_type="samples", n_resamples=np.inf
    )
    assert independent.pvalue == pytest.approx(exact)


def test_copies_of_questions_within_a_cluster_bring_no_certainty():
    """A question asked in ten ways is one question: p and interval stay as they were."""
    values, clusters = study()
    tenfold = np.repeat(values, 10), [name for name in clusters for _ in range(10)]
    assert randomisation(*tenfold, resamples=999) == randomisation(values, clusters, resamples=999)
    assert bootstrap(*tenfold, resamples=999).low == pytest.approx(
        bootstrap(values, clusters, resamples=999).low
    )


@pytest.mark.parametrize("test", [bootstrap, wild_bootstrap, randomisation])
def test_the_order_of_rows_changes_nothing_and_neither_does_a_second_run(test):
    values, clusters = study()
    values -= 0.2  # a p that neither 0.001 nor 1 hides
    order = np.random.default_rng(1).permutation(len(values))
    again = test(values, clusters, resamples=499, seed=3)
    shuffled = test(values[order], [clusters[k] for k in order], resamples=499, seed=3)
    other = test(values, clusters, resamples=499, seed=4)
    assert again == test(values, clusters, resamples=499, seed=3)
    assert other != again
    if test is randomisation:
        assert shuffled == again
    else:
        assert (shuffled.low, shuffled.high, shuffled.p) == pytest.approx((again.low, again.high, again.p))


@pytest.mark.parametrize("test", [bootstrap, wild_bootstrap])
def test_p_and_interval_say_the_same(test):
    """0 is outside the interval of level 1 - alpha exactly where p is at most alpha."""
    values, clusters = study()
    for shift in np.linspace(-0.9, 0.6, 40):
        found = test(values + shift, clusters, resamples=199)
        assert (found.low <= 0 <= found.high) == (found.p > 0.05), shift


@pytest.mark.parametrize("test", [bootstrap, wild_bootstrap])
def test_degenerate_studies_are_answered_without_a_number_that_is_none(test):
    one = test(np.array([0.0, 1.0]), ["a", "a"])
    assert (one.mean, one.low, one.high, one.p) == (0.5, None, None, None)
    nothing = test(np.zeros(40), [str(k % 8) for k in range(40)], resamples=99)
    assert (nothing.mean, nothing.low, nothing.high, nothing.p) == (0, None, None, 1)
    always = test(np.ones(40), [str(k % 8) for k in range(40)], resamples=99)
    assert (always.mean, always.low, always.high, always.p) == (1, None, None, 0.01)
    few = test(np.ones(40), [str(k % 3) for k in range(40)], resamples=99)
    assert few.p == clustered_mean(np.ones(3), list("abc")).p == 0.25
    tenths = test(np.tile([0.1, 0.2, -0.3], 10), [str(k) for k in range(10) for _ in range(3)], resamples=99)
    assert (tenths.mean, tenths.p) == (0, 1)  # sums that are rounding are no effect


def test_one_article_of_many_that_fell_proves_nothing():
    """A third of the resamples do not draw it: the bootstrap cannot bound the mean, and says so."""
    values = np.zeros(350)
    values[:10] = 1.0
    clusters = [str(k // 10) for k in range(350)]
    found = bootstrap(values, clusters, resamples=999)
    assert found.p > 0.3
    assert (found.low, found.high) == (None, None)
    assert randomisation(values, clusters, resamples=99) == 1.0


@pytest.mark.parametrize("test", [bootstrap, wild_bootstrap, randomisation])
def test_what_has_no_mean_is_refused(test):
    with pytest.raises(ValueError, match="at least one"):
        test(np.array([]), [])
    with pytest.raises(ValueError, match="finite"):
        test(np.array([0.0, math.nan]), ["a", "b"])


@pytest.mark.parametrize("clusters", [35, 1_204])
def test_ten_thousand_resamples_of_the_dev_set_take_less_than_a_second(clusters):
    values = np.random.default_rng(0).choice([-1.0, 0, 1], 11_873, p=[0.08, 0.81, 0.11])
    names = [f"cluster {k * clusters // 11_873}" for k in range(11_873)]
    start = time.process_time()
    assert bootstrap(values, names).resamples == 10_000
    assert time.process_time() - start < 1.0
