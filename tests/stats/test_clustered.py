"""Clustered standard errors against a brute-force sum and known answers."""

import math

import numpy as np
import pytest

from robust.squad.catalogue import load
from robust.squad.metric import score
from robust.stats.clustered import clustered_mean
from robust.stats.seeds import crossed_interval


def _brute(values, clusters):
    """Return the error from the double sum over pairs of questions of one cluster."""
    n, groups = len(values), len(set(clusters))
    mean = sum(values) / n
    pairs = sum(
        (values[i] - mean) * (values[j] - mean)
        for i in range(n)
        for j in range(n)
        if clusters[i] == clusters[j]
    )
    return math.sqrt(groups / (groups - 1) * pairs) / n


@pytest.mark.parametrize("seed", range(10))
def test_the_error_is_the_double_sum_over_pairs_of_a_cluster(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(5, 60))
    clusters = [str(c) for c in random.integers(0, 5, n)]
    values = random.random(n)
    found = clustered_mean(values, clusters)
    assert found.mean == pytest.approx(values.mean())
    assert found.error == pytest.approx(_brute(values.tolist(), clusters))
    assert found.clusters == len(set(clusters))


def test_every_question_its_own_cluster_gives_the_textbook_error():
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    found = clustered_mean(values, list("abcde"))
    assert found.error == pytest.approx(values.std(ddof=1) / math.sqrt(5))
    # t(4) at 97.5 %, from any table
    assert found.high - found.mean == pytest.approx(2.776 * found.error, rel=1e-3)


def test_copies_of_a_question_bring_no_certainty():
    once = clustered_mean(np.array([0.0, 1.0, 1.0, 0.0]), list("abcd"))
    thrice = clustered_mean(np.repeat([0.0, 1.0, 1.0, 0.0], 3), [c for c in "abcd" for _ in range(3)])
    assert thrice.error == pytest.approx(once.error, rel=0.15)


def test_one_cluster_says_nothing_of_the_error():
    found = clustered_mean(np.array([0.0, 1.0]), ["a", "a"])
    assert (found.mean, found.error, found.low, found.high) == (0.5, None, None, None)


def test_error_p_and_interval_are_those_of_statsmodels():
    """OLS on a constant, cov_type="cluster", use_t=True: statsmodels 0.15."""
    values = np.array(
        [1, 0, 0, -1, 1, 1, 0, 0, 0, 1, 0, -1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, -1], dtype=float
    )
    found = clustered_mean(values, list("aaabbbbbbbcccccddeeeeeee"))
    assert found.error == pytest.approx(0.06701479)
    assert found.p == pytest.approx(0.03591475, abs=1e-7)
    assert (found.low, found.high) == pytest.approx((0.02227045, 0.39439621))


def test_p_of_what_does_not_vary_is_none_one_or_that_of_sign_flips():
    assert clustered_mean(np.array([0.0, 1.0]), ["a", "a"]).p is None
    assert clustered_mean(np.zeros(4), list("aabb")).p == 1.0
    assert clustered_mean(np.ones(4), list("aabb")).p == 0.5  # both as they are, or both turned
    assert clustered_mean(np.ones(4), list("abcd")).p == 0.125


@pytest.mark.parametrize("value", [0.0, 0.1, 1 / 3, -1.0])
def test_where_all_clusters_are_alike_there_is_no_interval(value):
    """One of no width would claim to know the clusters that were not seen."""
    found = clustered_mean(np.full(7, value), list("aabbbcc"))
    assert (found.error, found.low, found.high, found.clusters) == (0.0, None, None, 3)
    assert found.mean == pytest.approx(value)
    assert crossed_interval(found, [(0.0, 3), (0.0, 3)]) is None
    assert crossed_interval(found, [(0.1, 3), (0.0, 3)]) is not None  # seeds differ, and that is known


def test_nothing_has_no_mean():
    with pytest.raises(ValueError, match="at least one"):
        clustered_mean(np.array([]), [])


@pytest.mark.data
def test_the_errors_of_googles_bert_are_those_computed_elsewhere(robust_data):
    """0.375 points as if independent, 0.438 by paragraph, 1.203 by article: computed apart from this code."""
    import json

    questions = load(str(robust_data / "squad2" / "dev-v2.0.json"))
    path = robust_data / "squad2" / "official-predictions" / "bert-single-google.json"
    em = score(questions, json.loads(path.read_text())).em
    for name, expected in (("id", 0.375), ("paragraph_id", 0.438), ("article", 1.203)):
        found = clustered_mean(em, [getattr(q, name) for q in questions])
        assert 100 * found.error == pytest.approx(expected, abs=0.002)
