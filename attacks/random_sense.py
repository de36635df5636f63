"""Control arm: the same words in a sense drawn by chance. The distance to it is what choosing is worth."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import ClassVar

from robust.attack.control import SenseControl
from robust.attack.scene import Scene


@dataclass(frozen=True, kw_only=True, repr=False)
class RandomSense(SenseControl):
    """A sense drawn with equal chances among those that have a usable substitute, the right one included."""

    name: ClassVar[str] = "random-sense.v1"

    def order(self, scene: Scene, senses: tuple[int, ...], random: Random) -> list[int]:
        """Return the senses shuffled."""
        return random.sample(senses, len(senses))
