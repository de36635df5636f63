"""Attacks on the paragraph besides AddSent: what exactly they do to paragraphs of our own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from attacks.add_any import AddAny
from attacks.context_synonyms import ContextSynonyms
from attacks.irrelevant_sentence import IrrelevantSentence
from attacks.sentence_order import SentenceOrder
from robust.attack.distractor import asked_words, words_of
from robust.attack.rewritten import rewritten
from robust.attack.scene import Scene
from robust.attack.word_files import lines
from robust.squad.records import Answer, Question

CONTEXT = (
    "The town purchased a large mill. Karel Brandt built a bridge. It fell down. Merchants shipped wool. "
    "The bridge was rebuilt in 1901."
)


def question_of(text: str, answer: str, context: str = CONTEXT) -> Question:
    answers = (Answer(answer, context.index(answer)),) if answer else ()
    return Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")


def test_a_neutral_sentence_comes_from_the_table_and_shares_no_word_with_question_or_answer() -> None:
    question = question_of("Who saw the cat on the garden fence?", "Merchants")
    (variant,) = IrrelevantSentence().variants(question, 0)
    added = variant.edits[0].after.strip()
    assert variant.context == f"{CONTEXT} {added}"
    assert added in lines("neutral.txt")
    assert asked_words(Scene(question)).isdisjoint(words_of(added))
    sites = IrrelevantSentence().sites(
        Scene(question), 0, IrrelevantSentence().attempt(question, 0).rejections
    )
    offered = {edit.after.strip() for site in sites for edit in site.edits}
    assert "A grey cat slept on the warm windowsill all afternoon." not in offered
    assert len(offered) > 50


def test_neutral_sentences_are_sixty_or_so_without_names_or_numbers() -> None:
    table = lines("neutral.txt")
    assert len(set(table)) == len(table) >= 60
    assert not any(c.isdigit() for sentence in table for c in sentence)
    assert not any(word[0].isupper() for sentence in table for word in sentence.split()[1:])


def test_ten_words_are_added_and_none_of_the_answer() -> None:
    question = question_of("What did merchants ship?", "wool")
    (variant,) = AddAny().variants(question, 0)
    added = variant.context[len(CONTEXT) :].split() if variant.context else []
    assert len(added) == 10
    assert "wool" not in added
    own = {"What", "did", "merchants", "ship"}
    assert (
        own
        & {
            edit.after.strip()
            for site in AddAny().sites(Scene(question), 0, Counter())
            for edit in site.edits
        }
        == own
    )
    common = {word for line in lines("common_words.txt") for word in line.split()}
    (bare,) = AddAny(question_words=False, edits=4).variants(question, 0)
    assert {edit.after.strip() for edit in bare.edits} <= common


HARBOUR = (
    "The harbour has a mill. Harbour fees are low. Karel Brandt bought a barge. It sank. "
    "Harbour walls protect ships."
)


def moved_in(context: str, answer: str = "", title: str = "T") -> set[str]:
    """Return what becomes of a paragraph under twenty seeds."""
    question = replace(question_of("What is it?", answer, context), title=title)
    seen = set()
    for seed in range(20):
        for variant in SentenceOrder().variants(question, seed):
            after = rewritten(question, variant)
            assert not answer or after.context[after.answers[0].start :].startswith(answer)
            seen.add(after.context)
    return seen


def test_only_a_sentence_that_nothing_ties_moves_and_the_answer_stays_found() -> None:
    first, fees, brandt, sank, walls = (
        "The harbour has a mill.",
        "Harbour fees are low.",
        "Karel Brandt bought a barge.",
        "It sank.",
        "Harbour walls protect ships.",
    )
    # the first stays and the last holds the answer; "It" goes where the barge goes
    assert moved_in(HARBOUR, "ships") == {
        " ".join(order)
        for order in (
            [first, brandt, sank, fees, walls],
            [first, brandt, sank, walls, fees],
            [first, fees, walls, brandt, sank],
        )
    }


def test_neighbours_that_change_places_are_one_variant_whichever_of_them_moves() -> None:
    context = "The harbour has a mill. Harbour fees are low. Harbour walls protect ships."
    variants = SentenceOrder(per_question=6).variants(question_of("What is there?", "", context), 0)
    assert [v.context for v in variants] == [
        "The harbour has a mill. Harbour walls protect ships. Harbour fees are low."
    ]


@pytest.mark.parametrize(
    "moving",
    [
        "Harbour fees, for example, are low.",  # a connective
        "(Harbour fees are low.)",
        "Harbour fees are low because she cut them.",  # a person not named
        "Near the coast, it is calm near a harbour.",
        "The result is low harbour fees.",  # a thing not introduced
        "Forced to act, harbour people are poor.",
        "Fees are low.",  # of what?
        "Harbour fees pay a barge.",  # what the next sentence speaks of
    ],
)
def test_a_sentence_that_needs_its_neighbour_stays(moving: str) -> None:
    stays = HARBOUR.replace("Harbour fees are low.", moving)
    assert not any(context.index(moving) != stays.index(moving) for context in moved_in(stays, "ships"))


def test_what_happened_is_told_in_its_order() -> None:
    told = (
        "The harbour has a mill. Harbour fees rose. Harbour walls protect ships. Karel Brandt bought a barge."
    )
    rose, bought = "fees rose", "Brandt bought"
    assert moved_in(told)
    assert all(context.index(rose) < context.index(bought) for context in moved_in(told))
    now = told.replace("rose", "rise")
    assert any(context.index("fees rise") > context.index(bought) for context in moved_in(now))


def test_a_paragraph_whose_sentences_all_hang_together_is_left_alone() -> None:
    tied = "The mill was old. It fell down. However, the town built another. This one stands."
    attempt = SentenceOrder().attempt(question_of("What fell?", "mill", tied), 0)
    assert not attempt.variants
    assert attempt.rejections["sentence: opens with a pronoun or conjunction"] == 1
    assert attempt.rejections["sentence: a connective or demonstrative"] == 2


def test_synonyms_stand_in_the_paragraph_but_in_no_answer() -> None:
    question = question_of("What did the town purchase?", "a large mill")
    (variant,) = ContextSynonyms(edits=1).variants(question, 0)
    assert [(edit.before, edit.after) for edit in variant.edits] == [("purchased", "bought")]
    shared = ContextSynonyms(only_shared=True).variants(question, 0)
    assert [(edit.before, edit.after) for edit in shared[0].edits] == [("purchased", "bought")]
    inside = question_of("What did the town do?", "purchased a large mill")
    for other in ContextSynonyms().variants(inside, 0):
        assert all(edit.before != "purchased" for edit in other.edits)
    assert not ContextSynonyms(only_shared=True).variants(question_of("Who made it?", "Karel Brandt"), 0)


def swaps_in(context: str, **settings: Any) -> list[tuple[str, str]]:
    """Return (before, after) of all words of a paragraph that may be replaced."""
    scene = Scene(question_of("Who saw it?", "", context))
    sites = ContextSynonyms(**settings).sites(scene, 0, Counter())
    return [(site.edits[0].before, site.edits[0].after) for site in sites]


def test_one_word_a_sentence_and_one_a_paragraph_is_replaced() -> None:
    context = "The town mainly purchased wool. Merchants attempted to leave."
    assert swaps_in(context) == [("mainly", "primarily"), ("attempted", "tried")]
    (variant,) = ContextSynonyms().variants(question_of("Who saw it?", "", context), 0)
    assert [edit.before for edit in variant.edits] == ["mainly"]


@pytest.mark.parametrize(
    "stays",
    [
        "The purchase helped. The town purchased a mill.",  # said again in another form
        "The mill fell.[citation needed] It stood.",
        "The site is mill.mainly and mill@mainly there.",
        'He wrote: "The town purchased it. All purchased." It stood.',  # a quotation of two sentences
        "More mainly they go.",
        "They left weeks later.",
    ],
)
def test_a_term_a_note_an_address_and_a_quotation_stay(stays: str) -> None:
    assert not swaps_in(stays)


def test_a_noun_must_be_safer_than_another_word() -> None:
    context = "The king feared the nations."
    assert not swaps_in(context)
    assert swaps_in(context, least_safety=0.4)
