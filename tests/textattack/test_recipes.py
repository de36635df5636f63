"""Recipes by name: which run here, what the others lack, and what they may not touch."""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import pytest

from robust.attack.records import apply_edits
from robust.errors import UserError
from robust.reader.threshold import single
from robust.squad.records import Question
from robust.zoo.lookup import shipped_models
from robust.zoo.masked_lm import load_masked_lm
from tests.probe.small import saved

library = pytest.importorskip("robust.textattack.library", reason="needs textattack", exc_type=UserError)

from robust.textattack import recipes  # noqa: E402
from robust.textattack.dataset import QuestionDataset  # noqa: E402
from robust.textattack.goal import WrongAnswer  # noqa: E402
from robust.textattack.merges import Merges  # noqa: E402
from robust.textattack.reader import ReaderWrapper  # noqa: E402
from robust.textattack.run import TextAttackOutcome, attack_questions, summarise  # noqa: E402

needs_wordnet = pytest.mark.skipif(
    not library.nltk_has("corpora/wordnet"), reason="needs NLTK's WordNet (NLTK_DATA)"
)


def run(name: str, reader: Any, questions: list[Question], **swap: str) -> list[TextAttackOutcome]:
    data = QuestionDataset(questions)
    goal = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(0.0))
    made = recipes.build(name, goal, data, {part.replace("_", "-"): other for part, other in swap.items()})
    rejected: Counter[str] = Counter()
    found = attack_questions(made.attack, data, rejected=rejected)
    assert not rejected
    return found


def test_deepwordbug_runs_offline_and_edits_the_question_alone(
    reader: Any, questions: list[Question]
) -> None:
    found = run("deepwordbug", reader, questions)
    assert [one.status for one in found] == ["succeeded", "succeeded", "succeeded", "skipped"]
    for one, question in zip(found, questions, strict=True):
        assert all(edit.field == "question" for edit in one.edits)
        assert bool(one.edits) == (one.status != "skipped")
        text = apply_edits(question.text, one.edits)
        assert ("large" in text) == (one.status == "skipped" and "large" in question.text)
    assert (found[2].before, found[2].after) == ("", "the engineer")


@needs_wordnet
def test_pwws_runs_offline_and_finds_what_the_reader_hangs_on(reader: Any, questions: list[Question]) -> None:
    found = run("pwws", reader, questions)
    assert [one.status for one in found] == ["succeeded", "succeeded", "succeeded", "skipped"]
    assert [edit.before for one in found[:3] for edit in one.edits] == ["large"] * 3


def test_the_same_seed_finds_the_same_in_whatever_order(reader: Any, questions: list[Question]) -> None:
    one = {found.question_id: found for found in run("deepwordbug", reader, questions)}
    other = {found.question_id: found for found in run("deepwordbug", reader, questions[::-1])}
    assert one == other


def test_a_fault_of_the_readers_own_is_not_taken_for_textattacks(
    reader: Any, questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(asked: list[Question]) -> None:
        raise ValueError("a bug of the reader")

    monkeypatch.setattr(reader, "answer", fails)
    with pytest.raises(ValueError, match="a bug of the reader"):
        run("deepwordbug", reader, questions)


def test_answer_words_are_never_touched(reader: Any, questions: list[Question]) -> None:
    from dataclasses import replace

    from robust.squad.records import Answer

    context = questions[0].context
    asked = replace(questions[1], answers=(Answer("storm", context.index("storm")),))
    run("deepwordbug", reader, [replace(asked, text="What did the large storm destroy in 1901 ?")])
    assert reader.asked
    assert all("storm" in text for text in reader.asked)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("textfooler", "counter-fitted word embeddings"),
        ("bae", "bert-base-uncased"),
        ("clare", "distilroberta-base"),
        ("morpheus", "flair's tagger"),
        ("pso", "HowNet"),
    ],
)
def test_a_recipe_that_needs_a_download_names_it_in_one_line(
    name: str, what: str, reader: Any, questions: list[Question]
) -> None:
    if not recipes.missing(name):
        pytest.skip("all of it is on this machine")
    with pytest.raises(UserError, match=what) as error:
        run(name, reader, questions)
    assert "\n" not in str(error.value)
    assert not reader.asked


def test_a_recipe_with_another_part_loses_its_name(reader: Any, questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    goal = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(0.0))
    made = recipes.build("morpheus", goal, data, {"inflections": "robust"})
    assert made.name == "textattack:custom"
    assert (made.begun_from, made.swapped) == ("morpheus", {"inflections": "robust"})
    found = attack_questions(made.attack, data)
    assert {edit.after for one in found for edit in one.edits} <= {"larger", "largest", "building", "builds"}
    assert recipes.build("deepwordbug", goal, data).name == "textattack:deepwordbug"


