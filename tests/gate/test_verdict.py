"""Passed, failed, undecided; against figures worked out by hand, and readers that must not pass."""

import dataclasses

import pytest
from scipy.stats import binomtest, t

from robust.evaluation.paired import FIGURES as ALL_FIGURES
from robust.gate.evidence import bound_of_alike, clustered_drop, read_evidence
from robust.gate.thresholds import FIGURES
from robust.gate.verdict import clusters_to_decide, floor_of, interval, judge, questions_to_decide, signed
from robust.runs import read_summary
from robust.stats.clustered import ClusteredMean
from tests.made_run import NONE, UNEVEN, make_seeds_run


def _evidence(castles, run, figure="HasAns_exact"):
    return read_evidence(castles / run, None, figure)


def test_the_figures_are_those_of_the_run(castles):
    evidence = _evidence(castles, "uneven")
    assert (evidence.clean, evidence.perturbed, evidence.questions) == (100, 90, 100)
    reach = t.ppf(0.975, 9) * 10 / 3
    assert evidence.interval == pytest.approx((10 - reach, 10 + reach))


@pytest.mark.parametrize(
    ("run", "max_drop", "status"),
    [("even", 38, "passed"), ("even", 10.5, "undecided"), ("even", 9.5, "failed"), ("uneven", 18, "passed"),
     ("uneven", 17, "undecided"), ("uneven", 3, "undecided"), ("uneven", 2, "failed"),
     ("none", 0, "undecided"), ("none", 30.8, "undecided"), ("none", 30.9, "passed")],
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


def test_a_floor_of_the_users_own_comes_on_top(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "uneven"), clean=70.0, floor_clean=70.0)
    below = judge(asked("uneven", max_drop=18, min_clean=70.5), evidence)
    assert below.status == "failed"
    assert below.words == "clean 70.0, below min_clean 70.5"
    assert judge(asked("uneven", max_drop=18, min_clean=70), evidence).status == "passed"


@pytest.mark.parametrize("min_clean", [0, 10])
@pytest.mark.parametrize("figure", FIGURES)
def test_no_floor_of_the_users_own_lets_an_abstainer_pass(castles, asked, figure, min_clean):
    threshold = asked("abstains", figure=figure, max_drop=31, min_clean=min_clean)
    verdict = judge(threshold, _evidence(castles, "abstains", figure))
    assert verdict.status == "failed"
    assert "what always abstaining scores" in verdict.words


def test_a_reader_that_never_abstains_cannot_pass_on_unanswerable_questions(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "none", "NoAns_exact"), clean=2.0, perturbed=2.0)
    verdict = judge(asked("none", figure="NoAns_exact", max_drop=40), evidence)
    said, _, help_ = verdict.words.partition(": ")
    assert said == "clean 2.0, not above what never abstaining scores, 0.0 plus the budget"
    assert "a smaller max_drop" in help_


@pytest.mark.parametrize("clusters", [2, 10, 35, 300])
def test_where_no_question_turned_the_exact_binomial_bounds_the_drop(clusters):
    known = binomtest(0, clusters).proportion_ci(0.95, method="exact").high
    assert bound_of_alike(0.0, clusters) == pytest.approx(100 * known)


def test_a_tiny_sample_whose_questions_all_stand_does_not_pass(castles, asked):
    evidence = _evidence(castles, "none")
    assert evidence.alike == 10
    assert evidence.interval == (0, pytest.approx(30.85, abs=0.01))
    verdict = judge(asked("none", max_drop=5), evidence)
    assert verdict.status == "undecided"
    assert verdict.words == (
        "max_drop 5 lies inside the interval of the drop +0.0 [+0.0, +30.8] "
        "(all 10 articles alike: its upper end is the exact binomial bound)"
    )
    needed = clusters_to_decide(evidence, 5)
    assert bound_of_alike(0.0, needed) <= 5 < bound_of_alike(0.0, needed - 1)
    assert clusters_to_decide(evidence, 0) is None
    by_paragraph = read_evidence(castles / "none", None, "HasAns_exact", "paragraph")
    assert by_paragraph.alike == 10


def test_several_seeds_are_judged_by_the_interval_that_takes_seeds_as_a_level(castles, asked, tmp_path):
    run = make_seeds_run(tmp_path / "seeds", castles / "keys", [UNEVEN, NONE, (0, 3) * 5])
    summary = read_summary(run)["sets"]["keys"]
    level, alone = summary["seeds"]["interval"]["HasAns_exact"], summary["drop_interval"]["HasAns_exact"]
    assert level[1] > alone[1] + 1
    evidence = read_evidence(run, None, "HasAns_exact")
    assert (evidence.seeds, list(evidence.interval)) == (3, level)
    between = (level[1] + alone[1]) / 2
    assert judge(asked("even", max_drop=between), evidence).status == "undecided"
    paragraphs = read_evidence(run, None, "HasAns_exact", "paragraph")
    assert list(paragraphs.interval) == pytest.approx(level), "each article of ours is one paragraph"


def test_who_knows_less_than_the_baseline_does_not_pass_by_falling_less(castles, asked):
    evidence, sure = _evidence(castles, "even"), ClusteredMean(-5.0, 0.1, 10, -5.2, -4.8)
    threshold = asked("even", max_drop=None, max_increase=2)
    assert judge(threshold, evidence, sure, {"clean": 102.0, "floor_clean": 102.0}).status == "passed"
    verdict = judge(threshold, evidence, sure, {"clean": 102.1, "floor_clean": 102.1})
    assert verdict.status == "failed"
    assert verdict.words == "clean 100.0, below the baseline's 102.1 less max_increase 2"
    forgot = judge(threshold, evidence, sure, {"clean": 90.0, "floor_clean": 103.0})
    assert forgot.status == "failed"


@pytest.mark.parametrize("value", [-0.04, -0.0, 0.0, 0.04])
def test_nought_has_no_minus(value):
    assert signed(value) == "+0.0"
    assert interval(value, 1.25) == "[+0.0, +1.2]"


def test_without_answerable_questions_no_default_floor_can_tell(castles, asked):
    evidence = dataclasses.replace(_evidence(castles, "uneven"), abstainer=None)
    assert "give min_clean" in judge(asked("uneven", max_drop=18), evidence).words
    assert judge(asked("uneven", max_drop=18, min_clean=50), evidence).status == "passed"


def test_the_worst_finding_decides(castles, asked):
    evidence = _evidence(castles, "even")
    sure, doubt = ClusteredMean(1.0, 0.1, 10, 0.8, 1.2), ClusteredMean(1.0, 1.0, 10, -1.2, 3.2)
    both = asked("even", max_drop=38, max_increase=2)
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
