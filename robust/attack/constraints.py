"""Constraints: what a variant must be, whatever attack made it; composable, and every refusal counted.

A constraint is written as text, ``NAME<=NUMBER``, ``NAME>=NUMBER`` or ``NAME``, so that it is a setting like
any other: ``robust build typo.v1 --constraint 'edit-rate<=0.2'``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.errors import UserError

Edits = tuple[Edit, ...]
Measure = Callable[[Scene, Edits], float]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A measure of an edited question and the bound it must keep: at most, or at least, ``bound``."""

    name: str
    measure: Measure
    at_most: bool
    bound: float

    def refuses(self, scene: Scene, edits: Edits) -> bool:
        """Return whether the edits break it."""
        found = self.measure(scene, edits)
        return found > self.bound if self.at_most else found < self.bound


def edit_rate(scene: Scene, edits: Edits) -> float:
    """Return the edits of the question, as a share of its tokens."""
    return sum(edit.field == "question" for edit in edits) / max(1, len(scene.tokens))


MEASURES: dict[str, tuple[Measure, bool, float]] = {
    # name -> measure, whether the bound is an upper one, the bound where none is given
    "edit-rate": (edit_rate, True, 0.5),
}
_WRITTEN = re.compile(r"([a-z-]+)(?:(<=|>=)([0-9.]+))?")


@lru_cache
def parse(text: str) -> Constraint:
    """Return the constraint that ``text`` writes; UserError where it writes none."""
    found = _WRITTEN.fullmatch(text.replace(" ", ""))
    if found is None or found[1] not in MEASURES:
        raise UserError(
            f"constraint {text!r}: not known; expected one of {', '.join(MEASURES)}, "
            "with a bound as in 'edit-rate<=0.2'"
        )
    measure, at_most, bound = MEASURES[found[1]]
    if found[2] and (found[2] == "<=") != at_most:
        raise UserError(f"constraint {text!r}: expected {'<=' if at_most else '>='}")
    return Constraint(found[1], measure, at_most, float(found[3]) if found[3] else bound)


def broken(constraints: Sequence[str], scene: Scene, edits: Edits) -> str:
    """Return the name of the first constraint that the edits break, "" where they keep all."""
    return next((c.name for c in map(parse, constraints) if c.refuses(scene, edits)), "")
