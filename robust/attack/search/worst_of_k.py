"""Worst of k: draws by chance, the worst for the reader kept. A baseline that any attack can take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Edits
from robust.attack.search.strategy import CandidateEdits, Space, Strategy, Trial, edits_of
from robust.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class WorstOfK(Strategy):
    """Draws ``samples`` sets of edits by chance; of an attack without places, its own variants."""

    name: ClassVar[str] = "worst-of-k"
    needs_sites: ClassVar[bool] = False

    samples: int = 16

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise UserError(f"worst-of-k: samples {self.samples}: expected a number from 1")

    def trial(self, space: Space) -> Trial:
        """Return the search of one question; a draw that came before is drawn again, up to four times."""
        drawn: dict[Edits, None] = {}
        for throw in range(4 * self.samples):
            for edits in self._draw(space, throw):
                if edits and len(drawn) < self.samples:
                    drawn[edits] = None
            if len(drawn) == self.samples:
                break
        yield [CandidateEdits(edits) for edits in drawn]

    def _draw(self, space: Space, throw: int) -> list[Edits]:
        if not space.sites:
            return list(space.draw(throw))
        random = space.random
        # half of the draws change one place, a quarter two, and so on: mostly as near as can be
        wanted = 1
        while wanted < min(space.most, len(space.sites)) and random.random() < 0.5:
            wanted += 1
        places = random.sample(range(len(space.sites)), wanted)
        choice = [-1] * len(space.sites)
        for place in places:
            choice[place] = random.randrange(len(space.sites[place].edits))
        return [edits_of(space.sites, tuple(choice))]
