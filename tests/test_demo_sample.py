"""The sample behind `robust demo`: our own prose and questions, in SQuAD 2.0's format."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from robust.files import sha256_file
from robust.squad import catalogue
from robust.squad.io import read_questions
from robust.squad.records import Question

FOLDER = Path(__file__).parents[1] / "datasets" / "demo"


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions(FOLDER / "demo.json")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "demo.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def entry() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "dataset.toml").read_text(encoding="utf-8"))


def whole_words(text: str, start: int, end: int) -> bool:
    before, after = text[:start][-1:], text[end:][:1]
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )


def test_the_sample_is_large_enough(questions: list[Question]) -> None:
    assert len({question.context for question in questions}) >= 40
    assert len({question.article for question in questions}) >= 20
    assert len(questions) >= 300


def test_about_two_thirds_of_the_questions_are_answerable(questions: list[Question]) -> None:
    share = sum(question.answerable for question in questions) / len(questions)
    assert 0.60 <= share <= 0.70


def test_every_gold_answer_lies_at_its_offset_and_cuts_no_word(questions: list[Question]) -> None:
    for question in questions:
        for answer in question.answers:
            assert question.context[answer.start : answer.end] == answer.text, question.id
            assert whole_words(question.context, answer.start, answer.end), question.id


def test_answers_are_short_and_given_away_by_no_question(questions: list[Question]) -> None:
    for question in questions:
        assert len(question.answers) <= 2, question.id
        for answer in question.answers:
            assert len(answer.text.split()) <= 14, question.id
            assert answer.text.lower() not in question.text.lower(), question.id


def test_answerable_questions_have_gold_and_the_others_none(questions: list[Question]) -> None:
    for question in questions:
        assert bool(question.answers) == question.answerable, question.id


def test_each_unanswerable_question_tempts_with_words_of_its_paragraph(document: dict[str, Any]) -> None:
    paragraphs = [paragraph for article in document["data"] for paragraph in article["paragraphs"]]
    pairs = [(paragraph["context"], entry) for paragraph in paragraphs for entry in paragraph["qas"]]
    impossible = [(context, entry) for context, entry in pairs if entry["is_impossible"]]
    assert impossible
    for context, question in impossible:
        (plausible,) = question["plausible_answers"]
        start = plausible["answer_start"]
        end = start + len(plausible["text"])
        assert context[start:end] == plausible["text"], question["id"]
        assert whole_words(context, start, end), question["id"]


def test_every_paragraph_has_both_kinds_of_question(questions: list[Question]) -> None:
    kinds: dict[str, list[bool]] = {}
    for question in questions:
        kinds.setdefault(question.paragraph_id, []).append(question.answerable)
    for paragraph, answerable in kinds.items():
        assert 7 <= len(answerable) <= 8, paragraph
        assert {True, False} == set(answerable), paragraph


def test_ids_are_unique_and_tell_article_paragraph_and_question(questions: list[Question]) -> None:
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert re.fullmatch(r"demo-[a-z-]+-\d+-\d+", question.id)


def test_no_question_is_asked_twice_and_each_ends_with_a_question_mark(questions: list[Question]) -> None:
    texts = [question.text for question in questions]
    assert len({text.lower() for text in texts}) == len(texts)
    for text in texts:
        assert re.fullmatch(r"[A-Z][^?\n]*\w\?", text), text


def test_paragraphs_are_clean_prose_of_the_usual_length(questions: list[Question]) -> None:
    for context in {question.context for question in questions}:
        assert 80 <= len(context.split()) <= 135, context[:40]
        assert context == " ".join(context.split())
        assert context.endswith(".")


def test_the_catalogue_entry_pins_the_bytes_and_tells_the_counts(
    questions: list[Question], entry: dict[str, Any]
) -> None:
    split = entry["splits"]["demo"]
    assert split["file"] == "demo.json"
    assert split["sha256"] == sha256_file(FOLDER / "demo.json")
    assert split["articles"] == len({question.article for question in questions})
    assert split["paragraphs"] == len({question.paragraph_id for question in questions})
    assert split["questions"] == len(questions)
    assert split["answerable"] == sum(question.answerable for question in questions)
    assert entry["licence"] == "CC0-1.0"
    assert "language-model assistant" in entry["citation"]
    for count in (split["articles"], split["paragraphs"], split["questions"], split["answerable"]):
        assert str(count) in split["description"]


def test_the_catalogue_finds_the_sample_without_any_data_folder(
    questions: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    assert catalogue.load("demo") == catalogue.load("demo:demo") == questions
