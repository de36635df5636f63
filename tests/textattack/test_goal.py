"""The goal: when an answer is wrong, and what a search climbs."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

import pytest

from robust.errors import UserError
from robust.reader.decode import Candidate, Prediction
from robust.reader.threshold import single
from robust.squad.records import Question

library = pytest.importorskip("robust.textattack.library", reason="needs textattack", exc_type=UserError)

from robust.textattack.dataset import QuestionDataset  # noqa: E402
from robust.textattack.goal import WrongAnswer, loss  # noqa: E402
from robust.textattack.reader import ReaderWrapper  # noqa: E402

SPANS = (Candidate("Karel Brandt", 62, 8.0), Candidate("Veldmond", 19, 5.0), Candidate("1742", 41, 1.0))


def test_the_loss_is_the_lead_of_the_best_rival(questions: list[Question]) -> None:
    # answerable: the rival span is 3 behind, abstaining (null score 8 - 6 = 2, over threshold 0) 6 behind
    assert loss(Prediction("", "Karel Brandt", -6.0, SPANS), questions[0], 0.0) == -3.0
    # with a threshold of -5 abstaining counts 5 more: 1 behind
    assert loss(Prediction("", "Karel Brandt", -6.0, SPANS), questions[0], -5.0) == -1.0
    # a span that the metric takes for the gold one ("the lighthouse") is the gold one
    spans = (Candidate("lighthouse", 0, 4.0), Candidate("town", 0, 3.5))
    assert loss(Prediction("", "lighthouse", -9.0, spans), questions[1], 0.0) == -0.5
    # unanswerable: the best span less abstaining
    assert loss(Prediction("", "x", 2.0, SPANS), questions[2], 0.5) == -1.5


def test_a_gold_span_that_is_not_in_the_list_counts_as_its_last(questions: list[Question]) -> None:
    assert loss(Prediction("", "Veldmond", -9.0, SPANS[1:]), questions[0], 0.0) == 4.0


def test_under_a_joint_head_the_null_logit_stands_alone(questions: list[Question]) -> None:
    assert loss(Prediction("", "Karel Brandt", -6.0, SPANS), questions[0], -5.0, null_alone=True) == -1.0
    assert loss(Prediction("", "Karel Brandt", 2.0, SPANS), questions[0], 0.0, null_alone=True) == 2.0


def status(goal: WrongAnswer, question: Question) -> Any:
    text = library.textattack.shared.AttackedText(
        OrderedDict(question=question.text, context=question.context)
    )
    result, _ = goal.init_attack_example(text, question.id)
    return result


def test_abstaining_is_right_where_there_is_no_answer_and_wrong_where_there_is_one(
    reader: Any, questions: list[Question]
) -> None:
    data = QuestionDataset(questions)
    results = library.textattack.goal_function_results.goal_function_result.GoalFunctionResultStatus
    goal = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(0.0))
    found = [status(goal, question) for question in questions]
    assert [one.output for one in found] == ["Karel Brandt", "the lighthouse", "(abstains)", "Karel Brandt"]
    assert [one.goal_status for one in found[:3]] == [results.SEARCHING] * 3
    assert found[3].goal_status == results.SKIPPED
    strict = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(-5.0))  # abstains on everything
    assert status(strict, questions[0]).output == "(abstains)"
    assert status(strict, questions[0]).goal_status == results.SKIPPED
    lax = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(9.0))  # never does
    assert status(lax, questions[2]).goal_status == results.SKIPPED


def test_the_score_is_over_a_half_just_where_the_answer_is_wrong(
    reader: Any, questions: list[Question]
) -> None:
    goal = WrongAnswer(ReaderWrapper(reader), QuestionDataset(questions), thresholds=single(0.0))
    assert [status(goal, q).score > 0.5 for q in questions] == [False, False, False, True]
    assert status(goal, questions[0]).score == pytest.approx(0.119203, abs=1e-6)  # 1 / (1 + e^2)


def test_a_black_box_is_climbed_by_f1(reader: Any, questions: list[Question]) -> None:
    reader.odds = False
    goal = WrongAnswer(ReaderWrapper(reader), QuestionDataset(questions), guide="f1")
    assert [status(goal, q).score for q in (questions[0], questions[3])] == [0.0, 1.0]


def test_null_odds_without_a_threshold_are_refused_in_one_line(
    reader: Any, questions: list[Question]
) -> None:
    goal = WrongAnswer(ReaderWrapper(reader), QuestionDataset(questions))
    with pytest.raises(UserError, match="say where it abstains"):
        status(goal, questions[0])


def test_a_question_that_textattack_would_cut_up_is_left_out_and_counted(questions: list[Question]) -> None:
    split = replace(questions[0], id="split", context="A <SPLIT> b")
    empty = replace(questions[0], id="empty", text="?!")
    data = QuestionDataset([*questions, split, empty])
    assert len(data) == len(questions)
    assert set(data.refused) == {"split", "empty"}
    assert "<SPLIT>" in data.refused["split"]
