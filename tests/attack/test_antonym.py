"""``antonym.v1``: which word is replaced, by what, in what form."""

from __future__ import annotations

import pytest

from robust.attack.registry import make
from robust.squad.records import Answer, Question

CONTEXT = "The largest city is Velm. It was a long time ago that prices increased there, before the war."


def asked(text: str, **settings: object) -> str:
    question = Question("q", text, CONTEXT, (Answer("Velm", 20),), "T", True, "T:1", "T")
    found = make("antonym.v1", **settings).variants(question, 0)
    return found[0].question if found else ""


@pytest.mark.parametrize(
    ("text", "opposite"),
    [
        ("What is the largest city?", "What is the smallest city?"),
        ("Which city came before the war?", "Which city came after the war?"),
        ("Which is the most popular city?", "Which is the least popular city?"),
        ("Where are harbours most common?", "Where are harbours least common?"),
        ("What are Velm's most beautiful towns?", "What are Velm's least beautiful towns?"),
        ("Which name is used most often?", "Which name is used least often?"),
        ("Which was the first city?", "Which was the last city?"),
        ("Where have prices increased?", "Where have prices decreased?"),
        ("Which city has an important harbour?", "Which city has an unimportant harbour?"),
        ("Which city has an old harbour?", "Which city has a new harbour?"),
    ],
)
def test_a_word_becomes_its_opposite_in_the_same_form(text: str, opposite: str) -> None:
    assert asked(text) == opposite


def test_adjectives_come_before_verbs_unless_pos_says_otherwise() -> None:
    assert asked("Where have low prices increased?") == "Where have high prices increased?"
    assert asked("Where have low prices increased?", pos="va") == "Where have low prices decreased?"


@pytest.mark.parametrize(
    "text",
    [
        "How large is it?",
        "What is at most so?",
        "In what same year was Velm Old Town built?",
        "What is found in most wooden bees?",
        "What is eaten in most highly painted towns?",
    ],
)
def test_words_whose_opposite_does_not_fit_stay(text: str) -> None:
    assert asked(text) == ""
