"""Which words of a question are better left alone."""

from __future__ import annotations

import pytest

from robust.attack.choice import delicacy, hazard, off_limits
from robust.attack.scene import Scene
from robust.squad.records import Question


def scene_of(text: str) -> Scene:
    return Scene(Question("q", text, "Nothing.", (), "T", False, "T:1", "T"))


def place(scene: Scene, word: str) -> int:
    return next(i for i, token in enumerate(scene.tokens) if token.text == word)


@pytest.mark.parametrize(
    ("text", "word", "reason"),
    [
        ("What did the army take?", "take", "light verb"),
        ("What kind of rock is it?", "kind", "pointer noun"),
        ("What was the main goal?", "main", "placing adjective"),
        ("Which house is next to the other house?", "house", "said twice"),
        ("What well-known doctor came?", "well-known", "hyphenated"),
        ("Who built the castle?", "built", ""),
        ("Which physicians purchased the castle?", "physicians", ""),
    ],
)
def test_hazards_are_named(text: str, word: str, reason: str) -> None:
    scene = scene_of(text)
    assert hazard(scene, place(scene, word)) == reason


@pytest.mark.parametrize(
    ("text", "word", "reason"),
    [
        ("What did the doctors apologise for?", "apologise", "governs a preposition"),
        ("What was the reason for the strike?", "reason", "governs a preposition"),
        ("When was the castle built in Kent?", "built", ""),
        ("Who owned the oil company?", "company", "part of a compound"),
        ("What was the king of France in charge of?", "charge", "bare noun after a preposition"),
        ("Who owned the company?", "company", ""),
    ],
)
def test_delicate_words_must_be_safer(text: str, word: str, reason: str) -> None:
    scene = scene_of(text)
    found, more = delicacy(scene, place(scene, word))
    assert found == reason
    assert (more > 0) == bool(reason)


def test_words_of_the_parts_of_speech_asked_for_may_be_touched_and_others_say_why_not() -> None:
    scene = scene_of("Which huge castle did Napoleon not quickly destroy in 1805?")
    found = {token.text: off_limits(scene, i, "nv") for i, token in enumerate(scene.tokens)}
    assert [word for word, reason in found.items() if reason == ""] == ["castle", "destroy"]
    assert (found["Napoleon"], found["1805"]) == ("name", "number")
    assert found["huge"] == found["quickly"] == "part of speech not asked for"
