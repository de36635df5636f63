"""The explanation of a question says what the set holds, and why."""

from __future__ import annotations

from robust.attack.explain import explain
from robust.attack.registry import make
from robust.attack.substitution import Substitution
from robust.squad.records import Question

TEXT = "Which physicians purchased the huge automobile in 1950?"
QUESTION = Question("q1", TEXT, "Nothing.", (), "T", False, "T:1", "T")


def made(**settings: object) -> Substitution:
    attack = make("qads.v1", **settings)
    assert isinstance(attack, Substitution)
    return attack


def test_what_is_explained_is_what_is_built() -> None:
    for attack in (made(), made(preset="paper"), made(preset="paper", edits=2)):
        (variant,) = attack.variants(QUESTION, 0)
        found = explain(attack, QUESTION)
        assert (found.before, found.after) == (QUESTION.text, variant.question)
        assert [w.replaced_by for w in found.words if w.replaced_by] == [e.after for e in variant.edits]


def test_every_word_has_its_reason_and_the_reasons_are_those_that_are_counted() -> None:
    attack = made()
    words = {word.word: word for word in explain(attack, QUESTION).words}
    assert words["Which"].reason == "question word"
    assert words["1950"].reason == "number"
    assert not words["1950"].senses
    counted = attack.attempt(QUESTION, 0).rejections
    for word in words.values():
        if word.reason and word.reason != "another word is surer":
            assert counted[f"word: {word.reason}"]
        for substitute in word.substitutes:
            assert not substitute.refused or counted[f"substitute: {substitute.refused}"]
            assert bool(substitute.refused) == (substitute.safety is None)


def test_senses_come_best_first_with_their_glosses() -> None:
    (word,) = (
        w for w in explain(made(), QUESTION, gloss=lambda name: f"<{name}>").words if w.word == "automobile"
    )
    assert [s.gloss for s in word.senses] == [f"<{s.sense}>" for s in word.senses]
    assert [s.score for s in word.senses] == sorted((s.score for s in word.senses), reverse=True)
    assert word.senses[0].sense == "car.n.01"
    assert "car" in [s.word for s in word.substitutes]


def test_a_question_that_cannot_be_reworded_says_so() -> None:
    nothing = Question("q2", "Who is Anna?", "Nothing.", (), "T", False, "T:1", "T")
    assert explain(made(), nothing).after is None


def test_too_few_words_and_unweighed_substitutes_are_called_so() -> None:
    found = explain(made(edits=9), QUESTION)
    assert found.after is None
    assert "too few words to replace" in {word.reason for word in found.words}
    paper = explain(made(preset="paper"), QUESTION)
    assert all(s.safety is None for word in paper.words for s in word.substitutes)
