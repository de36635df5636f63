"""Greedy by importance: the most telling place first, its worst edit kept, then the next.

As in TextFooler (Jin et al. 2020) and PWWS (Ren et al. 2019), with the loss of a reader in the place of a
classifier's probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from robust.attack.search.strategy import (
    Asked,
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Greedy(Strategy):
    """Edits places in the order of importance; at each the edit of the highest loss is kept if it is worse.

    A place is as important as the loss that its first edit makes (``importance`` edit: a candidate like any
    other), or that leaving its words out (``deletion``) or ``[UNK]`` in their place (``unknown``) makes:
    looks that can be no outcome. Where the first edit inserts there are no words to hide: there it is asked.
    """

    name: ClassVar[str] = "greedy"

    importance: Literal["edit", "deletion", "unknown"] = "edit"

    def trial(self, space: Space) -> Trial:
        """Return the search of one question."""
        sites, here, loss = space.sites, unedited(space.sites), space.start
        look = {"deletion": without, "unknown": hidden}.get(self.importance)
        first = []
        for place, site in enumerate(sites):
            if look is None or inserts(site.edits[0]):
                first.append(Asked(edits_of(sites, changed(here, place, 0))))
            else:
                first.append(Asked((look(space.text, site.edits[0]),), probe=True))
        importance = yield first
        for place in sorted(range(len(sites)), key=lambda place: -importance[place]):
            if size(here) == space.most:
                return
            choices = [changed(here, place, edit) for edit in range(len(sites[place].edits))]
            losses = yield [Asked(edits_of(sites, choice)) for choice in choices]
            best = max(range(len(choices)), key=losses.__getitem__)
            if losses[best] > loss:
                here, loss = choices[best], losses[best]
