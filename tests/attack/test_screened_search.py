"""Searches with a screen: the reader has the last word, and is asked less."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from robust.attack.scorers import NO_SCORERS
from robust.attack.search import Plan, SearchOutcome, make_strategy, one, search
from robust.squad.records import Question

plain = runpy.run_path(str(Path(__file__).parent / "test_search.py"))
STRATEGIES, question = plain["STRATEGIES"], plain["question"]
HATES = {"deux": 0.7, "tres": 0.6, "dos": 0.2, "uno": 0.1}


class Guess(plain["Words"]):  # type: ignore[misc]
    """A screen that is always off by as much, and by more where ``misses`` says."""

    about: ClassVar[dict[str, Any]] = {"kind": "guess"}

    def __init__(self, hates: dict[str, float], misses: dict[str, float] | None = None) -> None:
        super().__init__(hates, start=4.0)
        self.misses = misses or {}

    def loss(self, questions: Sequence[Question]) -> list[float]:
        off = [sum(self.misses.get(word, 0.0) for word in q.text.split()) for q in questions]
        return [loss + miss for loss, miss in zip(super().loss(questions), off, strict=True)]


def run(reader: Any, screen: Any, strategy: str = "greedy", budget: int = 100, **how: Any) -> SearchOutcome:
    plan = Plan(plain["Translate"](), make_strategy(strategy, **how), budget)
    (found,) = search([question()], plan, reader, NO_SCORERS, screen=screen, at_once=8)
    return found


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_good_screen_leaves_the_reader_two_questions(strategy: str):
    reader, screen = plain["Words"](HATES), Guess(HATES)
    found = run(reader, screen, strategy)
    assert found.success
    assert found.queries == len(reader.asked) == 2  # the question as it is, and the one that fooled it
    assert found.screened == len(screen.asked) == len(set(screen.asked))
    assert found.after == pytest.approx(reader.loss([question(reader.asked[1].partition(": ")[2])])[0])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_the_screen_takes_for_wrong_and_the_reader_does_not_is_no_success(strategy: str):
    reader = plain["Words"]({})
    found = run(reader, Guess({}, misses={"zwei": 9.0}), strategy)
    assert not found.success
    assert found.after == -1.0
    assert any("zwei" in text for text in reader.asked) or strategy == "worst-of-k"


def test_what_the_screen_misses_is_asked_at_the_end():
    reader = plain["Words"]({"tres": 2.0})
    found = run(reader, Guess({"tres": 0.5}))  # it sees which way, not how far
    assert found.success
    assert "tres" in [edit.after for edit in found.edits]


def test_a_screen_that_is_wrong_once_is_not_believed_as_far_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(one, "_LAST_LOOKS", 2)
    off = dict.fromkeys(plain["FOREIGN"], 3.0)  # of every edit alike
    reader = plain["Words"]({})
    found = run(reader, Guess({}, misses=off), importance="edit", at_a_time=0, budget=6)
    assert not found.success
    assert found.queries == 1 + 1 + 2  # as it is, one taken for wrong, and the last looks


def test_without_success_the_worst_is_the_readers_own_loss():
    reader = plain["Words"]({"dos": 0.5})
    found = run(reader, Guess({"dos": 0.4}))
    assert not found.success
    assert [edit.after for edit in found.edits] == ["dos"]
    assert found.after == pytest.approx(-0.5)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("budget", [2, 3, 7])
def test_screen_and_reader_share_the_budget(strategy: str, budget: int):
    reader, screen = plain["Words"]({}), Guess({})
    found = run(reader, screen, strategy, budget)
    assert len({*reader.asked, *screen.asked}) <= budget
    assert found.candidates == len({*reader.asked, *screen.asked}) - 1


def test_a_question_that_is_wrong_as_it_is_is_not_screened():
    screen = Guess({})
    found = run(plain["Words"]({}, start=0.5), screen)
    assert (found.clean_right, found.queries, found.screened) == (False, 1, 0)
    assert screen.asked == []


def test_what_comes_of_a_question_does_not_depend_on_the_others():
    together = {}
    for at_once in (1, 8, 64):
        plan = Plan(plain["Translate"](), make_strategy("genetic"), 30)
        several = [question(name=f"q{k}") for k in range(6)]
        found = search(
            several,
            plan,
            plain["Words"](HATES),
            NO_SCORERS,
            screen=Guess(HATES, {"uno": 0.4}),
            at_once=at_once,
        )
        together[at_once] = sorted(found, key=lambda one: one.question_id)
    assert together[1] == together[8] == together[64]
