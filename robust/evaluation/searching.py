"""A search on other machines: the reader, the plan and some questions travel, their outcomes come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from robust.attack.scorers import GoldLoss, Scorers
from robust.attack.search import Outcome, Plan, search
from robust.scale.machines import Machines
from robust.squad.records import Question

# A question's search begins with a handful of texts: so many questions keep a device as full as ``at_once``.
_TEXTS_OF_A_QUESTION = 8


@dataclass(frozen=True, slots=True)
class Searching:
    """The work of a search: questions in, their outcomes out, as they were finished.

    ``reader`` and ``scorers`` do their part on ``device``: cpu, or cuda, which asks for a GPU.
    """

    plan: Plan
    reader: GoldLoss
    scorers: Scorers
    at_once: int
    device: str

    @property
    def gpus(self) -> int:
        """How many GPUs it needs."""
        return int(self.device.startswith("cuda"))

    def open(self) -> Callable[[Sequence[Question]], list[Outcome]]:
        """Put the scorers on the device; return what searches."""
        scorers = self.scorers.on(self.device)
        return lambda asked: list(search(asked, self.plan, self.reader, scorers, at_once=self.at_once))


def outcomes(machines: Machines, work: Searching, questions: Sequence[Question]) -> Iterator[Outcome]:
    """Yield the outcome of every question once, as they come back."""
    size = max(4, work.at_once // _TEXTS_OF_A_QUESTION)
    pieces = (questions[first : first + size] for first in range(0, len(questions), size))
    for _, found in machines.run(work, pieces):
        yield from found
