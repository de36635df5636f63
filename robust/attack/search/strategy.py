"""What a search strategy is: a generator that asks for losses of candidate edit sets, and is sent them.

It knows nothing of readers, budgets or batches: the driver (`robust.attack.search.run`) scores what many
questions' strategies ask for in one go, counts, and ends a strategy that has succeeded or spent its budget.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any, ClassVar

from robust.attack.base import Edits
from robust.attack.records import Edit
from robust.attack.sites import Site

NOT_ALLOWED = -math.inf
"""The loss that stands for a candidate which breaks a constraint: it is not scored, and never chosen."""


@dataclass(frozen=True, slots=True)
class CandidateEdits:
    """A set of edits whose loss is wanted; a ``probe`` is a look only and never an outcome of the search."""

    edits: Edits
    probe: bool = False


Trial = Generator[Sequence[CandidateEdits], Sequence[float], None]
"""Yields lists of candidates and is sent their losses, in their order; returns when it has no more."""


@dataclass(frozen=True, slots=True)
class Space:
    """What may be done to a question.

    ``sites`` are its places, none without an edit; ``text`` is the field that they are in. ``draw`` gives
    the attack's own variants for one more throw (from 0), for the strategy that takes an attack as it comes.
    ``start`` is the loss of the question as it is, ``random`` the one source of chance, ``most`` how many
    places may be edited at a time; ``context`` is the question's paragraph.
    """

    sites: tuple[Site, ...]
    text: str
    start: float
    random: Random
    most: int
    draw: Callable[[int], Sequence[Edits]] = field(default=lambda throw: [])
    context: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy(ABC):
    """Base of strategies: frozen dataclasses of keyword-only JSON values."""

    name: ClassVar[str]
    needs_sites: ClassVar[bool] = True
    """Whether the attack must list its places."""

    @abstractmethod
    def trial(self, space: Space) -> Trial:
        """Return the search of one question."""

    def settings(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


Choice = tuple[int, ...]
"""A candidate by places: for each site the number of its edit, -1 where it stays as it is."""


def edits_of(sites: Sequence[Site], choice: Choice) -> Edits:
    """Return the edits of a choice in the text's order."""
    edits = (site.edits[edit] for site, edit in zip(sites, choice, strict=True) if edit >= 0)
    return tuple(sorted(edits, key=lambda edit: (edit.field, edit.start)))


def changed(choice: Choice, site: int, edit: int) -> Choice:
    """Return the choice with another edit at one place."""
    return (*choice[:site], edit, *choice[site + 1 :])


def size(choice: Choice) -> int:
    """Return how many places are edited."""
    return sum(edit >= 0 for edit in choice)


def unedited(sites: Sequence[Site]) -> Choice:
    """Return the choice that leaves the question as it is."""
    return (-1,) * len(sites)


def neighbours(sites: Sequence[Site], choice: Choice, most: int) -> Iterable[Choice]:
    """Yield every choice with one more place edited, in order; none where ``most`` are edited already."""
    if size(choice) < most:
        for place, site in enumerate(sites):
            if choice[place] < 0:
                yield from (changed(choice, place, edit) for edit in range(len(site.edits)))


def inserts(edit: Edit) -> bool:
    """Return whether an edit only puts words in, with at most an article of their own before them."""
    return edit.before.strip().lower() in ("", "a", "an")


def without(text: str, edit: Edit) -> Edit:
    """Return the edit that deletes the words that ``edit`` replaces, with a space that parts them.

    ``text`` is the field's; an edit that inserts has no such words.
    """
    start, end = edit.start, edit.end
    if text[end : end + 1] == " ":
        end += 1
    elif text[start - 1 : start] == " " and start:
        start -= 1
    return Edit(field=edit.field, start=start, end=end, before=text[start:end], after="", reason="left out")


def hidden(text: str, edit: Edit) -> Edit:
    """Return the edit that puts ``[UNK]`` in the place of the words that ``edit`` replaces."""
    before = text[edit.start : edit.end]
    return Edit(
        field=edit.field, start=edit.start, end=edit.end, before=before, after="[UNK]", reason="hidden"
    )
