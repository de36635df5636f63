"""Any function of question and context as a reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from robust.errors import UserError
from robust.reader.decode import Prediction
from robust.reader.own.protocol import UNKNOWN
from robust.squad.records import Question

Said = str | tuple[str, float] | None


@dataclass(frozen=True, slots=True)
class CallableReader:
    """A function as a reader; it is asked one question at a time."""

    function: Callable[[str, str], Said]
    name: str
    batch: int = 1

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        """Return a prediction for every question; UserError where the function returns anything else."""
        return [
            prediction(self.function(q.text, q.context), f"{self.name}: question {q.id!r}") for q in questions
        ]


def from_callable(function: Callable[[str, str], Said], name: str | None = None) -> CallableReader:
    """Return a reader that calls ``function(question, context)``.

    It returns the answer's text, or (text, null odds), or None or "" where it abstains. ``name``: the
    function's own where None is given. Its identity is unknown, so its answers are kept only where
    ``evaluate`` is given a ``version``.
    """
    own = getattr(function, "__name__", type(function).__name__)
    return CallableReader(function, name or own)


def prediction(said: Any, where: str) -> Prediction:
    """Return what was said as a prediction; ``where`` begins the message of the UserError otherwise."""
    text, odds = said if isinstance(said, tuple | list) and len(said) == 2 else (said, UNKNOWN)
    text = "" if text is None else text
    if not isinstance(text, str) or not isinstance(odds, Real) or isinstance(odds, bool):
        raise UserError(
            f"{where}: answered {short(said)}; expected text, (text, null odds), or None where it abstains"
        )
    return Prediction("", text, float(odds))


def short(value: object) -> str:
    """Return a value as a message shows it, 80 characters at most."""
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
