"""Misspelt words: which words, which errors, how many."""

from __future__ import annotations

from collections import Counter

import pytest

from attacks.typo import KINDS
from robust.attack.registry import make
from robust.attack.scene import Scene, open_lexicon
from robust.attack.sites import SiteAttack
from robust.errors import UserError
from robust.squad.records import Question
from robust.words.frequency import zipf


def errors(question: Question, kind: str) -> dict[str, set[str]]:
    """Return word -> its errors of a kind."""
    attack = make("typo.v1", kind=kind)
    assert isinstance(attack, SiteAttack)
    sites = attack.sites(Scene(question), 0, Counter())
    return {site.edits[0].before: {edit.after for edit in site.edits} for site in sites}


@pytest.mark.parametrize(
    ("kind", "some", "never"),
    [
        ("keyboard", {"warehiuse", "warehoyse"}, {"qarehouse", "warehoqse"}),
        ("ocr", {"warehou5e", "wareh0use"}, {"vvarehouse"}),
        ("swap", {"waerhouse", "warehosue"}, {"awrehouse"}),
        ("drop", {"warehuse", "wrehouse"}, {"arehouse", "warehous"}),
        ("repeat", {"warrehouse", "warehousee"}, {"wwarehouse"}),
    ],
)
def test_each_kind_makes_its_own_errors_and_leaves_the_first_letter(
    questions: list[Question], kind: str, some: set[str], never: set[str]
) -> None:
    found = errors(questions[2], kind)  # Where does a large warehouse still stand?
    assert some <= found["warehouse"]
    assert not never & found["warehouse"]


def test_names_stop_words_and_answers_are_spelt_right(questions: list[Question]) -> None:
    assert set(errors(questions[0], "swap")) == {"built", "harbour"}  # not Who, the, Veldmond
    assert set(errors(questions[1], "swap")) == {"storm", "destroy"}  # the answer is "the lighthouse"


def test_no_error_is_a_word(questions: list[Question]) -> None:
    found = [
        wrong for question in questions for words in errors(question, "drop").values() for wrong in words
    ]
    assert found
    assert not [wrong for wrong in found if zipf(wrong.lower())]


def test_no_error_is_a_rare_word_that_only_wordnet_has() -> None:
    question = Question("q", "What did the cold bees fear?", "", (), "T", False, "T:1", "T")
    assert "clod" not in errors(question, "swap")["cold"]
    assert not [
        wrong
        for kind in KINDS
        for words in errors(question, kind).values()
        for wrong in words
        if open_lexicon(None).likeliest_lemma(wrong.lower())
    ]


def test_the_rate_is_a_share_of_the_words_and_one_word_where_none_is_given(questions: list[Question]) -> None:
    question = questions[8]  # ten words, four of them open
    assert len(make("typo.v1").variants(question, 0)[0].edits) == 1
    assert len(make("typo.v1", rate=0.3).variants(question, 0)[0].edits) == 3
    assert 3 < len(make("typo.v1", rate=1).variants(question, 0)[0].edits) < 10


@pytest.mark.parametrize(("setting", "value"), [("kind", "phonetic"), ("rate", 1.5)])
def test_a_setting_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    with pytest.raises(UserError, match=f"typo.v1: {setting}"):
        make("typo.v1", **{setting: value})
