"""What every registered attack must hold to: a new one costs nothing here but its registration."""

from __future__ import annotations

import pickle
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.attack.base import Attack
from robust.attack.records import apply_edits, undo_edits
from robust.attack.registry import make, names
from robust.squad.records import Answer, Question

ATTACKS = [make(name) for name in names()]
PAPER = make("qads.v1", preset="paper")
ALL = [*ATTACKS, PAPER, *(make(name, arm=PAPER) for name in names() if name != "qads.v1")]
every_attack = pytest.mark.parametrize("attack", ALL, ids=repr)

# Words that have synonyms, articles before them, and characters that break careless offsets.
WORDS = [
    *("What", "which", "who", "a", "an", "the", "large", "huge", "big", "city", "doctor", "purchase"),
    *("purchased", "began", "to", "car", "cars", "quickly", "Important", "HOUSE", "ill", "naïve", "café"),
    *("👩‍🚀", "é", "1066", '"old"', "Paris", "(small)", "hour's", "build", "built,", "people's", "—", "ﬁnd"),
]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
wild = st.text(alphabet=string.printable + "éß漢🦊\u0301\u200d\u00a0", max_size=60)


def question_of(text: str, context: str = "A large city bought cars.", answer: str = "city") -> Question:
    found = context.find(answer)
    answers = (Answer(answer, found),) if answer and found >= 0 else ()
    return Question("q1", text, context, answers, "T", bool(answers), "T:1", "T")


@every_attack
def test_something_is_rewritten_and_every_rewriting_can_be_undone(
    attack: Attack, questions: list[Question]
) -> None:
    rewritten = 0
    for question in questions:
        for variant in attack.variants(question, seed=0):
            rewritten += 1
            assert undo_edits(variant.question, variant.edits) == question.text
            assert apply_edits(question.text, variant.edits) == variant.question
    assert rewritten >= 3


@every_attack
@settings(max_examples=40, deadline=None)
@given(text=st.one_of(texts, wild), seed=st.integers(0, 3))
def test_any_text_at_all_can_be_attacked_and_restored(attack: Attack, text: str, seed: int) -> None:
    for variant in attack.variants(question_of(text), seed):
        assert undo_edits(variant.question, variant.edits) == text
        assert variant.edits


@every_attack
def test_context_and_answer_words_are_never_touched(attack: Attack, questions: list[Question]) -> None:
    for question in questions:
        answer_words = {word.lower() for answer in question.answers for word in answer.text.split()} - {
            "the",
            "on",
        }
        for variant in attack.variants(question, seed=0):
            assert variant.context is None
            assert all(edit.field == "question" for edit in variant.edits)
            for edit in variant.edits:
                assert not answer_words & set(edit.before.lower().split())


@every_attack
def test_the_same_seed_gives_the_same_variants_in_whatever_order(
    attack: Attack, questions: list[Question]
) -> None:
    forwards = {q.id: attack.variants(q, seed=5) for q in questions}
    backwards = {q.id: attack.variants(q, seed=5) for q in reversed(questions)}
    assert forwards == backwards


@every_attack
def test_variants_know_where_they_come_from(attack: Attack, questions: list[Question]) -> None:
    for question in questions:
        for k, variant in enumerate(attack.variants(question, seed=7), 1):
            assert variant.variant_id == f"{question.id}#{k}"
            assert variant.original_id == question.id
            assert (variant.attack, variant.seed, variant.expected) == (attack.name, 7, "same")
            assert variant.settings_hash == attack.settings_hash()


@every_attack
def test_an_attack_is_its_settings(attack: Attack) -> None:
    copy = pickle.loads(pickle.dumps(attack))
    assert copy == attack
    assert copy.settings_hash() == attack.settings_hash()
    assert repr(attack).startswith(f"{attack.name}(")


@every_attack
def test_white_space_and_marks_around_words_stay(attack: Attack) -> None:
    question = question_of("  Which\tbig doctor  helped,\n a child purchase (a large) house ?  ", answer="")
    for variant in attack.variants(question, seed=0):
        skeleton = [c for c in variant.question if not c.isalpha()]
        assert skeleton == [c for c in question.text if not c.isalpha()]


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
