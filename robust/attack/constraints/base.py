"""A constraint: a measure of an edited question and the bound that it must keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from robust.attack.constraints.edited import Edited
from robust.attack.scorers import Need

Measure = Callable[[Edited], float]


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be constrained: a measure, whether its bound is an upper one, and the bound if none is given.

    ``textattack`` is what TextAttack calls it ("" where it has none), ``needs`` the scorer that is asked.
    """

    name: str
    measure: Measure
    at_most: bool
    bound: float
    about: str
    textattack: str = ""
    needs: Need | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A kind with its bound."""

    kind: Kind
    bound: float

    def refuses(self, edited: Edited) -> bool:
        """Return whether the edits break it."""
        found = self.kind.measure(edited)
        return found > self.bound if self.kind.at_most else found < self.bound