BAE = {"sentence_encoder": "none", "tagger": "none"}


@pytest.mark.parametrize(
    ("recipe", "swapped"), [("bae", BAE), ("clare", {"sentence_encoder": "none", "merges": "robust"})]
)
def test_words_come_from_the_masked_lm_that_stands_in(
    recipe: str, swapped: dict[str, str], reader: Any, questions: list[Question], tmp_path: Path
) -> None:
    folder = saved(tmp_path / "lm", "BertForMaskedLM", seed=5)
    (found,) = run(recipe, reader, questions[:1], masked_lm=str(folder), **swapped)
    known = load_masked_lm(folder).tokenizer.get_vocab()
    (edit,) = found.edits
    assert (found.status, edit.field) == ("succeeded", "question")
    assert "large" in edit.before
    assert set(edit.after.split()) - {"built", "the", "old"} <= set(known)


@pytest.mark.parametrize(
    ("named", "line"),
    [
        ("minilm-squad2", "masked-lm=.*minilm-squad2: .*masked-LM head"),  # its head would be drawn by chance
        ("nobody", "nobody: no such model"),
    ],
)
def test_a_model_without_a_masked_lm_head_does_not_stand_in(
    named: str, line: str, reader: Any, questions: list[Question], own_home: Path
) -> None:
    shipped = shipped_models() / named
    with pytest.raises(UserError, match=line):
        run("bae", reader, questions, masked_lm=str(shipped) if shipped.is_dir() else named, **BAE)
    assert not reader.asked


@pytest.mark.parametrize("name", ["hotflip", "input-reduction", "seq2sick"])
def test_a_recipe_for_other_models_says_why_it_is_not_for_readers(
    name: str, reader: Any, questions: list[Question]
) -> None:
    assert name not in recipes.names()
    with pytest.raises(UserError, match=f"recipe {name}: .*(goal|gradients)"):
        run(name, reader, questions)


def test_a_part_that_a_recipe_has_not_cannot_be_swapped(reader: Any, questions: list[Question]) -> None:
    with pytest.raises(UserError, match="deepwordbug has no such part"):
        run("deepwordbug", reader, questions, sentence_encoder="minilm")


def test_success_rate_and_queries_are_of_the_questions_that_were_right_before() -> None:
    outcomes = [
        TextAttackOutcome("a", "succeeded", (), "x", "y", 10),
        TextAttackOutcome("b", "failed", (), "x", "x", 30),
        TextAttackOutcome("c", "skipped", (), "y", "y", 1),
        TextAttackOutcome("d", "failed", (), "x", "x", 20),
    ]
    found = summarise(outcomes)
    assert (found["attacked"], found["succeeded"], found["queries"]) == (3, 1, 60)
    assert found["success_rate"] == pytest.approx(1 / 3)
    # Wilson's interval of 1 in 3, by hand: (1/3 + z^2/6 -+ z sqrt(2/9/3 + z^2/36)) / (1 + z^2/3), z = 1.96
    assert found["interval"] == pytest.approx([0.0615, 0.7923], abs=1e-4)
    assert (found["accuracy_before"], found["accuracy_after"]) == (0.75, 0.5)
    assert math.isclose(found["queries_per_question"], 20)
    with pytest.raises(UserError, match="no question left"):
        summarise([])


def test_clares_merges_touch_the_question_alone_and_no_answer_word(
    reader: Any, questions: list[Question], tmp_path: Path
) -> None:
    folder = saved(tmp_path / "lm", "BertForMaskedLM", seed=5)
    data = QuestionDataset(questions)
    goal = WrongAnswer(ReaderWrapper(reader), data, thresholds=single(0.0))
    swapped = {"masked-lm": str(folder), "sentence-encoder": "none", "merges": "robust"}
    attack = recipes.build("clare", goal, data, swapped).attack
    columns = OrderedDict(question=questions[1].text, context=questions[1].context)
    text = library.textattack.shared.AttackedText(columns)
    merges = [one for one in attack.transformation.transformations if isinstance(one, Merges)]
    (found,) = [one(text, attack.pre_transformation_constraints) for one in merges]
    asked = {one.tokenizer_input[0] for one in found}
    # "a large" and "large storm" and no other: "storm destroy" is no pair of words that CLARE merges
    assert all(re.fullmatch(r"What did (\S+ storm|a \S+) destroy in 1901\?", one) for one in asked)
    assert len({one.split()[2] == "a" for one in asked}) == 2
    assert {one.tokenizer_input[1] for one in found} == {questions[1].context}
