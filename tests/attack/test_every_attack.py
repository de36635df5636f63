"""What every registered attack must hold to: a new one costs nothing here but its registration."""

from __future__ import annotations

import pickle
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.attack.base import Attack
from robust.attack.control import Control
from robust.attack.records import apply_edits, undo_edits
from robust.attack.registry import make, names
from robust.attack.rewritten import rewritten
from robust.attack.scorers import Scorers
from robust.attack.substitution import Substitution
from robust.squad.records import Answer, Question

# What an attack needs before it can do anything with English questions.
SETTINGS = {
    "synonym-file.v1": {"synonyms": str(Path(__file__).parent / "synonyms.txt"), "language": "en"},
}
ATTACKS = [make(name, **SETTINGS.get(name, {})) for name in names()]
PAPER = make("qads.v1", preset="paper")
ALL = [*ATTACKS, PAPER, *(make(a.name, arm=PAPER) for a in ATTACKS if isinstance(a, Control))]
every_attack = pytest.mark.parametrize("attack", ALL, ids=repr)

# Words that have synonyms, articles before them, and characters that break careless offsets; contractions,
# spellings, abbreviations, dates and numbers for the attacks that edit nothing else.
WORDS = [
    *("What", "which", "who", "a", "an", "the", "large", "huge", "big", "city", "doctor", "purchase"),
    *("purchased", "began", "to", "car", "cars", "quickly", "Important", "HOUSE", "ill", "naïve", "café"),
    *("👩‍🚀", "é", "1066", '"old"', "Paris", "(small)", "hour's", "build", "built,", "people's", "—", "ﬁnd"),
    *(
        "didn't",
        "is",
        "not",
        "colour",
        "organize",
        "U.S.",
        "USA",
        "June 12, 1742",
        "12 June 1742",
        "1,200",
        "three",
    ),
]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
wild = st.text(alphabet=string.printable + "éß漢🦊\u0301\u200d\u00a0", max_size=60)


def question_of(text: str, context: str = "A large city bought cars.", answer: str = "city") -> Question:
    found = context.find(answer)
    answers = (Answer(answer, found),) if answer and found >= 0 else ()
    return Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")


# A paragraph of which two sentences may change places: most paragraphs have none.
LOOSE = "Bees live in hives. Bees are small. Bees make honey. Hives of bees are warm."
AT_LARGE = [replace(question_of("What is it?", LOOSE, ""), id=f"loose{i}") for i in range(3)]


@every_attack
def test_something_is_rewritten_and_every_rewriting_can_be_undone(
    attack: Attack, scorers: Scorers, questions: list[Question]
) -> None:
    count = 0
    for question in (*questions, *AT_LARGE):
        for variant in attack.variants(question, 0, scorers):
            count += 1
            assert undo_edits(variant.question, variant.edits) == question.text
            assert apply_edits(question.text, variant.edits) == variant.question
            context = variant.context or question.context
            assert undo_edits(context, variant.edits, "context") == question.context
    assert count >= 3


@every_attack
@settings(max_examples=40, deadline=None)
@given(text=st.one_of(texts, wild), seed=st.integers(0, 3))
def test_any_text_at_all_can_be_attacked_and_restored(
    attack: Attack, scorers: Scorers, text: str, seed: int
) -> None:
    for variant in attack.variants(question_of(text), seed, scorers):
        assert undo_edits(variant.question, variant.edits) == text
        assert variant.edits


@every_attack
def test_only_the_text_that_it_says_is_edited_and_no_answer_word(
    attack: Attack, scorers: Scorers, questions: list[Question]
) -> None:
    for question in questions:
        answer_words = {word.lower() for answer in question.answers for word in answer.text.split()} - {
            "the",
            "on",
        }
        for variant in attack.variants(question, 0, scorers):
            assert all(edit.field == attack.edits_field for edit in variant.edits)
            assert (variant.context is None) or attack.edits_field == "context"
            for edit in variant.edits:
                if edit.field == "question":
                    assert not answer_words & set(edit.before.lower().split())


@every_attack
def test_the_answer_stands_where_its_offset_says_after_the_context_was_edited(
    attack: Attack, scorers: Scorers, questions: list[Question]
) -> None:
    for question in questions:
        for variant in attack.variants(question, 0, scorers):
            moved = rewritten(question, variant)
            if attack.expected == "same":
                assert [a.text for a in moved.answers] == [a.text for a in question.answers]
            for answer in moved.answers:
                assert moved.context[answer.start : answer.end] == answer.text


