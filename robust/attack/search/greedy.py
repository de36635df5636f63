"""Greedy by importance: the most telling place first, its worst edit kept, then the next.

As in TextFooler (Jin et al. 2020) and PWWS (Ren et al. 2019), with the loss of a reader in the place of a
classifier's probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from robust.attack.search.strategy import (
    CandidateEdits,
    Space,
    Strategy,
    Trial,
    changed,
    edits_of,
    hidden,
    inserts,
    size,
    unedited,
    without,
)
from robust.attack.sites import Site
from robust.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class Greedy(Strategy):
    """Edits places in the order of importance; at each the edit of the highest loss is kept if it is worse.

    A place is as important as the loss that its first edit makes (``importance`` edit: a candidate like any
    other), or that leaving its words out (``deletion``) or ``[UNK]`` in their place (``unknown``) makes:
    looks that can be no outcome; where the first edit inserts there are no words to hide, and it is asked.
    ``overlap`` asks nothing for it: first the words that the context has as well, by which readers find
    their answer, and longer ones before shorter. ``at_a_time`` edits of a place are scored before it is
    looked whether one is enough (0: all of them): fewer queries where most questions fall, and the same
    ones fall, since none is left out of a place where none is enough.
    """

    name: ClassVar[str] = "greedy"

    importance: Literal["edit", "deletion", "unknown", "overlap"] = "overlap"
    at_a_time: int = 1

    def __post_init__(self) -> None:
        if self.at_a_time < 0:
            raise UserError(f"greedy: at_a_time {self.at_a_time}: expected a number from 0 (0: all at once)")

    def trial(self, space: Space) -> Trial:
        """Return the search of one question."""
        sites, here, loss = space.sites, unedited(space.sites), space.start
        look = {"deletion": without, "unknown": hidden}.get(self.importance)
        first: list[CandidateEdits] = []
        for place, site in enumerate(sites if self.importance != "overlap" else ()):
            if look is None or inserts(site.edits[0]):
                first.append(CandidateEdits(edits_of(sites, changed(here, place, 0))))
            else:
                first.append(CandidateEdits((look(space.text, site.edits[0]),), probe=True))
        importance = (yield first) if first else [_overlap(site, space.context) for site in sites]
        for place in sorted(range(len(sites)), key=lambda place: -importance[place]):
            if size(here) == space.most:
                return
            choices = [changed(here, place, edit) for edit in range(len(sites[place].edits))]
            losses: list[float] = []
            step = self.at_a_time or len(choices)
            for begin in range(0, len(choices), step):
                part = choices[begin : begin + step]
                losses += yield [CandidateEdits(edits_of(sites, choice)) for choice in part]
            best = max(range(len(choices)), key=losses.__getitem__)
            if losses[best] > loss:
                here, loss = choices[best], losses[best]


def _overlap(site: Site, context: str) -> float:
    """Return how much the words of a place matter by their looks: 1000 in the context, and their length."""
    word = site.edits[0].before.lower()
    return 1000.0 * (word in context.lower()) + len(word)
