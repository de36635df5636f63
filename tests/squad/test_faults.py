"""What is wrong in a data file is told with its place, in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robust.errors import UserError
from robust.squad.io import read_questions

Document = dict[str, Any]
Save = Callable[..., Path]


def paragraph(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["data"][0]["paragraphs"][0]
    return found


def first(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = paragraph(document)["qas"][0]
    return found


def set_gold(**changes: Any) -> Callable[[Document], Any]:
    return lambda document: first(document)["answers"][0].update(changes)


PLACE = "article 1 'Bakery', paragraph 1, question 1 ('b1'): "
FAULTS: dict[str, tuple[Callable[[Document], Any], str]] = {
    "offset too late": (
        set_gold(answer_start=35),
        PLACE + "answer_start 35 of answer '1904' points at '904.'; it stands at 34",
    ),
    "offset past the end": (
        set_gold(answer_start=999),
        "answer_start 999 of answer '1904' is outside the context (78 characters)",
    ),
    "negative offset": (
        set_gold(answer_start=-44),
        "answer_start -44 of answer '1904' is outside the context",
    ),
    "answer not in context": (set_gold(text="1905"), "the context does not hold this answer at all"),
    "answer in other case": (set_gold(text="In 1904", answer_start=31), "points at 'in 1904'"),
    "offset is text": (
        set_gold(answer_start="34"),
        PLACE + "'answer_start' is text, expected a whole number",
    ),
    "offset is a float": (
        set_gold(answer_start=34.0),
        "'answer_start' is a decimal number, expected a whole number",
    ),
    "offset is true": (
        set_gold(answer_start=True),
        "'answer_start' is true or false, expected a whole number",
    ),
    "empty answer": (set_gold(text="", answer_start=0), PLACE + "an answer's text is empty"),
    "answer is text": (
        lambda d: first(d).update(answers=["1904"]),
        PLACE + "found text, expected an object with key 'text'",
    ),
    "answers is text": (
        lambda d: first(d).update(answers="1904"),
        PLACE + "'answers' is text, expected a list",
    ),
    "answer without text": (
        lambda d: first(d)["answers"][0].pop("text"),
        PLACE + "missing key 'text' (found 'answer_start')",
    ),
    "no answers": (
        lambda d: first(d).pop("answers"),
        PLACE + "missing key 'answers' (found 'id', 'question', 'is_impossible')",
    ),
    "no question": (lambda d: first(d).pop("question"), PLACE + "missing key 'question'"),
    "question is null": (
        lambda d: first(d).update(question=None),
        PLACE + "'question' is null, expected text",
    ),
    "no id": (lambda d: first(d).pop("id"), "article 1 'Bakery', paragraph 1, question 1: missing key 'id'"),
    "id is a number": (lambda d: first(d).update(id=7), "question 1: 'id' is a whole number, expected text"),
    "empty id": (lambda d: first(d).update(id=""), "the question's id is empty"),
    "duplicate id": (
        lambda d: d["data"][1]["paragraphs"][0]["qas"][1].update(id="b3"),
        "article 2 'Harbour', paragraph 1, question 2 ('b3'): "
        "id 'b3' was used before (article 1 'Bakery', paragraph 2)",
    ),
    "impossible with answers": (
        lambda d: first(d).update(is_impossible=True),
        PLACE + "is_impossible is true but there are 2 answers",
    ),
    "possible without answers": (
        lambda d: first(d).update(answers=[]),
        PLACE + "is_impossible is false but there are 0 answers",
    ),
    "is_impossible is text": (
        lambda d: first(d).update(is_impossible="no"),
        PLACE + "'is_impossible' is text, expected true or false",
    ),
    "no context": (
        lambda d: paragraph(d).pop("context"),
        "article 1 'Bakery', paragraph 1: missing key 'context' (found 'qas')",
    ),
    "no qas": (lambda d: paragraph(d).pop("qas"), "article 1 'Bakery', paragraph 1: missing key 'qas'"),
    "paragraph is text": (
        lambda d: d["data"][0].update(paragraphs=["x"]),
        "article 1 'Bakery', paragraph 1: found text",
    ),
    "no paragraphs": (
        lambda d: d["data"][1].pop("paragraphs"),
        "article 2 'Harbour': missing key 'paragraphs' (found 'title')",
    ),
    "no title": (lambda d: d["data"][1].pop("title"), "article 2: missing key 'title'"),
    "no data": (lambda d: d.pop("data"), "data.json: missing key 'data' (found 'version')"),
    "data is an object": (lambda d: d.update(data={}), "data.json: 'data' is an object, expected a list"),
    "no article": (lambda d: d.update(data=[]), "holds no questions"),
    "only empty paragraphs": (
        lambda d: d.update(data=[{"title": "x", "paragraphs": []}]),
        "holds no questions",
    ),
    "half a character": (
        lambda d: first(d).update(question="\ud83d?"),
        PLACE + "'question' has a lone surrogate (half a character) at 0",
    ),
    "half a character in the context": (
        lambda d: paragraph(d).update(context=paragraph(d)["context"] + "\udead"),
        "paragraph 1: 'context' has a lone surrogate",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place(name: str, document: Document, save: Save) -> None:
    change, expected = FAULTS[name]
    change(document)
    path = save(json.dumps(document))
    with pytest.raises(UserError) as caught:
        read_questions(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize("value", [[], "text", 3, None, {}, [1, 2]])
def test_json_that_is_no_squad_document_is_refused(value: object, save: Save) -> None:
    path = save(json.dumps(value))
    with pytest.raises(UserError, match=rf"^{path}: "):
        read_questions(path)


def row(**changes: Any) -> str:
    answers = {"text": ["week"], "answer_start": [16]}
    return json.dumps(
        {"id": "r1", "question": "?", "context": "Rye keeps for a week.", "answers": answers} | changes
    )


ROW_FAULTS = {
    "not JSON": (row() + "\n{oops}\n", "line 2: not JSON: column 2"),
    "cut off": (row() + "\n" + row(id="r2")[:-9], "line 2: not JSON: column"),
    "not an object": (row() + "\n[1]\n", "line 2: found a list, expected an object"),
    "missing key": (row() + '\n\n{"id": "r2", "question": "?"}\n', "line 3, question 'r2'"),
    "duplicate id": (row() + "\n" + row(), "line 2, question 'r1': id 'r1' was used before (line 1)"),
    "wrong offset": (
        row(answers={"text": ["week"], "answer_start": [15]}),
        "question 'r1': answer_start 15 of answer 'week'",
    ),
    "unequal lists": (row(answers={"text": ["week"], "answer_start": []}), "1 texts but 0 answer_starts"),
    "answers is text": (row(answers="week"), "'answers' is text"),
    "no answers": (row(answers=None), "'answers' is null"),
    "disagreement": (row(is_impossible=True), "is_impossible is true but there are 1 answers"),
    "title": (
        row(title="Rye", context=5),
        "line 1, article 'Rye', question 'r1': 'context' is a whole number",
    ),
}


@pytest.mark.parametrize("name", ROW_FAULTS)
def test_a_fault_in_a_line_is_told_with_its_number(name: str, save: Save) -> None:
    content, expected = ROW_FAULTS[name]
    path = save(content, "data.jsonl")
    with pytest.raises(UserError) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)


def test_a_line_cut_off_at_the_end_is_said_to_be_that(save: Save) -> None:
    path = save(row() + "\n" + row(id="r2")[:-9], "data.jsonl")
    with pytest.raises(UserError, match="may be cut off"):
        read_questions(path)
