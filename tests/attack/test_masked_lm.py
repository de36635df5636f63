"""What a masked language model proposes, and what of it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from robust.attack.registry import make
from robust.attack.scorers import Blank, Filling, Scorers
from robust.errors import UserError
from robust.squad.records import Question


@dataclass
class Scripted:
    """A masked LM that says the same everywhere, and notes what it was asked."""

    words: dict[str, float]
    sha256: str = "a" * 64
    asked: list[Sequence[Blank]] = field(default_factory=list)

    def fill(self, blanks: Sequence[Blank], top: int) -> list[list[Filling]]:
        self.asked.append(blanks)
        return [[Filling(*item) for item in self.words.items()][:top] for _ in blanks]

    def fluency(self, texts: Sequence[str]) -> list[float]:
        return [0.0 for _ in texts]


def rewritten(text: str, words: dict[str, float], **settings: object) -> set[str]:
    question = Question("q", text, "", (), "T", False, "T:1", "T")
    attack = make("masked-lm.v1", per_question=9, **settings)
    return {variant.question for variant in attack.variants(question, 0, Scorers(Scripted(words)))}


def test_a_likely_synonym_of_the_same_inflection_stands_in() -> None:
    found = rewritten("Which countries founded the old town?", {"nations": -1.0, "nation": -1.1})
    assert found == {"Which nations founded the old town?"}


@pytest.mark.parametrize(
    "word",
    [
        "the",  # a stop word
        "country",  # the same lemma
        "towns",  # there already, in another number
        "foundeds",  # no word
        "songs",  # likely, but unrelated
        "Nations",  # with a capital
    ],
)
def test_what_is_likely_need_not_do(word: str) -> None:
    assert rewritten("Which countries founded the old town?", {word: -1.0}) == set()


def test_the_least_probability_is_kept() -> None:
    text = "Which countries founded the old town?"
    assert rewritten(text, {"nations": -2.0}, least_probability=0.2) == set()
    assert rewritten(text, {"nations": -1.0}, least_probability=0.2)


def test_an_adjective_is_put_between_article_and_noun() -> None:
    found = rewritten(
        "Who built a harbour?", {"old": -1.0, "artificial": -1.5}, operation="insert", may_change=True
    )
    assert found == {"Who built an artificial harbour?"}  # "old" places rather than describes


def test_a_modifier_and_its_noun_become_one() -> None:
    found = rewritten(
        "When did the rich countries sign?", {"nations": -1.0}, operation="merge", may_change=True
    )
    assert found == {"When did the nations sign?"}


@pytest.mark.parametrize("operation", ["insert", "merge"])
def test_what_may_change_the_question_is_never_done_unasked(operation: str) -> None:
    with pytest.raises(UserError, match=f"operation '{operation}': a third of its edits changes what is"):
        make("masked-lm.v1", operation=operation)


def test_a_question_is_asked_about_in_one_batch_with_the_question_beside_it() -> None:
    lm = Scripted({"nations": -1.0})
    question = Question("q", "Which countries founded the town?", "", (), "T", False, "T:1", "T")
    make("masked-lm.v1").variants(question, 0, Scorers(lm))
    make("masked-lm.v1", beside=False).variants(question, 0, Scorers(lm))
    beside, alone = lm.asked
    assert [blank.text[blank.start : blank.end] for blank in beside] == ["countries", "founded", "town"]
    assert beside[0].text == f"{question.text} {question.text}"
    assert alone[0].text == question.text


def test_without_a_model_the_option_is_named(questions: list[Question]) -> None:
    with pytest.raises(UserError, match=r"masked-lm.v1: needs a masked language model.*--masked-lm"):
        make("masked-lm.v1").variants(questions[0], 0)


def test_the_model_is_part_of_the_settings() -> None:
    attack = make("masked-lm.v1")
    bound = attack.bound(Scorers(Scripted({})))
    assert bound.settings()["model_sha256"] == "a" * 64
    assert bound.settings_hash() != attack.settings_hash()
    assert bound.bound(Scorers(Scripted({}))) is bound
    with pytest.raises(UserError, match="model_sha256 aaaaaaaaaaaa"):
        bound.bound(Scorers(Scripted({}, sha256="b" * 64)))
    typo = make("typo.v1")
    assert typo.bound(Scorers(Scripted({}))) is typo


def test_the_letter_of_a_name_is_no_article() -> None:
    """*Vitamin A* keeps its A, and nothing is put in after it."""
    words = {"severe": -1.0, "illness": -1.0, "old": -1.0}
    for operation in ("insert", "merge"):
        found = rewritten(
            "What is vitamin A deficiency called?", words, operation=operation, related="any", may_change=True
        )
        assert all("vitamin A " in text for text in found)
        assert "What is vitamin A severe deficiency called?" not in found
