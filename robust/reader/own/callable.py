"""Any function of question and context as a reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from robust.errors import UserError, first_line
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
        return [prediction(self._said(q), f"{self.name}: question {q.id!r}") for q in questions]

    def _said(self, question: Question) -> Said:
        try:
            return self.function(question.text, question.context)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                error.add_note(f"{self.name} was asked question {question.id!r}")
                raise  # from inside the function: its traceback says where
            raise UserError(
                f"{self.name}: cannot be called with question and context ({first_line(error)}); expected a "
                "function of these two"
            ) from error
        except Exception as error:
            error.add_note(f"{self.name} was asked question {question.id!r}")
            raise


def from_callable(function: Callable[[str, str], Said], name: str | None = None) -> CallableReader:
    """Return a reader that calls ``function(question, context)``.

    It returns the answer's text, or (text, null odds), or None or "" where it abstains. ``name``: the
    function's own where None is given. Its identity is unknown, so its answers are kept only where
    ``evaluate`` is given a ``version``.

    The reader raises UserError, naming itself, where the function cannot be called with question and
    context, or returns anything else (then the question is named too); what the function itself raises
    passes through, with a note of the question.
    """
    own = getattr(function, "__name__", type(function).__name__)
    return CallableReader(function, name or own)


def prediction(said: Any, where: str, hide: Callable[[str], str] = str) -> Prediction:
    """Return what was said as a prediction; ``where`` begins the message of the UserError otherwise.

    ``hide`` takes out of what was said what no message may show.
    """
    text, odds = said if isinstance(said, tuple | list) and len(said) == 2 else (said, UNKNOWN)
    text = "" if text is None else text
    if not isinstance(text, str) or not isinstance(odds, Real) or isinstance(odds, bool):
        raise UserError(
            f"{where}: answered {short(said, hide)}; expected text, (text, null odds), or None where it "
            "abstains"
        )
    try:
        return Prediction("", text, float(odds))
    except OverflowError:
        raise UserError(
            f"{where}: null odds {short(odds, hide)}; expected a number that a float holds"
        ) from None


def short(value: object, hide: Callable[[str], str] = str) -> str:
    """Return a value as a message shows it, 80 characters at most, after ``hide`` took out what it must."""
    try:
        shown = hide(repr(value))
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        shown = f"a {type(value).__name__} too large to show"
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
