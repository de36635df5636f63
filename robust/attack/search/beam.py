"""Beam: the best few sets of edits, each widened by every edit of every other place, round after round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from robust.attack.search.strategy import (
    NOT_ALLOWED,
    CandidateEdits,
    Choice,
    Space,
    Strategy,
    Trial,
    edits_of,
    neighbours,
    unedited,
)
from robust.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class Beam(Strategy):
    """Keeps the ``width`` sets of highest loss and adds one edit to each; ends when all places are edited."""

    name: ClassVar[str] = "beam"

    width: int = 4

    def __post_init__(self) -> None:
        if self.width < 1:
            raise UserError(f"beam: width {self.width}: expected a number from 1")

    def trial(self, space: Space) -> Trial:
        """Return the search of one question."""
        kept: list[Choice] = [unedited(space.sites)]
        while True:
            wider = list(
                dict.fromkeys(n for choice in kept for n in neighbours(space.sites, choice, space.most))
            )
            if not wider:
                return
            losses = yield [CandidateEdits(edits_of(space.sites, choice)) for choice in wider]
            order = sorted(range(len(wider)), key=lambda k: -losses[k])
            kept = [wider[k] for k in order[: self.width] if losses[k] > NOT_ALLOWED]
