"""Checks on what a data file holds, with the place of each fault in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robust.errors import UserError
from robust.squad.records import Answer

_KINDS = {
    dict: "an object", list: "a list", str: "text", bool: "true or false",
    int: "a whole number", float: "a decimal number", type(None): "null",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a data file something stands: as much of it as is known."""

    file: str
    article: str = ""
    paragraph: str = ""
    question: str = ""

    def fault(self, message: str) -> UserError:
        """Return the error that says what is wrong here."""
        parts = (self.article, self.paragraph, self.question)
        inside = ", ".join(part for part in parts if part)
        return UserError(f"{self.file}: {inside}: {message}" if inside else f"{self.file}: {message}")


def kind(value: object) -> str:
    """Return what ``value`` is in JSON's terms, for a message."""
    return _KINDS.get(type(value), type(value).__name__)


def short(value: object, limit: int = 60) -> str:
    """Return ``value`` quoted, cut to ``limit`` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _listed(names: Mapping[str, Any]) -> str:
    """Return the first ten names of an object, for a message."""
    first = ", ".join(short(name) for name in list(names)[:10])
    return f"{first or 'none'}{f' and {len(names) - 10} more' if len(names) > 10 else ''}"


def fetch(holder: object, key: str, expected: type, place: Place) -> Any:
    """Return ``holder[key]``; raises UserError where it is missing or not of type ``expected``."""
    if not isinstance(holder, (dict, Mapping)):  # dict first: the quick way
        raise place.fault(f"found {kind(holder)}, expected {_KINDS[dict]} with key {key!r}")
    try:
        value = holder[key]
    except KeyError:
        raise place.fault(f"missing key {key!r} (found {_listed(holder)})") from None
    if type(value) is not expected:
        raise place.fault(f"{key!r} is {kind(value)}, expected {_KINDS[expected]}")
    return value


def optional(holder: Mapping[str, Any], key: str, expected: type, place: Place) -> Any:
    """Return ``holder[key]``, or None where it is absent or null; UserError where of another type."""
    return None if holder.get(key) is None else fetch(holder, key, expected, place)


def check_text(value: str, what: str, place: Place) -> str:
    """Return ``value``; raises UserError where it holds a lone surrogate, which UTF-8 cannot carry."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise place.fault(
                f"{what} has a lone surrogate (half a character) at {error.start}; write the whole character"
            ) from None
    return value


def answer(text: object, start: object, context: str, place: Place) -> Answer:
    """Return the gold answer; raises UserError unless ``text`` stands in ``context`` at ``start``."""
    if type(text) is not str:
        raise place.fault(f"answer 'text' is {kind(text)}, expected text")
    if not text:
        raise place.fault("an answer's text is empty; an unanswerable question has an empty list of answers")
    if type(start) is not int:
        raise place.fault(f"'answer_start' of {short(text)} is {kind(start)}, expected a whole number")
    if start >= 0 and context.startswith(text, start):
        return Answer(text, start)
    advice = "offsets count Unicode characters from 0"
    first = context.find(text)
    if first < 0:
        advice = "the context does not hold this answer at all"
    elif context.find(text, first + 1) < 0:
        advice = f"it stands at {first}; {advice}"
    if start < 0 or start >= len(context):
        found = f"is outside the context ({len(context)} characters)"
    else:
        found = f"points at {short(context[start : start + len(text)])}"
    raise place.fault(f"answer_start {start} of answer {short(text)} {found}; {advice}")


def answerable(impossible: bool | None, answers: tuple[Answer, ...], place: Place) -> bool:
    """Return whether the question has an answer; UserError where ``is_impossible`` says otherwise."""
    if impossible is not None and impossible is bool(answers):
        raise place.fault(
            f"is_impossible is {str(impossible).lower()} but there are {len(answers)} answers; "
            "an unanswerable question has none, an answerable one at least one"
        )
    return bool(answers)


class Identities:
    """The question ids seen so far in one file, with their places."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, str]] = {}
        self._last = ("", "")  # one place for all questions of a paragraph: there may be millions

    def add(self, question_id: str, place: Place) -> None:
        """Note ``question_id``; raises UserError where it is empty or was there before."""
        if not question_id:
            raise place.fault("the question's id is empty; every question needs an id of its own")
        before = self._seen.get(question_id)
        if before is not None:
            told = ", ".join(part for part in before if part) or "earlier in the file"
            raise place.fault(f"id {short(question_id)} was used before ({told}); ids must be unique")
        where = (place.article, place.paragraph)
        if where != self._last:
            self._last = where
        self._seen[question_id] = self._last
