"""The estimate of how many people accept a substitution, and what it looks at."""

from __future__ import annotations

import pytest

from robust.attack.candidates import Substitute
from robust.attack.registry import make
from robust.attack.safety import FOLDS, Evidence, Replaced, fold, model, trust, weigh
from robust.attack.scene import Scene
from robust.attack.word_facts import standing
from robust.squad.records import Question
from robust.words.frequency import zipf
from robust.words.lexicon import Lexicon
from robust.words.senses import Sense

LEXICON = Lexicon.open()
SAFE = make("qads.v1", least_safety=0.0)


def evidence(lemma: str, other: str, pos: str, following: str = "?") -> Evidence:
    senses = LEXICON.senses(lemma, pos)
    shared = next(s for s in senses if s in LEXICON.senses(other, pos))
    substitute = Substitute(other, other, zipf(other), *standing(LEXICON, other, pos, shared))
    even = trust([Sense(s, 0.0) for s in senses], "first-sense")
    return weigh(LEXICON, Replaced(lemma, pos, lemma, following), even, substitute)


def ask(text: str) -> Scene:
    return Scene(Question("q1", text, "Nothing of note is said here.", (), "T", False, "T:1", "T"))


@pytest.mark.parametrize(
    ("lemma", "good", "bad", "pos"),
    [("begin", "start", "get", "v"), ("car", "automobile", "machine", "n"), ("big", "large", "adult", "a")],
)
def test_a_plain_synonym_is_safer_than_a_far_fetched_one(lemma: str, good: str, bad: str, pos: str) -> None:
    safety = model().safety
    assert safety(evidence(lemma, good, pos)) > safety(evidence(lemma, bad, pos)) + 0.1


def test_more_of_what_speaks_for_a_substitute_makes_it_safer() -> None:
    weights = model().weights
    assert min(weights.sense, weights.overlap, weights.next_word) > 0 > weights.distance


def test_the_word_that_follows_counts() -> None:
    """*regarded as* is said, *considered as* less so."""
    before_as, before_the = (evidence("consider", "regard", "v", word) for word in ("as", "the"))
    assert before_as.next_word > before_the.next_word
    assert model().safety(before_as) > model().safety(before_the)


def test_trust_is_shared_out_among_the_senses_and_log_odds_are_taken_as_they_are() -> None:
    ranked = [Sense(7, 0.4), Sense(8, 0.2), Sense(9, 0.0)]
    trusted = trust(ranked, "enhanced-lesk-2014")
    assert sum(trusted.values()) == pytest.approx(1)
    assert trusted[7] > trusted[8] > trusted[9]
    assert trust([Sense(7, 0.0), Sense(8, -1.0)], "enhanced-lesk")[8] == pytest.approx(1 / (1 + 2.718281828))


def test_each_lemma_is_judged_by_weights_that_never_saw_it_when_cross_fitted() -> None:
    assert {fold(word) for word in ("say", "begin", "car", "large", "idea", "country")} <= set(range(FOLDS))
    assert model("say") != model()
    assert model("say") == model(next(w for w in ("a" + str(i) for i in range(99)) if fold(w) == fold("say")))
    scene = ask("When did the war begin?")
    crossed = make("qads.v1", least_safety=0.0, cross_fitted=True)
    index = 4
    ranked = SAFE.senses(scene, index)  # type: ignore[attr-defined]
    seen, unseen = (attack.pick(scene, index, ranked).choices for attack in (SAFE, crossed))  # type: ignore[attr-defined]
    assert {c.substitute.lemma for c in seen} == {c.substitute.lemma for c in unseen}
    assert [c.safety for c in seen] != [c.safety for c in unseen]


def test_all_senses_of_a_word_are_weighed_and_a_control_chooses_within_its_own_by_the_same_rule() -> None:
    scene = ask("Who had the idea of the house?")
    ranked = SAFE.senses(scene, 3)  # type: ignore[attr-defined]
    every = SAFE.pick(scene, 3, ranked).choices  # type: ignore[attr-defined]
    assert len({choice.synset for choice in every}) > 1
    for choice in every:
        within = SAFE.pick(scene, 3, ranked, choice.synset).choices  # type: ignore[attr-defined]
        assert {c.synset for c in within} == {choice.synset}
        assert choice.safety in [c.safety for c in within]


@pytest.mark.parametrize("phrase", ["civil war", "steam engine", "high school"])
def test_a_word_of_a_fixed_phrase_is_left_alone(phrase: str) -> None:
    from robust.attack.choice import hazard

    scene = ask(f"Where did the {phrase} begin?")
    assert hazard(scene, 4) == "fixed phrase"
    assert hazard(ask("Where did the strange war begin?"), 4) != "fixed phrase"


def test_half_of_a_word_cut_at_its_hyphen_is_left_alone() -> None:
    from robust.attack.choice import hazard

    assert hazard(ask("Who led the pro - slavery men?"), 3) == "hyphenated"
