"""Contractions: what is contracted, what written out, and what must stay for the grammar's sake."""

from __future__ import annotations

import pytest

from robust.attack.registry import make
from robust.squad.records import Answer, Question


def rewritten(text: str, context: str = "", answer: str = "", **settings: object) -> str:
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    question = Question("q", text, context, answers, "T", bool(answer), "T:1", "T")
    found = make("contraction.v1", edits=9, **settings).variants(question, 0)
    return found[0].question if found else ""


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        ("What is the name of the town?", "What's the name of the town?"),
        ("Who is the oldest engineer?", "Who's the oldest engineer?"),
        ("Where is the harbour built?", "Where's the harbour built?"),
        ("What did not burn?", "What didn't burn?"),
        ("What cannot be rebuilt?", "What can't be rebuilt?"),
        ("WHAT IS the name?", "WHAT'S the name?"),
    ],
)
def test_whole_words_are_contracted_and_contractions_written_out(whole: str, short: str) -> None:
    assert rewritten(whole) == short
    assert rewritten(short) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Why didn't the storm destroy it?",  # "why did not the storm" is not English of today
        "Isn't the lighthouse old?",
        "How much lower was the sea than it is today?",
        "Who knows what it is?",
        "What was the town's name?",  # a possessive
        "Who's name was given to the town?",  # meant: whose
        "What did the storm not only destroy?",
        "What's he done?",  # meant: has
        "What's the town done?",
        "Who found it's home?",  # meant: its
        "Who's infected body was burnt?",
        "Who built it's beautifully painted harbour?",
    ],
)
def test_what_would_not_be_grammatical_stays(text: str) -> None:
    assert rewritten(text) == ""


def test_who_has_is_written_out_by_what_follows() -> None:
    assert rewritten("Who's been mayor?") == "Who has been mayor?"
    assert rewritten("Who's got the hive?") == "Who has got the hive?"
    assert rewritten("What's the town called?") == "What is the town called?"
    assert rewritten("What's called a hive?") == "What is called a hive?"


def test_the_apostrophe_is_that_of_the_text() -> None:
    assert rewritten("What is honey?", "The queen’s bees.") == "What’s honey?"
    assert rewritten("What’s honey?") == "What is honey?"


def test_one_way_can_be_asked_for() -> None:
    text = "What is it that didn't burn?"
    assert rewritten(text, way="contract") == "What's it that didn't burn?"
    assert rewritten(text, way="expand") == "What is it that did not burn?"


def test_quotations_and_words_of_the_answer_stay() -> None:
    assert rewritten('Who wrote "What is honey"?') == ""
    assert rewritten("What is said?", "It is so.", "It is so") == ""
