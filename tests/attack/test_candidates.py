"""What may stand in a word's place, and the reason why other words may not."""

from __future__ import annotations

from collections import Counter

import pytest

from robust.attack.candidates import Filters, substitutes
from robust.attack.scene import Scene
from robust.attack.vocabulary import blocked
from robust.attack.word_facts import is_mass, is_participle, is_plural, spelling, usual
from robust.squad.records import Answer, Question
from robust.words.lexicon import Lexicon

LEXICON = Lexicon.open()


def offered(
    text: str, word: str, sense: str, *, answer: str = "", **filters: object
) -> tuple[list[str], Counter[str]]:
    """Return the forms offered for ``word`` in the synset called ``sense``, and the rejections."""
    answers = (Answer(answer, 0),) if answer else ()
    scene = Scene(Question("q", text, answer or "Nothing.", answers, "T", bool(answer), "T:1", "T"))
    index = next(i for i, token in enumerate(scene.tokens) if token.text == word)
    found, refused = substitutes(scene, index, LEXICON.synset(sense), Filters(**filters))  # type: ignore[arg-type]
    return [substitute.form for substitute in found], Counter(refusal.reason for refusal in refused)


@pytest.mark.parametrize(
    ("text", "word", "sense", "reason", "refused"),
    [
        ("Which prison was it?", "prison", "prison.n.01", "multi-word", "prison house"),
        ("Which colour was it?", "colour", "color.n.01", "spelling of the same word", "color"),
        (
            "Who bought the automobile and the car?",
            "automobile",
            "car.n.01",
            "in the question already",
            "car",
        ),
        ("Where is the bottom?", "bottom", "buttocks.n.01", "offensive", "ass"),
        ("Which war began?", "war", "war.n.01", "plural or mass noun", "warfare"),
        ("What year was it?", "year", "year.n.01", "rare", "twelvemonth"),
    ],
)
def test_a_refusal_is_counted_by_its_reason(
    text: str, word: str, sense: str, reason: str, refused: str
) -> None:
    found, rejected = offered(text, word, sense, zipf_floor=3.2)
    assert rejected[reason] >= 1
    assert refused not in found


def test_without_strictness_only_what_cannot_be_an_edit_is_refused() -> None:
    assert "twelvemonth" in offered("What year was it?", "year", "year.n.01", strict=False)[0]
    found, rejected = offered("Where is the bottom?", "bottom", "buttocks.n.01", strict=False)
    assert "ass" not in found
    assert rejected["offensive"] >= 1


def test_a_word_of_the_answer_is_not_put_into_the_question() -> None:
    text = "Which physician was it?"
    assert "doctor" in offered(text, "physician", "doctor.n.01")[0]
    found, rejected = offered(text, "physician", "doctor.n.01", answer="the doctor")
    assert "doctor" not in found
    assert rejected["answer word"] == 1


def test_forms_take_the_inflection_of_the_word() -> None:
    assert "doctors" in offered("Which physicians came?", "physicians", "doctor.n.01")[0]
    assert "bought" in offered("Who purchased it?", "purchased", "buy.v.01")[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [("colour", "color"), ("organise", "organize"), ("centre", "center"), ("programme", "program"),
     ("disc", "disk"), ("travelled", "traveled"), ("geological", "geologic"), ("defence", "defense"),
     ("adviser", "advisor")],
)  # fmt: skip
def test_spellings_of_one_word_are_recognised(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


@pytest.mark.parametrize(
    ("one", "other"), [("car", "auto"), ("house", "home"), ("war", "warfare"), ("aim", "arm")]
)
def test_different_words_are_not_taken_for_spellings_of_one(one: str, other: str) -> None:
    assert spelling(one) != spelling(other)


def test_word_facts_know_plurals_mass_nouns_participles_and_usual_parts_of_speech() -> None:
    assert is_plural("authorities")
    assert not is_plural("bus")
    assert is_mass("warfare")
    assert not is_mass("war")
    assert is_participle(LEXICON, "located")
    assert not is_participle(LEXICON, "elective")
    assert usual(LEXICON, "house", "n") > 0.8 > 0.2 > usual(LEXICON, "house", "v")


def test_the_list_of_offensive_words_is_readable_and_not_in_the_clear() -> None:
    from importlib import resources

    assert len(blocked()) > 200
    assert "bastard" in blocked()
    text = resources.files("robust.attack").joinpath("data/blocked.rot13.txt").read_text(encoding="utf-8")
    assert "bastard" not in text


@pytest.mark.parametrize("word", ["buy", "doctor", "large", "queen", "tool", "peter", "suit"])
def test_innocent_words_are_not_blocked(word: str) -> None:
    assert word not in blocked()
