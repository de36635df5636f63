"""A search on other machines: questions travel to them, and what came of each comes back."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from robust.attack.scorers import Scorers
from robust.attack.search import Plan, SearchOutcome, search
from robust.errors import UserError
from robust.evaluation.side_by_side import Losses
from robust.scale.machines import Machines
from robust.squad.records import Question

# Questions in a piece: half a minute of a core, which a lost machine loses. No outcome depends on it.
PIECE = 32


@dataclass(frozen=True, slots=True)
class Searching:
    """The work of searching: questions in, their outcomes out.

    ``losses`` makes ready the reader's loss, and the screen where there is one, on the machine that searches;
    ``screen_sha256`` is that of the screen here (None: there is none).
    """

    plan: Plan
    losses: Losses
    scorers: Scorers
    at_once: int
    gpus: int
    screen_sha256: str | None = None

    def open(self) -> Callable[[Sequence[Question]], list[SearchOutcome]]:
        """Load the reader; return what searches questions.

        Raises UserError where the machine would compute another screen: a processor without quick bfloat16.
        """
        reader, screen = self.losses()
        if screen is not None and screen.sha256 != self.screen_sha256:
            told = ", ".join(f"{name} {value}" for name, value in screen.about.items())
            raise UserError(
                f"node {platform.node()}: its processor computes another screen ({told}) than this one's, "
                "so outcomes would differ; use nodes of one kind, or add --no-screen"
            )

        def outcomes(questions: Sequence[Question]) -> list[SearchOutcome]:
            found = search(questions, self.plan, reader, self.scorers, screen=screen, at_once=self.at_once)
            return list(found)

        return outcomes


def search_on(machines: Machines, work: Searching, questions: Sequence[Question]) -> Iterator[SearchOutcome]:
    """Yield the outcome of every question once, as pieces are finished."""
    pieces = (questions[first : first + PIECE] for first in range(0, len(questions), PIECE))
    for _, found in machines.run(work, pieces):
        yield from found
