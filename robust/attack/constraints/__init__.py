"""Constraints: what a variant must be, whatever attack made it; composable, and every refusal counted.

A constraint is written as text, ``NAME<=NUMBER``, ``NAME>=NUMBER`` or ``NAME``, so that it is a setting like
any other: ``robust build typo.v1 --constraint 'edit-rate<=0.2'``. Each module holds some kinds; the table is
in docs/attacks.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from robust.attack.constraints import amount, grammar, leak, models, overlap, protection, words
from robust.attack.constraints.base import Constraint, Kind
from robust.attack.constraints.edited import Edited
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.scorers import Need
from robust.errors import UserError

KINDS: dict[str, Kind] = {
    kind.name: kind
    for module in (amount, words, protection, leak, overlap, grammar, models)
    for kind in module.KINDS
}
_WRITTEN = re.compile(r"([a-z-]+)(?:(<=|>=)(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)))?")


@lru_cache
def parse(text: str) -> Constraint:
    """Return the constraint that ``text`` writes; UserError where it writes none."""
    found = _WRITTEN.fullmatch(text.replace(" ", ""))
    kind = KINDS.get(found[1]) if found else None
    if found is None or kind is None:
        name = re.split(r"[<>=]", text)[0].strip()
        if name in KINDS:
            raise UserError(f"constraint {text!r}: not understood; expected a bound as in 'edit-rate<=0.2'")
        near = get_close_matches(name, KINDS, n=3)
        told = f"did you mean {', '.join(near)}?" if near else f"expected one of {', '.join(KINDS)},"
        raise UserError(f"constraint {text!r}: not known; {told} with a bound as in 'edit-rate<=0.2'")
    if found[2] and (found[2] == "<=") != kind.at_most:
        raise UserError(f"constraint {text!r}: expected {'<=' if kind.at_most else '>='}")
    bound = float(found[3]) if found[3] else kind.bound
    if kind.at_most and bound < 0:  # all of these are counts and shares
        raise UserError(f"constraint {text!r}: nothing is below 0, so no edit keeps it; expected 0 or more")
    return Constraint(kind, bound)


def broken(constraints: Sequence[str], scene: Scene, edits: tuple[Edit, ...]) -> str:
    """Return the name of the first constraint that the edits break, "" where they keep all."""
    if not constraints:
        return ""
    edited = Edited(scene, edits)
    return next((c.kind.name for c in map(parse, constraints) if c.refuses(edited)), "")


def needed(constraints: Iterable[str]) -> frozenset[Need]:
    """Return the scorers that the constraints ask."""
    return frozenset(need for text in constraints if (need := parse(text).kind.needs) is not None)
