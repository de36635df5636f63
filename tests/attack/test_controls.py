"""The control arms: the same words of the same questions, replaced otherwise."""

from __future__ import annotations

import pytest

from robust.attack.registry import control_arms, make
from robust.attack.scene import Scene
from robust.attack.substitution import edited_token
from robust.squad.records import Question
from robust.words.frequency import zipf
from robust.words.lexicon import Lexicon

SAFE = make("qads.v1", least_safety=0.0)
PAPER = make("qads.v1", preset="paper")
both = pytest.mark.parametrize("attack", [SAFE, PAPER], ids=repr)


@both
@pytest.mark.parametrize("arm", ["identity", "first-sense", "random-sense", "non-synonym"])
def test_an_arm_edits_the_very_spans_of_the_attack(attack, arm: str, questions: list[Question]) -> None:  # type: ignore[no-untyped-def]
    control = control_arms(attack)[arm]
    covered = 0
    for question in questions:
        scene = Scene(question)
        main = attack.attempt_scene(scene, 0).variants
        answered = control.attempt_beside(scene, 0, [variant.edits for variant in main]).variants
        for one, other in zip(main, answered, strict=False):
            covered += 1
            assert [(e.start, e.end, e.lemma, e.tag) for e in one.edits] == [
                (e.start, e.end, e.lemma, e.tag) for e in other.edits
            ]
            assert one.variant_id == other.variant_id
    assert covered >= 6


@both
def test_a_control_alone_gives_what_it_gives_beside_its_attack(attack, questions: list[Question]) -> None:  # type: ignore[no-untyped-def]
    for control in control_arms(attack).values():
        for question in questions:
            scene = Scene(question)
            main = attack.attempt_scene(scene, 3).variants
            beside = control.attempt_beside(scene, 3, [variant.edits for variant in main])
            assert list(beside.variants) == control.variants(question, 3)


@both
def test_identity_changes_no_character(attack, questions: list[Question]) -> None:  # type: ignore[no-untyped-def]
    control = control_arms(attack)["identity"]
    assert all(variant.question == q.text for q in questions for variant in control.variants(q, 0))


def test_first_sense_takes_the_first_sense_that_has_a_substitute(questions: list[Question]) -> None:
    control = control_arms(PAPER)["first-sense"]
    ranks = [edit.sense_rank for q in questions for v in control.variants(q, 0) for edit in v.edits]
    chosen = [edit.sense_rank for q in questions for v in PAPER.variants(q, 0) for edit in v.edits]
    assert len(ranks) == len(chosen)
    assert all(rank <= other for rank, other in zip(ranks, chosen, strict=True))


def test_random_sense_depends_on_the_seed_alone(questions: list[Question]) -> None:
    control = control_arms(PAPER)["random-sense"]
    runs = [[v.question for q in questions for v in control.variants(q, seed)] for seed in (1, 1, 2, 3, 4)]
    assert runs[0] == runs[1]
    assert len({tuple(run) for run in runs}) > 1


@both
def test_a_non_synonym_is_as_frequent_as_the_synonym_and_unrelated_to_the_word(
    attack, questions: list[Question]
) -> None:  # type: ignore[no-untyped-def]
    lexicon = Lexicon.open()
    control = control_arms(attack)["non-synonym"]
    seen = 0
    for question in questions:
        scene = Scene(question)
        main = attack.attempt_scene(scene, 0).variants
        for one, other in zip(
            main, control.attempt_beside(scene, 0, [v.edits for v in main]).variants, strict=False
        ):
            for edit, answer in zip(one.edits, other.edits, strict=True):
                seen += 1
                word, substitute = answer.after.split()[-1].lower(), edit.after.split()[-1].lower()
                if zipf(substitute) > 2:
                    assert abs(zipf(word) - zipf(substitute)) <= 0.25
                pos = scene.pos(edited_token(scene, edit))
                senses = {s for lemma in lexicon.morphy(word, pos) for s in lexicon.senses(lemma, pos)}
                assert senses
                assert senses.isdisjoint(lexicon.senses(edit.lemma, pos))
    assert seen >= 4
