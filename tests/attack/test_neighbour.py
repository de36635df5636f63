"""Neighbours in the space of vectors, and how WordNet sorts them."""

from __future__ import annotations

import numpy as np
import pytest

from robust.attack.registry import make
from robust.attack.relation import relation
from robust.attack.scene import open_lexicon
from robust.errors import UserError
from robust.squad.records import Question
from robust.words.vectors import Vectors, cosine


def offered(text: str, **settings: object) -> dict[str, list[str]]:
    """Return word -> what it becomes, over all variants."""
    question = Question("q", text, "", (), "T", False, "T:1", "T")
    found: dict[str, list[str]] = {}
    for variant in make("neighbour.v1", per_question=30, **settings).variants(question, 0):
        for edit in variant.edits:
            found.setdefault(edit.before, []).append(edit.after)
    return found


def test_the_nearest_lemmas_are_those_of_the_highest_cosine() -> None:
    space = Vectors.open()
    row = space.vector("harbour")
    assert row is not None
    found = space.nearest("harbour", 5)
    every = {word: cosine(row, space.dequantise([at])[0]) for at, word in enumerate(space.words[:3000])}
    every |= {word: space.similarity("harbour", word) for word, _ in found}
    best = sorted((word for word in every if word != "harbour"), key=lambda word: -every[word])[:5]
    assert [word for word, _ in found] == best
    assert np.allclose([value for _, value in found], [every[word] for word in best], atol=1e-3)
    assert space.nearest("qwertyuiop", 5) == []


@pytest.mark.parametrize(
    ("one", "other", "pos", "how"),
    [
        ("hot", "cold", "a", "antonym"),
        ("country", "nation", "n", "synonym"),
        ("begin", "start", "v", "synonym"),
        ("rainforest", "forest", "n", "kin"),
        ("north", "south", "n", "sister"),
        ("guitar", "song", "n", ""),
    ],
)
def test_wordnet_tells_how_two_words_are_related(one: str, other: str, pos: str, how: str) -> None:
    assert relation(open_lexicon(None), one, other, pos) == how


def test_near_synonyms_stand_in_inflected() -> None:
    assert "nations" in offered("Which countries founded the old town?")["countries"]
    assert "began" in offered("Who started the long war?", least_similarity=0.5)["started"]


def test_a_word_is_no_neighbour_of_itself() -> None:
    assert offered("Which countries founded the old town?", k=1)["countries"] == ["nations"]


def test_antonyms_are_never_taken_and_the_unrelated_only_when_asked_for() -> None:
    text = "What did the ancient teachers purchase?"
    close = offered(text, least_similarity=0.3).get("teachers", [])
    wide = offered(text, least_similarity=0.3, related="any")["teachers"]
    assert {"instructors", "educators"} & set(close)
    assert "courses" in set(wide) - set(close)
    assert "poor" in dict(Vectors.open().nearest("rich", 200))
    assert (
        "poor" not in offered("What did the rich teachers buy?", least_similarity=0.0, related="any")["rich"]
    )


@pytest.mark.parametrize(("setting", "value"), [("k", 0), ("least_similarity", 2), ("related", "all")])
def test_a_setting_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    with pytest.raises(UserError, match=f"neighbour.v1: {setting}"):
        make("neighbour.v1", **{setting: value})
