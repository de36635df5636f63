"""Control arm: nothing is replaced. What falls here is the fault of the pipeline, not of the words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

from robust.attack.control import Control
from robust.attack.records import Edit
from robust.attack.scene import Scene


@dataclass(frozen=True, kw_only=True, repr=False)
class Identity(Control):
    """Every edited span of the arm, left as it was."""

    name: ClassVar[str] = "identity.v1"
    may_change_nothing: ClassVar[bool] = True

    def replace(self, scene: Scene, edit: Edit, *, seed: int, random: Random, rejected: Counter[str]) -> Edit:
        """Return the edit that changes nothing."""
        return replace(
            edit, after=edit.before, sense="", sense_rank=0, score=0.0, margin=0.0, reason="unchanged"
        )