@every_attack
def test_the_same_seed_gives_the_same_variants_in_whatever_order(
    attack: Attack, scorers: Scorers, questions: list[Question]
) -> None:
    forwards = {q.id: attack.variants(q, 5, scorers) for q in questions}
    backwards = {q.id: attack.variants(q, 5, scorers) for q in reversed(questions)}
    assert forwards == backwards


@every_attack
def test_variants_know_where_they_come_from(
    attack: Attack, scorers: Scorers, questions: list[Question]
) -> None:
    for question in questions:
        for k, variant in enumerate(attack.variants(question, 7, scorers), 1):
            assert variant.variant_id == f"{question.id}#{k}"
            assert variant.original_id == question.id
            assert (variant.attack, variant.seed, variant.expected) == (attack.name, 7, attack.expected)
            assert variant.settings_hash == attack.settings_hash()


@every_attack
def test_an_attack_is_its_settings(attack: Attack) -> None:
    copy = pickle.loads(pickle.dumps(attack))
    assert copy == attack
    assert copy.settings_hash() == attack.settings_hash()
    assert repr(attack).startswith(f"{attack.name}(")


@pytest.mark.parametrize("attack", [a for a in ALL if isinstance(a, Substitution | Control)], ids=repr)
def test_white_space_and_marks_around_replaced_words_stay(attack: Attack, scorers: Scorers) -> None:
    question = question_of("  Which\tbig doctor  helped,\n a child purchase (a large) house ?  ", answer="")
    for variant in attack.variants(question, 0, scorers):
        skeleton = [c for c in variant.question if not c.isalpha()]
        assert skeleton == [c for c in question.text if not c.isalpha()]


# Odd material: nothing to edit, an answer that stands twice, marks that run right to left, emoji, no context.
CITY = "The city lies by a river. A city is large. The river is old, and the city is older."
ODD = {
    "no editable word": question_of("?"),
    "an empty question": question_of(""),
    "the answer stands twice": question_of("Which large place lies by an old river?", CITY, "city"),
    "right to left": question_of("מתי נבנה \u202eהנמל\u202c הישן?", "הנמל הישן נבנה בשנת 1742.", "1742"),
    "emoji": question_of(
        "Who 👩‍🚀 built the old 🏠 harbour?", "👩‍🚀 Karel built 🏠 the old harbour.", "Karel"
    ),
    "an empty paragraph": question_of("Who built the old harbour?", "", ""),
    "a paragraph of one word": question_of("Who built the old harbour?", "Karel", "Karel"),
    "the whole paragraph is the answer": question_of("What is said?", CITY, CITY),
    "20,000 words": question_of("Which large place lies by an old river?", f"{CITY} " * 1_100, "river"),
}


@every_attack
@pytest.mark.parametrize("odd", ODD)
def test_odd_material_is_refused_with_a_reason_or_rewritten_with_right_offsets(
    attack: Attack, scorers: Scorers, odd: str
) -> None:
    question = ODD[odd]
    attempt = attack.attempt(question, 0, scorers)
    assert attempt.variants or attempt.rejections
    for variant in attempt.variants:
        assert undo_edits(variant.question, variant.edits) == question.text
        for answer in rewritten(question, variant).answers:
            text = variant.context or question.context
            assert text[answer.start : answer.end] == answer.text


@every_attack
@settings(max_examples=25, deadline=None)
@given(context=st.one_of(texts, wild), word=st.integers(0, 8), seed=st.integers(0, 2))
def test_any_context_at_all_can_be_attacked_and_its_answer_found_again(
    attack: Attack, scorers: Scorers, context: str, word: int, seed: int
) -> None:
    words = context.split()
    question = question_of(
        "Which large city did a doctor find?", context, words[word % len(words)] if words else ""
    )
    for variant in attack.variants(question, seed, scorers):
        moved = rewritten(question, variant)
        assert undo_edits(moved.context, variant.edits, "context") == context
        for answer in moved.answers:
            assert moved.context[answer.start : answer.end] == answer.text


def test_settings_hashes_tell_attacks_and_settings_apart() -> None:
    hashes = [attack.settings_hash() for attack in ALL]
    assert len(set(hashes)) == len(hashes)


def test_a_lexicon_elsewhere_with_the_same_content_is_the_same_setting(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from robust.words.lexicon import shipped_path

    place = tmp_path_factory.mktemp("lexicon") / "copy.lexicon"
    place.write_bytes(shipped_path().read_bytes())
    assert replace(PAPER, lexicon=str(place)).settings_hash() == PAPER.settings_hash()
