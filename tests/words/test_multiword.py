"""Expressions of several words, together and apart."""

from __future__ import annotations

import pytest

from robust.words.lexicon import Lexicon
from robust.words.multiword import LONGEST, expressions
from robust.words.tagger import analyse
from robust.words.tokens import Token


def found(text: str) -> list[str]:
    tokens = analyse(text)
    return [" ".join(tokens[i].text for i in indices) for indices in expressions(tokens)]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("When did the battle take place?", "take place"),
        ("When has it taken place?", "taken place"),
        ("Who became prime minister?", "prime minister"),
        ("Which prime ministers met?", "prime ministers"),
        ("Who carried out the plan?", "carried out"),
        ("Who carried the plan out?", "carried out"),
        ("Who carried the whole plan out?", "carried out"),
        ("What did they take into account?", "take into account"),
    ],
)
def test_an_expression_is_found_in_any_inflection_and_with_its_particle_apart(
    text: str, expression: str
) -> None:
    assert expression in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Which company was founded in 1850?",
        "What kind of school is it?",
        "Who runs in 1850?",
        "What plan did he write?",
        "",
        "?",
    ],
)
def test_words_that_only_stand_together_are_none(text: str) -> None:
    assert found(text) == []


def test_every_expression_of_the_lexicon_is_found_where_its_words_stand_side_by_side() -> None:
    names = [name for name in Lexicon.open().all_lemmas() if 0 < name.count("_") < LONGEST][::37]
    asked = 0
    for name in names:
        words = name.replace("'s_", "_'s_").split("_")
        if len(words) > LONGEST or not all(word[:1].isalpha() or word == "'s" for word in words):
            continue
        tokens = [Token(word, 0, 0, "NN", word) for word in ["the", *words, "zorbals"]]
        assert tuple(range(1, len(words) + 1)) in expressions(tokens), name
        asked += 1
    assert asked > 1000
