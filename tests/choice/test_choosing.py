"""Cues, the classifier of warrants, models that give scores, and other systems' choices."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.choice import asking
from robust.choice.answers import read_choices
from robust.choice.bag import RIDGE, choose, choose_cross_fitted, fit
from robust.choice.cues import check_word, choose_by_cue, cue, cues, productivity_interval, words_of
from robust.choice.records import SUFFIX, Item
from robust.choice.scorers import argument, fluency_scores, sentence_scores
from robust.errors import UserError
from robust.stats.wilson import wilson
from tests.choice.made import item


def made(*warrants: tuple[str, str, int]) -> list[Item]:
    """Return an item of each (first warrant, second warrant, label), a debate for every two."""
    return [
        item(number, warrants=(first, second), label=label, debate=f"d{number // 2}")
        for number, (first, second, label) in enumerate(warrants)
    ]


def test_productivity_and_coverage_are_those_of_the_paper() -> None:
    items = made(
        ("it is not so", "it is so", 0),  # applicable, right
        ("it is so", "it is not so", 0),  # applicable, wrong
        ("it cannot be", "it can be", 0),  # applicable, right: can not
        ("not this", "not that", 1),  # in both
        ("this", "that", 1),  # in neither
    )
    found = cue(items, "not")
    assert (found.applicable, found.right, found.items) == (3, 2, 5)
    assert found.productivity == pytest.approx(2 / 3)
    assert found.coverage == pytest.approx(3 / 5)
    assert cue(items, "unicorn").productivity is None
    assert choose_by_cue(items, "not") == [0, 1, 0, None, None]


def test_a_contraction_is_another_cue_than_not() -> None:
    assert words_of("It isn't so, I CANNOT") == {"it", "is", "n't", "so", ",", "i", "can", "not"}


@pytest.mark.parametrize(
    ("word", "told"),
    [("cannot", "is 2 words .*can, not"), ("Don't", "is 2 words .*do, n't"), (" ", "is no word")],
)
def test_a_cue_that_no_warrant_can_have_is_refused(word: str, told: str) -> None:
    items = made(("they don't and can't", "they cannot", 0))
    with pytest.raises(UserError, match=told):
        check_word(items, word)
    with pytest.raises(UserError, match=told):
        asking.by_cue(items, word)
    assert [check_word(items, one) for one in ("N't", "not", "unicorn")] == ["n't", "not", "unicorn"]


def test_the_interval_of_a_productivity_is_clustered_by_debate() -> None:
    # ten debates of two items that agree: half as many independent cases as items
    items = made(*[("it is not", "it is", 0)] * 14, *[("it is not", "it is", 1)] * 6)
    found = productivity_interval(items, "not")
    alone = [replace(one, debate=one.id) for one in items]
    assert found is not None
    assert found == pytest.approx([0.354, 1.0], abs=1e-3)  # 0.7 and t(9) sqrt(0.21 / 9)
    assert productivity_interval(alone, "not") == pytest.approx(wilson(14, 20))
    assert productivity_interval(items, "unicorn") is None


def test_on_a_negated_set_a_productivity_of_a_half_is_no_matter_of_chance() -> None:
    items = made(*[("it is not", "it is", 0)] * 6)
    copies = [replace(one, id=one.id + SUFFIX, label=1, negated=True) for one in items]
    assert productivity_interval([*items, *copies], "not") is None
    assert productivity_interval([*items, *copies[:3]], "not") is not None


def test_the_strongest_cues_come_first_and_rare_ones_can_be_left_out() -> None:
    items = made(*[("yes it is", "it is", 0)] * 4, ("maybe it is", "it is", 0), ("no it is", "it is", 1))
    assert [(one.word, one.applicable, one.right) for one in cues(items)] == [
        ("yes", 4, 4),
        ("maybe", 1, 1),
        ("no", 1, 0),
    ]
    assert [one.word for one in cues(items, 2)] == ["yes"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ab", "not", "c"]), st.sampled_from(["d", "e", "not"]), st.integers(0, 1)),
        min_size=1,
    )
)
def test_with_its_negated_copies_every_cue_is_right_half_of_the_time(
    rows: list[tuple[str, str, int]],
) -> None:
    items = [one for one in made(*rows) if one.warrants[0] != one.warrants[1]]
    copies = [replace(one, id=one.id + SUFFIX, label=1 - one.label, negated=True) for one in items]
    assert all(one.productivity == 0.5 for one in (cues([*items, *copies]) if items else ()))


def test_the_classifier_is_at_the_minimum_of_its_loss() -> None:
    items = made(("a b", "b c", 0), ("c", "a", 1), ("a", "c d", 1), ("d", "b", 0))
    weights = fit(items)
    words = sorted(weights)

    def loss(w: dict[str, float]) -> float:
        total = RIDGE / 2 * sum(value**2 for value in w.values())
        for one in items:
            margin = sum(w[k] for k in words_of(one.warrants[1])) - sum(
                w[k] for k in words_of(one.warrants[0])
            )
            total += math.log1p(math.exp(-margin if one.label else margin))
        return total

    best = loss(weights)
    for word in words:
        for step in (-0.02, 0.02):
            assert loss(weights | {word: weights[word] + step}) > best


def test_the_classifier_learns_a_cue_and_never_sees_what_it_is_asked() -> None:
    draw = random.Random(1)
    rows = []
    for _ in range(60):
        words = [draw.choice("mnopq"), draw.choice("rstuv")]
        label = draw.randint(0, 1)
        words[label] += " not"
        rows.append((words[0], words[1], label))
    items = made(*rows)
    chosen = choose_cross_fitted(items)
    assert sum(c == one.label for c, one in zip(chosen, items, strict=True)) >= 55
    # one debate alone with a word of its own: nothing is known of it
    odd = item(99, warrants=("xyz", "zyx"), debate="other")
    assert choose_cross_fitted([*items, odd])[-1] is None
    turned = [replace(one, warrants=one.warrants[::-1]) for one in items]
    weights = fit(items)
    assert choose(weights, turned) == [None if c is None else 1 - c for c in choose(weights, items)]


def test_copies_are_never_fitted_to_and_get_the_choice_of_their_original() -> None:
    items = made(("a", "b not", 1), ("c not", "d", 0), ("e", "f not", 1), ("g not", "h", 0))
    copies = [replace(one, id=one.id + SUFFIX, label=1 - one.label, negated=True) for one in items]
    chosen = choose_cross_fitted([*items, *copies])
    assert chosen[:4] == chosen[4:] == [1, 0, 1, 0]
    single = [replace(one, debate="same") for one in (*items, *copies)]
    assert choose_cross_fitted(single) == chosen


def test_training_items_that_are_asked_about_are_left_out() -> None:
    items = made(("a", "b not", 1), ("c not", "d", 0))
    with pytest.raises(UserError, match="--train: holds no original that is not asked about"):
        asking.by_bag(items, items)
    other = [replace(one, id="t" + one.id) for one in items]
    assert asking.by_bag(items, [*items, *other]).about == {"name": "bag", "fitted": "to 2 items"}


class Short:
    """A masked LM that finds short texts fluent."""

    sha256 = "0" * 64

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fluency(self, texts: Sequence[str]) -> list[float]:
        self.asked += texts
        return [-float(len(text)) for text in texts]


def test_the_masked_lm_is_asked_for_the_whole_argument() -> None:
    lm = Short()
    one = item(claim="we should stay at home")
    assert argument(one, 0) == "It is raining. Rain is good. We should stay at home."
    assert argument(one, 1, "reason") == "It is raining. Rain is not good."
    assert argument(one, 1, "claim") == "Rain is not good. We should stay at home."
    assert argument(one, 0, "nothing") == "Rain is good."
    (scores,) = fluency_scores([one], lm)  # type: ignore[arg-type]
    assert lm.asked == [argument(one, 0), argument(one, 1)]
    assert scores == (-float(len(lm.asked[0])), -float(len(lm.asked[1])))
    given = asking.by_fluency([one], lm, "short")  # type: ignore[arg-type]
    assert (given.chosen, given.about["masked_lm"]) == ([0], "short")


class Letters:
    """Sentence vectors: how often a text has each of three letters."""

    sha256 = "1" * 64

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.array([[text.lower().count(c) for c in "xyz"] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_sentence_vectors_take_the_warrant_nearest_to_reason_and_claim() -> None:
    one = item(reason="xx", claim="y", warrants=("z", "xy"))
    (scores,) = sentence_scores([one], Letters())  # type: ignore[arg-type]
    assert scores == (0.0, pytest.approx(3 / math.sqrt(10), abs=1e-6))
    (by_claim,) = sentence_scores([one], Letters(), "claim")  # type: ignore[arg-type]
    assert by_claim == (0.0, pytest.approx(1 / math.sqrt(2), abs=1e-6))
    same = replace(one, warrants=("xy", "yx"))
    assert asking.by_sentences([one, same], Letters()).chosen == [1, None]  # type: ignore[arg-type]


ITEMS = [item(1), item(2)]


@pytest.mark.parametrize(
    "text",
    [
        "a1\t1\na2\t0\nother\t1\n",
        "#id\tlabel\r\na1\t1\r\n\r\na2\t0\r\n",
        "a2\t2.5\t-1\na1\t-3\t-2.9\n",
        '{"id": "a1", "label": 1}\n{"id": "a2", "scores": [2, 1.5]}\n',
    ],
)
def test_choices_of_another_system_are_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "c").write_text(text)
    given = read_choices(tmp_path / "c", ITEMS)
    assert given.chosen == [1, 0]
    assert [scores is None or len(scores) == 2 for scores in given.scores] == [True, True]


def test_equal_scores_are_no_choice(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("a1\t1\t1\na2\t0\t1\n")
    given = read_choices(tmp_path / "c", ITEMS)
    assert (given.chosen, given.scores[0]) == ([None, 1], (1.0, 1.0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a1\t1\n", "1 of the 2 items have no choice, the first is 'a2'"),
        ("a1\t1\na1\t1\n", "line 2: id 'a1' is there already"),
        ("a1\t2\n", "line 1: label '2', expected 0 or 1"),
        ("a1\tW1\n", "line 1: label 'W1', expected 0 or 1"),
        ("a1\n", "line 1: 1 fields, expected JSON lines"),
        ("a1\t1\tx\n", r"line 1: scores \['1', 'x'\], expected two finite numbers"),
        ("a1\tnan\t1\n", "line 1: scores .*expected two finite numbers"),
        ("a1\tinf\t1\n", "line 1: scores .*expected two finite numbers"),  # no JSON to be kept as
        (
            '{"id": "a1", "scores": [%s, 1]}' % ("9" * 400),
            r"line 1: scores \[9{59}\.\.\., expected two finite",
        ),
        (
            json.dumps({"id": "a1", "scores": [1, True, 2]}),
            r"line 1: scores \[1, True, 2\], expected two finite",
        ),
        (json.dumps({"id": "a1"}), "line 1: id given, expected JSON lines"),
        (json.dumps({"id": "a1", "label": True}), "line 1: label True, expected 0 or 1"),
        (json.dumps({"id": 1, "label": 1}), "line 1: id, label given, expected JSON lines"),
        (json.dumps({"id": "a1", "scores": [1]}), r"line 1: scores \[1\], expected two finite numbers"),
        (json.dumps({"id": "a1", "scores": [True, 1]}), "line 1: scores .*, expected two finite numbers"),
        ("{", "line 1: not JSON"),
        ("", "the file is empty"),
    ],
)
def test_choices_that_are_none_are_told_with_their_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "c").write_text(text)
    with pytest.raises(UserError, match=rf"^{tmp_path / 'c'}: {told}"):
        read_choices(tmp_path / "c", ITEMS)
