"""What qads.v1 replaces, by what, and what it leaves alone."""

from __future__ import annotations

import re

import pytest

from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.substitution import word_edit
from robust.errors import UserError
from robust.squad.records import Answer, Question

SAFE = make("qads.v1")
PAPER = make("qads.v1", preset="paper")


def ask(text: str, context: str = "Nothing of note is said here.", answer: str = "") -> Question:
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    return Question("q1", text, context, answers, "T", bool(answer), "T:1", "T")


def only(text: str, attack=SAFE, **more: str) -> str:  # type: ignore[no-untyped-def]
    variants = attack.variants(ask(text, **more), 0)
    assert len(variants) == 1, f"no variant of {text!r}"
    return str(variants[0].question)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When did the doctors purchase the house?", r"bought|buy|physicians"),
        ("Which physicians purchased the house?", r"bought|doctors"),
        ("When did the war begin?", r"start|commence"),
        ("Who was the attorney of the company?", r"lawyer"),
    ],
)
def test_a_plain_word_gets_a_plain_synonym(text: str, expected: str) -> None:
    assert re.search(expected, only(text))


def test_the_article_follows_the_new_word() -> None:
    changed = only("Who bought an automobile?", attack=make("qads.v1", pos="n", least_safety=0.0))
    assert " a car" in changed
    (variant,) = make("qads.v1", pos="n", least_safety=0.0).variants(ask("Who bought an automobile?"), 0)
    (edit,) = variant.edits
    assert (edit.before, edit.after) == ("an automobile", "a car")


@pytest.mark.parametrize(
    ("word", "expected"), [("purchased", "bought"), ("Purchased", "Bought"), ("PURCHASED", "BOUGHT")]
)
def test_an_edit_takes_the_case_of_the_word(word: str, expected: str) -> None:
    scene = Scene(ask(f"Who {word} it?"))
    assert word_edit(scene, 1, "bought").after == expected


def test_tense_and_number_are_kept() -> None:
    verbs = make("qads.v1", pos="v", least_safety=0.0)
    assert only("Who purchased the red house?", attack=verbs) == "Who bought the red house?"
    assert only("Who began purchasing the house?", attack=verbs) in (
        "Who began buying the house?",
        "Who started purchasing the house?",
    )
    nouns = make("qads.v1", pos="n", least_safety=0.0)
    assert only("Who bought two automobiles?", attack=nouns) == "Who bought two cars?"


def test_paper_replaces_every_word_that_has_a_synonym_and_safe_one() -> None:
    text = "Which physicians purchased the huge automobile?"
    (paper,) = PAPER.variants(ask(text), 0)
    (safe,) = SAFE.variants(ask(text), 0)
    assert len(paper.edits) >= 3
    assert len(safe.edits) == 1


@pytest.mark.parametrize("edits", [1, 2, 3])
def test_as_many_words_are_replaced_as_asked_for_or_none(edits: int) -> None:
    attack = make("qads.v1", edits=edits, least_safety=0.0)
    (variant,) = attack.variants(ask("Which physicians purchased the huge automobile?"), 0)
    assert len(variant.edits) == edits
    assert attack.variants(ask("Who is it?"), 0) == []


def test_only_the_parts_of_speech_asked_for_are_touched() -> None:
    for pos in "nva":
        attack = make("qads.v1", preset="paper", pos=pos)
        (variant,) = attack.variants(ask("Which physicians purchased the huge automobile?"), 0)
        assert {edit.tag for edit in variant.edits} == {pos}


def test_names_numbers_quotations_and_answers_stay() -> None:
    text = 'Which 3 doctors of Big City said "purchase the house" in 1066?'
    context = "The doctors of Big City were Ann, Bo and Cy. They stood by the large automobile."
    for variant in PAPER.variants(ask(text, context, "doctors"), 0):
        for kept in ("3 doctors", "Big City", '"purchase the house"', "1066"):
            assert kept in variant.question


def test_the_paragraph_helps_to_choose_the_sense() -> None:
    text = "What did the plant need?"
    attack = make("qads.v1", preset="paper", pos="n")
    factory = "Workers in the factory assembled machines. The industry needed electricity and engines."
    garden = "The flower grew in soil with water and light. Its leaves, roots and stem were green."
    senses = [attack.variants(ask(text, context), 0)[0].edits[0].sense for context in (factory, garden)]
    assert senses[0] != senses[1]


def test_an_edit_tells_how_it_was_chosen() -> None:
    (variant,) = SAFE.variants(ask("When did the doctors purchase the house?"), 0)
    (edit,) = variant.edits
    assert edit.sense
    assert edit.sense_rank >= 1
    assert 0 < edit.score <= 1
    assert edit.reason.startswith("safety 0.")


def test_rejections_are_counted_by_reason() -> None:
    attempt = SAFE.attempt(ask("Who led the army of France in 1066?"), 0)
    assert attempt.rejections["word: name"] == 1
    assert attempt.rejections["word: number"] == 1
    assert all(":" in reason for reason in attempt.rejections)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"preset": "saef"}, "preset 'saef': not known, expected one of safe, paper"),
        ({"edits": 0}, "edits 0: expected a number from 1"),
        ({"edits": "two"}, "edits 'two': expected a number from 1"),
        ({"pos": "x"}, "pos 'x': found 'x', expected letters out of"),
        ({"sense": "leks"}, "sense method 'leks': unknown"),
        ({"lexicon": "/no/such.lexicon"}, "/no/such.lexicon"),
    ],
)
def test_a_setting_that_cannot_be_is_told_in_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as error:
        make("qads.v1", **settings)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
