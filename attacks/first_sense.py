"""Control arm: the same words in WordNet's first sense. The distance to it is the merit of choosing."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from robust.attack.control import SenseControl
from robust.attack.scene import Scene


@dataclass(frozen=True, kw_only=True, repr=False)
class FirstSense(SenseControl):
    """The first sense in WordNet's order that has a usable substitute."""

    name: ClassVar[str] = "first-sense.v1"

    def order(self, scene: Scene, senses: tuple[int, ...], random: Random) -> list[int]:
        """Return the senses as WordNet has them, the most frequent first."""
        return list(senses)
