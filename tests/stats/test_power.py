"""Power against the published sample size, textbook t tables, and simulated comparisons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from robust.stats.clustered import clustered_mean
from robust.stats.mcnemar import mcnemar
from robust.stats.plan import Study, plan
from robust.stats.power import (
    design_effect,
    intraclass,
    least_difference,
    minimum_detectable,
    power_of,
    questions_in_clusters,
    questions_needed,
    typical_size,
)


def test_the_questions_of_a_known_example():
    """Discordance 0.19 and a drop of 3 points: about 1,660 questions, computed apart from this code."""
    assert questions_needed(0.03, 0.19) == pytest.approx(1_660, rel=0.005)
    # by hand: ((1.959964 sqrt(.19) + 0.841621 sqrt(.19 - .0009)) / .03)^2
    assert questions_needed(0.03, 0.19) == math.ceil(
        ((1.959964 * 0.19**0.5 + 0.841621 * 0.1891**0.5) / 0.03) ** 2
    )
    assert questions_needed(-0.03, 0.19) == questions_needed(0.03, 0.19)


def test_so_many_questions_are_found_by_mcnemar_as_often_as_promised():
    random = np.random.default_rng(0)
    n = questions_needed(0.05, 0.2)
    falls, rises, _ = random.multinomial(n, [0.125, 0.075, 0.8], 1_000).T
    found = np.mean([mcnemar(int(b), int(c)).mid_p <= 0.05 for b, c in zip(falls, rises, strict=True)])
    assert found == pytest.approx(0.8, abs=0.04)


def test_chance_number_and_drop_are_one_formula_solved_three_ways():
    for freedom in (34, math.inf):
        way = {"design_effect": 2.0, "degrees_of_freedom": freedom}
        n = questions_needed(0.03, 0.19, power=0.9, alpha=0.01, **way)
        assert power_of(n, 0.03, 0.19, alpha=0.01, **way) == pytest.approx(0.9, abs=1e-3)
        assert least_difference(n, 0.19, power=0.9, alpha=0.01, **way) == pytest.approx(0.03, rel=1e-3)
    assert questions_needed(0.03, 0.19, design_effect=2.0) == pytest.approx(
        2 * questions_needed(0.03, 0.19), abs=2
    )


def test_few_questions_show_nothing_at_all():
    assert least_difference(3, 0.19) is None
    assert power_of(3, 0.19, 0.19) < 0.8


def test_the_least_effect_of_a_mean_is_bloom_s_multiple_of_its_error():
    assert minimum_detectable(1.0, math.inf) == pytest.approx(2.80, abs=5e-3)  # Bloom 1995: 2.8 errors
    assert minimum_detectable(2.0, 34) == pytest.approx(2 * (2.032 + 0.852), abs=4e-3)  # tables of t(34)


def test_a_drop_of_that_size_is_found_with_that_chance():
    """The noncentral t, which is the exact chance: 80 % within half a point."""
    effect = minimum_detectable(1.0, 34)
    outside = stats.t.ppf(0.975, 34)
    assert 1 - stats.nct.cdf(outside, 34, effect) == pytest.approx(0.8, abs=0.005)


def test_the_design_effect_is_the_ratio_of_variances():
    random = np.random.default_rng(1)
    member = np.repeat(np.arange(40), random.integers(5, 40, 40))
    values = random.normal(0, 1, len(member)) + random.normal(0, 0.4, 40)[member]
    clusters = [str(m) for m in member]
    apart = [str(k) for k in range(len(member))]
    expected = (clustered_mean(values, clusters).error / clustered_mean(values, apart).error) ** 2
    assert design_effect(values, clusters) == pytest.approx(expected)
    assert design_effect(values, apart) == pytest.approx(1.0)
    assert design_effect(np.full(9, 0.1), list("aaabbbccc")) == 1.0
    # 10 copies of each question: as much as a tenth of them says
    once = random.normal(0, 1, 200)
    copies = [str(k) for k in range(200) for _ in range(10)]
    assert design_effect(np.repeat(once, 10), copies) == pytest.approx(10, rel=0.01)
    with pytest.raises(ValueError, match="one cluster"):
        design_effect(np.array([0.0, 1.0]), ["a", "a"])


def test_the_design_effect_gives_the_correlation_that_was_put_in():
    """Kish: 1 + (m - 1) * correlation, m the typical size; here 0.16 / 1.16."""
    random = np.random.default_rng(2)
    member = np.repeat(np.arange(3_000), random.integers(2, 12, 3_000))
    values = random.normal(0, 1, len(member)) + random.normal(0, 0.4, 3_000)[member]
    clusters = [str(m) for m in member]
    assert intraclass(design_effect(values, clusters), typical_size(clusters)) == pytest.approx(
        0.16 / 1.16, abs=0.015
    )
    assert typical_size(["a", "a", "a", "b"]) == 2.5
    assert intraclass(0.7, 10) == 0.0


def test_more_questions_of_the_same_articles_say_less_and_less():
    """By hand: n / (1 + (n/10 - 1) * 0.01) = 500 where n = 500 * 0.99 / (1 - 500 * 0.001) = 990."""
    assert questions_in_clusters(500, 0.01, 1 / 10) == 990
    assert questions_in_clusters(1_000, 0.01, 1 / 10) is None


def test_a_plan_says_how_many_articles_are_needed_where_questions_do_not_help():
    study = Study(0.19, articles=10, effect=None, correlation=0.02)
    found = plan(study, 3.0, 2_000)
    assert found["needed"]["independent"] == questions_needed(0.03, 0.19)
    assert found["needed"]["clustered"] is None
    assert found["chance"]["clustered"] < found["chance"]["independent"]
    assert found["detectable"]["clustered"] > found["detectable"]["independent"]
    assert study.effect_at(2_000) == pytest.approx(1 + 199 * 0.02)


@pytest.mark.parametrize("articles", [2, 3, 10])
def test_the_articles_needed_are_the_fewest_that_do(articles):
    """Counted up one by one: with two articles the quantile of t(1) had asked for twenty times as many."""
    known = {"effect": None, "correlation": 0.02, "inequality": 1.2}
    found = plan(Study(0.1, articles=articles, **known), 1.0, None)
    fewest = next(
        g for g in range(2, 5_000) if plan(Study(0.1, articles=g, **known), 1.0, None)["needed"]["clustered"]
    )
    assert found["articles_needed"] == fewest


def test_a_power_that_chance_alone_gives_is_refused():
    with pytest.raises(ValueError, match=r"power 0\.06, alpha 0\.5"):
        plan(Study(0.19), 3.0, None, power=0.06, alpha=0.5)


@pytest.mark.parametrize(("difference", "discordance"), [(0.0, 0.1), (0.2, 0.1), (0.1, 1.1)])
def test_a_drop_greater_than_what_turns_is_refused(difference, discordance):
    with pytest.raises(ValueError, match="discordance"):
        questions_needed(difference, discordance)
