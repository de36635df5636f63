"""No-answer thresholds: the best one, and one that never saw the article it is used on."""

import numpy as np
import pytest

from robust.errors import UserError
from robust.reader.threshold import (
    ALWAYS,
    FOLDS,
    NEVER,
    best_threshold,
    check_folds,
    cross_fit,
    fold_of,
    single,
)
from robust.squad.metric import official
from robust.squad.records import Answer, Question


def _brute(odds, answered, abstained):
    choices = [ALWAYS, *odds, NEVER]
    return max(sum(np.where(odds <= t, answered, abstained)) for t in choices)


@pytest.mark.parametrize("seed", range(30))
def test_no_threshold_scores_higher(seed):
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 60))
    odds = random.integers(-9, 9, n) / 2.0  # with ties
    answerable = random.random(n) < 0.5
    answered = np.where(answerable, random.integers(0, 2, n), 0.0)
    abstained = (~answerable).astype(float)
    threshold, total = best_threshold(odds, answered, abstained)
    assert total == pytest.approx(_brute(odds, answered, abstained))
    assert sum(np.where(odds <= threshold, answered, abstained)) == pytest.approx(total)
    assert threshold not in odds


def test_the_best_total_is_the_official_scripts():
    random = np.random.default_rng(3)
    questions, texts, odds = [], {}, {}
    for i in range(200):
        answerable = bool(random.random() < 0.5)
        answers = (Answer("oak", 0),) if answerable else ()
        questions.append(Question(f"q{i}", "?", "oak tree", answers, "t", answerable, "p", "a"))
        texts[f"q{i}"] = "oak" if random.random() < 0.6 else "tree"
        odds[f"q{i}"] = float(random.normal() + (0 if answerable else 1))
    figures = official(questions, texts, odds)
    answered = np.array([float(q.answerable and texts[q.id] == "oak") for q in questions])
    refused = np.array([float(not q.answerable) for q in questions])
    _, total = best_threshold(np.array(list(odds.values())), answered, refused)
    assert 100 * total / 200 == pytest.approx(figures["best_exact"])


def test_where_it_makes_no_difference_it_answers():
    ones, zeros = np.ones(3), np.zeros(3)
    assert best_threshold(np.arange(3.0), ones, zeros)[0] == NEVER
    assert best_threshold(np.arange(3.0), zeros, zeros)[0] == NEVER
    assert best_threshold(np.arange(3.0), zeros, ones)[0] == ALWAYS


def test_the_fold_of_an_article_is_fixed_for_ever():
    assert [fold_of(name) for name in ("Normans", "Warsaw", "Oxygen", "Harvard_University")] == [0, 3, 0, 1]
    assert {fold_of(f"article {i}") for i in range(50)} == set(range(FOLDS))


def test_a_fold_never_sees_its_own_articles():
    random = np.random.default_rng(1)
    articles = [f"article {i % 20}" for i in range(400)]
    odds = random.normal(size=400)
    answerable = random.random(400) < 0.5
    answered = np.where(answerable, 1.0, 0.0)
    before = cross_fit(articles, odds, answered, answerable)
    assert before.kind == "cross-fit"
    fold = fold_of("article 7")
    own = np.array([fold_of(a) == fold for a in articles])
    moved = np.where(own, -odds * 3 + 5, odds)
    after = cross_fit(articles, moved, np.where(own, 0.0, answered), answerable)
    assert after.of("article 7") == before.of("article 7")
    assert after.by_fold != before.by_fold
    others = ~own
    best, _ = best_threshold(odds[others], answered[others], (~answerable[others]).astype(float))
    assert before.of("article 7") == best


def test_one_article_cannot_be_cross_fitted():
    with pytest.raises(UserError, match="give a number"):
        cross_fit(["a", "a"], np.zeros(2), np.zeros(2), np.ones(2, dtype=bool))


def test_a_given_threshold_is_the_same_for_all():
    assert {single(1.5).of(f"article {i}") for i in range(30)} == {1.5}


def test_articles_that_cannot_be_cross_fitted_are_known_without_odds():
    check_folds(["Normans", "Warsaw"])
    with pytest.raises(UserError, match="2 article"):
        check_folds(["Normans", "Oxygen", "Oxygen"])
