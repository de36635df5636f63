"""Passed, failed, undecided; against figures worked out by hand, and readers that must not pass."""

import dataclasses

import pytest
from scipy.stats import t

from robust.evaluation.paired import FIGURES as ALL_FIGURES
from robust.gate.evidence import clustered_drop, read_evidence
from robust.gate.thresholds import FIGURES
from robust.gate.verdict import floor_of, judge, questions_to_decide
from robust.stats.clustered import ClusteredMean


def _evidence(castles, run, figure="HasAns_exact"):
    return read_evidence(castles / run, None, figure)


def test_the_figures_are_those_of_the_run(castles):
    evidence = _evidence(castles, "uneven")
    assert (evidence.clean, evidence.perturbed, evidence.questions) == (100, 90, 100)
    reach = t.ppf(0.975, 9) * 10 / 3
    assert evidence.interval == pytest.approx((10 - reach, 10 + reach))


@pytest.mark.parametrize(
    ("run", "max_drop", "status"),
    [("even", 10.5, "passed"), ("even", 9.5, "failed"), ("uneven", 18, "passed"), ("uneven", 17, "undecided"),
     ("uneven", 3, "undecided"), ("uneven", 2, "failed"), ("none", 0, "passed")],
)  # fmt: skip
def test_a_budget_is_held_against_the_interval_not_the_drop(castles, asked, run, max_drop, status):
    assert judge(asked(run, max_drop=max_drop), _evidence(castles, run)).status == status


@pytest.mark.parametrize("figure", FIGURES)
def test_a_reader_that_always_abstains_never_passes(castles, asked, figure):
    evidence = _evidence(castles, "abstains", figure)
    assert evidence.drop == 0
    verdict = judge(asked("abstains", figure=figure, max_drop=50), evidence)
    assert verdict.status == "failed"
    assert "not above what always abstaining scores" in verdict.words or "plus the budget" in verdict.words


def test_the_floor_is_what_abstaining_scores_plus_the_budget(castles, asked):
    evidence = _evidence(castles, "even", "exact")
    assert floor_of(asked("even", figure="exact", max_drop=9), evidence) == pytest.approx(100 * 20 / 120 + 9)
    weak = dataclasses.replace(evidence, clean=20.0, floor_clean=20.0, drop=0.0, low=-1.0, high=1.0)
    assert judge(asked("even", figure="exact", max_drop=3), weak).status == "passed"
    assert judge(asked("even", figure="exact", max_drop=4), weak).status == "failed"


def test_a_floor_of_the_users_own_takes_the_place_of_the_default(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "none"), clean=70.0)
    below = judge(asked("none", min_clean=70.5), evidence)
    assert below.status == "failed"
    assert below.words == "clean 70.0, below min_clean 70.5"
    assert judge(asked("none", min_clean=70), evidence).status == "passed"


def test_without_answerable_questions_no_default_floor_can_tell(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "none"), abstainer=None)
    assert "give min_clean" in judge(asked("none"), evidence).words
    assert judge(asked("none", min_clean=50), evidence).status == "passed"


def test_the_worst_finding_decides(castles, asked):
    evidence = _evidence(castles, "even")
    sure, doubt = ClusteredMean(1.0, 0.1, 10, 0.8, 1.2), ClusteredMean(1.0, 1.0, 10, -1.2, 3.2)
    both = asked("even", max_drop=11, max_increase=2)
    assert judge(both, evidence, sure).status == "passed"
    assert judge(both, evidence, doubt).status == "undecided"
    assert judge(asked("even", max_drop=5, max_increase=2), evidence, doubt).status == "failed"


def test_one_article_gives_no_interval_and_no_verdict(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "none"), low=None, high=None)
    verdict = judge(asked("none"), evidence)
    assert verdict.status == "undecided"
    assert "fewer than two articles" in verdict.words


def test_how_many_questions_would_decide_follows_the_t_test(castles):
    drop = clustered_drop(_evidence(castles, "uneven"))
    assert drop.error == pytest.approx(10 / 3)
    reach = (t.ppf(0.975, 9) + t.ppf(0.8, 9)) * 10 / 3
    assert questions_to_decide(drop, 14, 100) == pytest.approx(100 * (reach / 4) ** 2, abs=1)
    assert questions_to_decide(drop, 10, 100) is None


def test_the_figures_of_the_gate_are_those_whose_fall_is_a_loss():
    assert set(FIGURES) == set(ALL_FIGURES) - {"HasAns_abstained"}
