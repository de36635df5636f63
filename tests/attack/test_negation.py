"""``negation.v1``: where a *not* goes, what the verb looks like then, and what is left alone."""

from __future__ import annotations

import pytest

from robust.attack.registry import make
from robust.errors import UserError
from robust.squad.records import Answer, Question

CONTEXT = "The answer is here."


def negated(text: str, **settings: object) -> str:
    """Return the one variant of a question, "" where there is none."""
    found = make("negation.v1", **settings).variants(_question(text), 0)
    return found[0].question if found else ""


def reasons(text: str) -> set[str]:
    """Return why a question was turned down."""
    return set(make("negation.v1").attempt(_question(text), 0).rejections)


def _question(text: str) -> Question:
    return Question("q", text, CONTEXT, (Answer("here", 14),), "T", True, "T:1", "T")


@pytest.mark.parametrize(
    ("asked", "full", "contracted"),
    [
        ("What did Brandt build?", "What did Brandt not build?", "What didn't Brandt build?"),
        ("Which country joined?", "Which country did not join?", "Which country didn't join?"),
        ("Which bees live in hives?", "Which bees do not live in hives?", "Which bees don't live in hives?"),
        ("Who owns the mill?", "Who does not own the mill?", "Who doesn't own the mill?"),
        (
            "What is the capital of Peru?",
            "What is not the capital of Peru?",
            "What isn't the capital of Peru?",
        ),
        ("When was the mill founded?", "When was the mill not founded?", "When wasn't the mill founded?"),
        (
            "Which mill was founded here?",
            "Which mill was not founded here?",
            "Which mill wasn't founded here?",
        ),
        ("What can bees produce?", "What can bees not produce?", "What can't bees produce?"),
        ("Which bees can fly?", "Which bees cannot fly?", "Which bees can't fly?"),
        ("Which bees will die?", "Which bees will not die?", "Which bees won't die?"),
        ("Which bees may die?", "Which bees may not die?", "Which bees may not die?"),
        ("Who has the power?", "Who does not have the power?", "Who doesn't have the power?"),
        ("Who has built it?", "Who has not built it?", "Who hasn't built it?"),
        ("Who first built it?", "Who did not first build it?", "Who didn't first build it?"),
    ],
)
def test_a_negation_is_put_where_english_puts_it(asked: str, full: str, contracted: str) -> None:
    assert negated(asked) == full
    assert negated(asked, form="contracted") == contracted


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("What did Brandt not build?", "What did Brandt build?"),
        ("Which country did not join?", "Which country joined?"),
        ("Which country doesn't join?", "Which country joins?"),
        ("What can't bees eat?", "What can bees eat?"),
        ("What cannot be eaten?", "What can be eaten?"),
        ("Which city is not in Peru?", "Which city is in Peru?"),
    ],
)
def test_a_negation_that_is_there_is_taken_out(asked: str, left: str) -> None:
    assert negated(asked) == left


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ("What is oxygen?", "question: asks what something is"),
        ("How tall is the tower?", "question: asks how much it is"),
        ("What did Brandt also build?", "question: a word that does not go with not"),
        ("Name the engineer.", "question: no question word"),
        ("From what king did the bee name possibly descend?", "question: its verb is not clear"),
        ("What did not only bees eat?", "question: a negation that cannot be taken out"),
    ],
)
def test_what_is_not_sure_is_left_alone_and_counted(asked: str, reason: str) -> None:
    assert negated(asked) == ""
    assert reason in reasons(asked)


def test_a_question_without_an_answer_is_left_alone() -> None:
    question = Question("q", "What did Brandt build?", CONTEXT, (), "T", False, "T:1", "T")
    attempt = make("negation.v1").attempt(question, 0)
    assert not attempt.variants
    assert attempt.rejections["question: has no answer"] == 1


def test_another_form_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"form 'short': not known, expected one of full, contracted"):
        make("negation.v1", form="short")
