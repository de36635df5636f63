"""What the rules find, what they leave alone, and that only what is new counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from robust.build import stratified_sample
from robust.squad.io import read_questions
from robust.words.grammar import RULES, faults, new_faults

WRONG = [
    ("What is an city on the river?", "article", "an city"),
    ("Who saw a old mill?", "article", "a old"),
    ("Who sold the the mill?", "doubled word", "the the"),
    ("Who painted each doors of the mill?", "number", "each doors"),
    ("How many door does the mill have?", "number", "many door"),
    ("Which is the most oldest mill?", "doubled comparative", "most oldest"),
    ("What did the family established in 1850?", "do and finite verb", "did the family established"),
    ("How many parts does the number consists of?", "do and finite verb", "does the number consists"),
    ("Who would established the mill?", "modal and finite verb", "would established"),
    ("Who wanted to established a mill?", "modal and finite verb", "to established"),
    ("Which army has invade the valley?", "be or have and base verb", "has invade"),
    ("Which mill burnt when they establishes it?", "agreement", "they establishes"),
    ("Which countries was invaded by Rome?", "agreement", "Which countries was"),
    ("What is the rivers of the valley?", "agreement", "is the rivers"),
    ("Who sold the millxq?", "non-word", "millxq"),
    ("Who sold , the mill?", "punctuation", "sold ,"),
    ("Who sold the mill (in 1850?", "punctuation", "("),
    ("The mill was sold in Which year?", "capital", "Which"),
]


@pytest.mark.parametrize(("text", "kind", "shown"), WRONG, ids=[shown for _, _, shown in WRONG])
def test_an_error_is_found_where_it_stands(text: str, kind: str, shown: str) -> None:
    (fault,) = faults(text)
    assert (fault.kind, fault.text) == (kind, shown)
    assert text[fault.start : fault.end] == shown


def test_every_rule_has_a_known_answer() -> None:
    assert {kind for _, kind, _ in WRONG} == set(RULES)


@pytest.mark.parametrize(
    "text",
    [
        "What did the established church teach?",
        "Who came to established firms first?",
        "How many computer programs does each sports team use?",
        "What is politics?",
        "What is fuel the source of?",
        "Who said that that was an hour's walk?",
        "Is a European an honest user of an MRI?",
        "Which group have left and which team are called winners?",
        "What do both science and government have in common?",
        "When was the (old) mill sold, and to whom?",
        "Which song did Duran Duran record?",
        "If a and b are even, what is a?",
    ],
)
def test_what_can_be_right_is_left_alone(text: str) -> None:
    assert faults(text) == []


def test_only_errors_that_the_original_has_not_are_new() -> None:
    before = "Who sold the the mill at Qwxzt , a old one?"
    assert new_faults(before, before) == []
    assert [f.text for f in new_faults(before, before.replace("sold", "sold sold"))] == ["sold sold"]
    # one error more of the same words is a new one
    assert [f.text for f in new_faults(before, before + " And the the dam?")] == ["the the"]


def test_a_word_that_the_original_or_the_paragraph_has_is_none_of_the_non_words() -> None:
    assert new_faults("Who ate zzyzx?", "Who devoured zzyzx?") == []
    assert [f.kind for f in new_faults("Who ate it?", "Who ate zzyzx?")] == ["non-word"]
    assert new_faults("Who ate it?", "Who ate zzyzx?", known={"zzyzx"}) == []


@pytest.mark.data
def test_few_unedited_questions_are_called_wrong(robust_data: Path) -> None:
    """Most of what is found in them is wrong indeed: misspelt words, "did X ended" (docs/attacks.md)."""
    questions = stratified_sample(read_questions(robust_data / "squad2" / "dev-v2.0.json"), 300, 0)
    found = [faults(question.text) for question in questions]
    grammar = [fault for one in found for fault in one if fault.kind != "non-word"]
    assert len(grammar) <= 6
