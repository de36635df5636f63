"""Millions of questions go through in parts and columns: the same figures as of few, held in memory whole."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import robust
from robust.evaluation import scores
from robust.evaluation.asked import Answers, DistinctQuestions
from robust.evaluation.compare import NEEDED, compare
from robust.evaluation.scores import rows_of_sets, score_set
from robust.evaluation.sets import MAIN, Arm, EvaluationSet, Questions, open_set
from robust.evaluation.summary import summarise_set
from robust.reader.cache import content_key
from robust.reader.decode import Candidate, Prediction
from robust.reader.threshold import single
from robust.runs import SCORES, read_figure_rows, read_run, read_scores, write_run
from robust.squad.records import Question
from tests.made_run import UNEVEN, make_run, make_set


def _guess(question: Question) -> Prediction:
    """Return a guess that depends on the question's text alone, with odds."""
    drawn = int(content_key(question.text, question.context)[:8], 16)
    words = question.context.split()
    return Prediction("", words[drawn % len(words)].strip("."), drawn % 100 / 10 - 5)


class _Guesser:
    name = "guesser"
    batch = 7

    def answer(self, questions):
        return [_guess(question) for question in questions]


@pytest.fixture
def several(tiny) -> EvaluationSet:
    """A set with two variants of each question, given in another order than the questions, and a control."""
    questions = tiny.tiny_questions()
    twice = [replace(q, id=f"{q.id}#{k}", text=f"{q.text} {k}") for q in questions[::-1] for k in (1, 2)]
    of = {v.id: v.id.partition("#")[0] for v in twice}
    same = [replace(v, text=v.text[:-2]) for v in twice[::2]]
    return EvaluationSet(
        "several", {MAIN: Arm(questions, twice, of), "identity": Arm(questions, same, of)}, ()
    )


@pytest.fixture
def changed(tiny) -> EvaluationSet:
    """A set that has to be abstained from."""
    questions = tiny.tiny_questions()
    denied = [
        replace(q, id=f"{q.id}#1", text=f"Not: {q.text}", answers=(), answerable=False) for q in questions
    ]
    of = {v.id: v.id.partition("#")[0] for v in denied}
    return EvaluationSet("changed", {MAIN: Arm(questions, denied, of, "abstain")}, ())


def test_parts_of_any_size_give_the_same_run(several, tmp_path, monkeypatch) -> None:
    whole = robust.evaluate(_Guesser(), several, out=tmp_path / "whole")
    monkeypatch.setattr(scores, "_PART", 3)
    monkeypatch.setattr("robust.runs._SCORE_ROWS", 5)
    monkeypatch.setattr("robust.runs._ROWS", 4)
    parts = robust.evaluate(_Guesser(), several, out=tmp_path / "parts")
    assert parts["sets"] == whole["sets"]
    assert "best_exact" in whole["sets"]["several"]["perturbed"]
    one, other = (read_run(tmp_path / name) for name in ("whole", "parts"))
    pd.testing.assert_frame_equal(one.scores, other.scores)
    assert one.predictions.drop(columns="n_best").equals(other.predictions.drop(columns="n_best"))
    assert one.summary == other.summary


def test_the_rows_written_are_those_of_each_set(several, changed, tmp_path) -> None:
    rules = {"several": single(0.0), "changed": single(0.5)}
    for order in ([several, changed], [changed, several]):
        out = tmp_path / order[0].name
        write_run(out, {"sets": {}}, (), rows_of_sets(order, _guess, rules, model="m", seed=3), {"sets": {}})
        written = read_scores(out)
        expected = pd.concat(
            [score_set(one, _guess, rules[one.name], model="m", seed=3) for one in order], ignore_index=True
        )
        pd.testing.assert_frame_equal(written[expected.columns], expected, check_dtype=False)
        for one in order:
            own = expected[expected["set"] == one.name].dropna(axis="columns", how="all")
            assert summarise_set(read_figure_rows(out / SCORES, one.name)) == summarise_set(own)


def test_a_run_read_for_figures_alone_compares_as_the_whole_does(tmp_path) -> None:
    folder = make_set(tmp_path / "set")
    runs = [
        make_run(tmp_path / "a", folder, UNEVEN, "a"),
        make_run(tmp_path / "b", folder, UNEVEN[::-1], "b"),
    ]
    whole = compare([read_run(path) for path in runs])
    narrow = compare([read_run(path, predictions=False, columns=NEEDED) for path in runs])
    assert narrow.to_json() == whole.to_json()
    scrambled = [replace(run, scores=run.scores.iloc[::-1]) for run in map(read_run, runs[1:])]
    assert compare([read_run(runs[0]), *scrambled]).to_json() == whole.to_json()


def test_of_a_run_only_some_sets_and_columns_are_read(several, changed, tmp_path) -> None:
    rules = {"several": single(0.0), "changed": single(0.5)}
    both = rows_of_sets([several, changed], _guess, rules, model="m", seed=0)
    write_run(tmp_path / "run", {"sets": {}}, (), both, {"sets": {}})
    found = read_scores(tmp_path / "run", {"set", "em", "key", "nonesuch"}, ["changed"])
    assert set(found["set"]) == {"changed"}
    assert sorted(found.columns) == ["em", "key", "set"]
    assert set(found["key"].str.len()) == {16}


def test_what_is_asked_is_found_again_in_any_order(several) -> None:
    asked = DistinctQuestions(Questions([several]))
    keys = list(dict.fromkeys(content_key(q.text, q.context) for q in Questions([several])))
    assert list(asked) == keys
    assert [key for key, _ in asked.questions()] == keys
    shuffled = list(enumerate(keys))
    random.Random(0).shuffle(shuffled)
    assert [asked[key] for _, key in shuffled] == [place for place, _ in shuffled]
    for absent in ("00" * 32, "ff" * 32):
        assert absent not in asked


def test_answers_come_back_with_all_that_was_said() -> None:
    questions = [Question(f"q{k}", f"Who {k}?", "Ada.", (), "T", False, "p", "a") for k in range(3)]
    asked = DistinctQuestions(questions)
    answers = Answers(asked)
    keys = list(asked)
    assert not answers
    said = Prediction("", "Ada", -1.5, (Candidate("Ada", 0, 2.0),))
    answers.put(keys[2], said)
    answers.put(keys[0], Prediction("", "", float("nan")))
    assert dict(answers)[keys[2]] == said
    assert list(answers) == [keys[0], keys[2]]
    assert len(answers) == 2
    assert not answers.final
    with pytest.raises(KeyError):
        answers[keys[1]]
    answers.settle(99.0)
    assert answers[keys[0]].null_odds == 99.0
    assert answers[keys[2]] == said


def test_a_built_set_names_its_sources_by_id(tmp_path) -> None:
    found = open_set(str(make_set(tmp_path / "set")), Path)
    arm = found.arms[MAIN]
    assert dict(arm.variant_of) == {q.id: q.id.removesuffix("#1") for q in arm.perturbed}
    with pytest.raises(KeyError):
        arm.variant_of["q0000"]
