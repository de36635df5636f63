"""Attacks that put something into the paragraph, at its beginning, its end, or between two sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.records import Field
from robust.attack.scene import Scene
from robust.attack.sentences import Place, check_place, gaps
from robust.attack.sites import SiteAttack


@dataclass(frozen=True, kw_only=True, repr=False)
class Inserting(SiteAttack):
    """Base of attacks that insert into the context; ``place`` is "last", "first" or "middle"."""

    edits_field: ClassVar[Field] = "context"

    place: Place = "last"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_place(self.name, self.place)

    def gaps(self, scene: Scene, rejected: Counter[str]) -> list[int]:
        """Return the offsets at which something may stand; with none, it counts that in ``rejected``."""
        found = gaps(scene.question, self.place)
        if not found:
            rejected["question: no such place in the paragraph"] += 1
        return found
