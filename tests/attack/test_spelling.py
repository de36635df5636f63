"""British and American spellings, and what must not be respelt."""

from __future__ import annotations

import pytest

from attacks.spelling import spellings
from robust.attack.registry import make
from robust.errors import UserError
from robust.squad.records import Question


def rewritten(text: str, **settings: object) -> str:
    question = Question("q", text, "", (), "T", False, "T:1", "T")
    found = make("spelling.v1", **settings).variants(question, 0)
    return found[0].question if found else ""


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("colours", "colors"),
        ("neighbourhood", "neighborhood"),
        ("favourite", "favorite"),
        ("centred", "centered"),
        ("organisations", "organizations"),
        ("analysing", "analyzing"),
        ("travelled", "traveled"),
        ("defence", "defense"),
        ("catalogues", "catalogs"),
        ("fulfil", "fulfill"),
        ("sceptical", "skeptical"),
    ],
)
def test_inflected_words_go_both_ways(british: str, american: str) -> None:
    assert spellings()["american"][british] == american
    assert spellings()["british"][american] == british


def test_what_has_other_meanings_goes_one_way() -> None:
    assert spellings()["american"]["tyres"] == "tires"
    assert not {"tires", "check", "meter", "program", "stories"} & set(spellings()["british"])


@pytest.mark.parametrize("word", ["size", "prize", "analyses", "our", "four", "advertise", "controlled"])
def test_words_spelt_alike_everywhere_are_not_in_the_list(word: str) -> None:
    assert word not in spellings()["american"]
    assert word not in spellings()["british"]


def test_every_word_of_the_question_is_turned_to_what_it_is_not() -> None:
    text = "What was the colour of the theater that they organised?"
    assert rewritten(text) == "What was the color of the theatre that they organized?"
    assert rewritten(text, direction="british") == "What was the colour of the theatre that they organised?"
    assert rewritten(text, direction="american") == "What was the color of the theater that they organized?"


def test_case_is_kept_and_names_are_not_respelt() -> None:
    assert rewritten("Colours of what did the Department of Defense use?") == (
        "Colors of what did the Department of Defense use?"
    )


def test_a_direction_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match=r"spelling.v1: direction"):
        make("spelling.v1", direction="canadian")
