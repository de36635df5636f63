"""What a model of the user's own must offer to be evaluated: a name, and answers to questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from robust.errors import UserError
from robust.reader.decode import NO_SPAN, Prediction
from robust.squad.records import Question

# the null odds of an answer that came without any: it is final
UNKNOWN = math.nan
# questions that a reader is given at a time, where it has no ``batch`` of its own
BATCH = 32


@runtime_checkable
class Reader(Protocol):
    """What answers questions.

    ``name`` is what tables and run folders call it. A reader may also have an integer ``batch``: how many
    questions it is given at a time (32 where it has none); answers are kept, and progress is told, after
    each batch.
    """

    @property
    def name(self) -> str:
        """What to call it in tables and run folders."""
        ...

    def answer(self, questions: Sequence[Question]) -> Sequence[Prediction]:
        """Return a prediction for every question, in their order.

        ``Prediction.text`` is the answer, "" where the reader abstains. ``null_odds`` (higher: rather no
        answer) lets a no-answer threshold be chosen; a reader without them gives NaN for every question,
        and its answers are final. The questions come without their gold answers.
        """
        ...


def unseen(question: Question, identifier: str | None = None) -> Question:
    """Return the question as a reader may see it: without gold answers, ``answerable`` says nothing."""
    return replace(question, id=identifier or question.id, answers=(), answerable=True)


@dataclass
class Checked:
    """Answers checked as they come in; ``odds``: whether they have null odds, None while all abstained."""

    name: str
    odds: bool | None = None

    def batch(self, questions: Sequence[Question], found: Sequence[Prediction]) -> list[Prediction]:
        """Return the predictions of a batch, each with its question's id.

        Raises UserError, naming the question, for a missing, misplaced or malformed answer, and where some
        answers have null odds and others have none.
        """
        if not hasattr(found, "__len__"):
            raise UserError(
                f"{self.name}: answered {type(found).__name__} to {len(questions)} questions; expected a "
                "list of robust.Prediction, one for each"
            )
        if len(found) != len(questions):
            raise UserError(
                f"{self.name}: {len(found)} answers to {len(questions)} questions from {questions[0].id!r} "
                "on; expected one for each, in their order"
            )
        return [self._one(question, one) for question, one in zip(questions, found, strict=True)]

    def _one(self, question: Question, found: Prediction) -> Prediction:
        where = f"{self.name}: question {question.id!r}"
        if not isinstance(found, Prediction):
            raise UserError(f"{where}: found {type(found).__name__}, expected a robust.Prediction")
        if found.id not in ("", question.id):
            raise UserError(
                f"{where}: the answer is to {found.id!r}; return predictions in the questions' order"
            )
        if not isinstance(found.text, str) or math.isinf(found.null_odds):
            raise UserError(
                f"{where}: answer {found.text!r} with null odds {found.null_odds}; expected text and a number"
            )
        try:
            found.text.encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"{where}: answer {found.text!a} holds half a character (a lone surrogate); "
                "expected whole ones"
            ) from error
        known = not math.isnan(found.null_odds)
        if found.text or known:
            if self.odds is not None and known != self.odds:
                raise UserError(
                    f"{where}: an answer {'with' if known else 'without'} null odds, unlike those before it; "
                    "expected them for all answers or for none"
                )
            self.odds = known
        return replace(found, id=question.id)


def settle(found: Prediction) -> Prediction:
    """Return a prediction of a reader with null odds: one that abstained without any gets the highest."""
    return replace(found, null_odds=NO_SPAN) if math.isnan(found.null_odds) else found
