"""Places in a question or its context, and the edits that may be made at each.

What an attack that works place by place has in common: it lists its places and their edits (``sites``), and
here some are chosen, by chance or best first. A search (``robust attack``) asks for the same list and chooses
by what a reader says.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from robust.attack.base import Attack, Edits
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.errors import UserError


@dataclass(frozen=True, slots=True)
class Site:
    """A place and its edits, best first; no edit of one site overlaps those of another."""

    edits: tuple[Edit, ...]


@runtime_checkable
class Sited(Protocol):
    """An attack that lists its places: a search can drive it."""

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places that may be edited; count in ``rejected`` why others may not."""
        ...


@dataclass(frozen=True, kw_only=True, repr=False)
class SiteAttack(Attack):
    """Base of attacks that edit place by place; a subclass implements ``sites``.

    ``edits`` places are edited in a variant (fewer where there are fewer); ``per_question`` variants are
    made, each other than those before it. Places, and the edit at a place, are drawn by chance, or taken in
    order where the attack ``ranks`` them.
    """

    ranks: ClassVar[bool] = False
    """Whether sites, and the edits of a site, stand best first; else all are alike and chance decides."""

    edits: int = 1
    per_question: int = 1

    def __post_init__(self) -> None:
        for setting in ("edits", "per_question"):
            if getattr(self, setting) < 1:
                raise UserError(f"{self.name}: {setting} {getattr(self, setting)}: expected a number from 1")

    @abstractmethod
    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places that may be edited, in the text's order unless the attack ``ranks``.

        Count in ``rejected`` why a word or the question was turned down.
        """

    def wanted(self, scene: Scene, sites: Sequence[Site]) -> int:
        """Return how many of the places a variant edits."""
        return min(self.edits, len(sites))

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return the edits of each variant, none twice; empty where there is no place to edit."""
        sites = [site for site in self.sites(scene, seed, rejected) if site.edits]
        if not sites:
            rejected["question: nothing to edit"] += 1
            return []
        random = self.random(scene.question.id, seed)
        wanted = self.wanted(scene, sites)
        made: dict[Edits, None] = {}
        for turn in range(self.per_question * 4):  # chance may draw the same again
            if self.ranks:
                chosen = [sites[(turn + k) % len(sites)] for k in range(wanted)]
                edits = tuple(site.edits[min(turn // len(sites), len(site.edits) - 1)] for site in chosen)
            else:
                edits = tuple(random.choice(site.edits) for site in random.sample(sites, wanted))
            made[tuple(sorted(edits, key=lambda edit: (edit.field, edit.start)))] = None
            if len(made) == self.per_question:
                break
        return list(made)
