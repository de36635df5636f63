"""Questions in one buffer come out as they went in, and are found again."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robust.squad.packed import Packed, Sources
from robust.squad.records import Answer, Question

_TEXT = st.text(max_size=12)  # surrogates too
_QUESTIONS = st.lists(
    st.builds(
        Question,
        id=_TEXT,
        text=_TEXT,
        context=_TEXT,
        answers=st.lists(st.builds(Answer, _TEXT, st.integers(-5, 2**40)), max_size=3).map(tuple),
        title=_TEXT,
        answerable=st.booleans(),
        paragraph_id=_TEXT,
        article=_TEXT,
    ),
    max_size=8,
)


@given(questions=_QUESTIONS)
def test_what_comes_out_is_what_went_in(questions: list[Question]) -> None:
    packed = Packed(questions)
    assert list(packed) == questions
    assert packed == questions
    assert packed == Packed(questions)
    assert packed != [*questions, Question("", "", "", (), "", False, "", "")]
    assert packed != 7
    assert [packed[k] for k in range(len(packed))] == questions
    assert packed[1:-1] == questions[1:-1]
    assert packed[::-2] == questions[::-2]
    if questions:
        assert packed[-1] == questions[-1]
        assert questions[-1] in packed
    for beyond in (len(questions), -len(questions) - 1):
        with pytest.raises(IndexError):
            packed[beyond]


def _some(count: int) -> list[Question]:
    return [Question(f"q{k}", "What?", "It is.", (), "T", False, "p", "a") for k in range(count)]


def test_questions_of_a_paragraph_share_its_context() -> None:
    questions = [replace(q, context="".join(["It", " is."])) for q in _some(3)]
    packed = Packed(questions)
    assert packed[0].context is packed[2].context


@pytest.mark.parametrize("order", ["as they stand", "any"])
def test_a_question_is_found_in_any_order(order: str) -> None:
    questions = _some(50)
    asked = [k for k in range(50) for _ in range(2)]
    if order == "any":
        random.Random(0).shuffle(asked)
    sources = Sources(Packed(questions))
    assert [sources.find(f"q{k}") for k in asked] == [(k, questions[k]) for k in asked]
    assert sources.find("none") is None
    assert sources.find("q7") == (7, questions[7])
    assert sources.find("q8") == (8, questions[8])
    assert Sources(Packed()).find("q0") is None
