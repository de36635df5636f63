"""The figures of choices: a model that understands, one that follows cues, one that does both by halves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.choice.figures import figures
from robust.choice.records import SUFFIX, Item, Pair
from robust.stats.wilson import wilson
from tests.choice.made import item


def pairs_in(debates: int, each: int) -> list[Pair]:
    found = []
    for number in range(debates * each):
        original = item(number, debate=f"d{number % debates}", label=number % 2)
        copy = replace(original, id=original.id + SUFFIX, label=1 - original.label, negated=True)
        found.append(Pair(original, copy))
    return found


def originals(pairs: list[Pair]) -> list[Item]:
    return [pair.original for pair in pairs]


def chosen_by(pairs: list[Pair], right: list[tuple[bool, bool]]) -> dict[str, int | None]:
    given: dict[str, int | None] = {}
    for pair, (first, second) in zip(pairs, right, strict=True):
        given[pair.original.id] = pair.original.label if first else 1 - pair.original.label
        given[pair.negated.id] = pair.negated.label if second else 1 - pair.negated.label
    return given


def test_who_understands_is_right_on_both_halves_and_always_changes_the_choice() -> None:
    pairs = pairs_in(6, 3)
    found = figures(originals(pairs), pairs, chosen_by(pairs, [(True, True)] * 18))
    for key in ("all", "original", "negated", "both", "pair", "flipped"):
        assert found[key]["rate"] == 100.0
    assert found["pair"]["interval"] == pytest.approx([100 * b for b in wilson(6, 6)])
    assert found["drop"] == {"points": 0.0, "interval": None, "p": None}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([0, 1, None]), min_size=12, max_size=12))
def test_who_reads_the_warrants_alone_is_right_on_half_of_both(choices: list[int | None]) -> None:
    pairs = pairs_in(6, 2)
    given: dict[str, int | None] = {}
    for pair, choice in zip(pairs, choices, strict=True):
        given |= {pair.original.id: choice, pair.negated.id: choice}
    found = figures(originals(pairs), pairs, given)
    assert found["both"]["rate"] == 50.0
    assert found["both"]["interval"] is None
    assert found["original"]["rate"] + found["negated"]["rate"] == pytest.approx(100.0)
    assert found["drop"]["points"] == pytest.approx(2 * found["original"]["rate"] - 100)
    undecided = sum(choice is None for choice in choices)
    assert found["undecided"] == undecided
    assert found["pair"]["rate"] == pytest.approx(100 * undecided / 4 / 12)


def test_figures_are_counted_by_hand() -> None:
    pairs = pairs_in(8, 1)
    right = [(True, True), (True, False), (True, False), (False, True), (False, False), *[(True, True)] * 3]
    found = figures(originals(pairs), pairs, chosen_by(pairs, right))
    assert found["original"]["rate"] == 75.0
    assert found["negated"]["rate"] == 62.5
    assert found["both"]["rate"] == 68.75
    assert found["pair"]["rate"] == 50.0
    assert found["flipped"]["rate"] == 62.5  # right or wrong on both
    assert found["drop"]["points"] == 12.5
    assert found["original"]["interval"] == pytest.approx([100 * b for b in wilson(6, 8)])
    assert found["original"]["interval_kind"] == "wilson"
    low, high = found["drop"]["interval"]
    assert low < 12.5 < high


def test_items_of_one_debate_are_a_cluster() -> None:
    pairs = pairs_in(6, 3)
    right = [(number % 6 < 3, True) for number in range(18)]  # whole debates right or wrong
    found = figures(originals(pairs), pairs, chosen_by(pairs, right))
    assert found["original"]["interval_kind"] == "clustered"
    low, high = found["original"]["interval"]
    assert high - low > 1.5 * 100 * (wilson(9, 18)[1] - wilson(9, 18)[0])
    few = pairs_in(3, 6)
    assert figures(originals(few), few, chosen_by(few, right))["original"]["interval_kind"] == "wilson"


def test_originals_without_a_copy_count_in_all_alone() -> None:
    pairs = pairs_in(6, 1)
    alone = item(77, debate="alone")
    given = chosen_by(pairs, [(True, False)] * 6) | {alone.id: 1 - alone.label}
    found = figures([*originals(pairs), alone], pairs, given)
    assert (found["items"], found["pairs"], found["debates"]) == (7, 6, 7)
    assert found["all"]["rate"] == pytest.approx(600 / 7)
    assert found["original"]["rate"] == 100.0
    none = figures([alone], [], given)
    assert none["all"]["rate"] == 0.0
    assert none["both"] is none["drop"] is None
