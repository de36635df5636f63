"""What an attack decided about each word of a question, and on what evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from robust.attack.candidates import Refusal, Substitute
from robust.attack.records import Edit
from robust.words.senses import Sense


@dataclass(frozen=True, slots=True)
class Choice:
    """A substitute in a sense, and how safe it is thought to be (0 to 1; 0 where that was not asked)."""

    substitute: Substitute
    synset: int
    safety: float


@dataclass(frozen=True, slots=True)
class Pick:
    """The usable substitutes of a word, best first, and those that were refused."""

    choices: tuple[Choice, ...]
    refused: tuple[Refusal, ...]


NO_PICK = Pick((), ())


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of token ``index``.

    ``reason`` says why it stays as it is; "" if ``edit`` may replace it. ``ranked`` are its senses, best
    first, and ``pick`` the substitutes, both empty where the word was left alone before that was asked.
    ``rank`` orders the edits of a question: the higher, the sooner it is made.
    """

    index: int
    reason: str = ""
    ranked: tuple[Sense, ...] = ()
    pick: Pick = NO_PICK
    edit: Edit | None = None
    rank: float = 0.0


def count(decisions: Iterable[Decision], rejected: Counter[str]) -> None:
    """Count in ``rejected`` why words and substitutes were turned down."""
    for decision in decisions:
        count_refusals(decision.pick, rejected)
        if decision.reason:
            rejected[f"word: {decision.reason}"] += 1


def count_refusals(pick: Pick, rejected: Counter[str]) -> None:
    """Count in ``rejected`` why substitutes were turned down."""
    for refusal in pick.refused:
        rejected[f"substitute: {refusal.reason}"] += 1
