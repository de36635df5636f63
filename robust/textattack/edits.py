"""From a text and what became of it to edits: TextAttack keeps texts, a robustness set keeps edits."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from robust.attack.records import Edit, Field, apply_edits

_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


def edits_between(before: str, after: str, field: Field = "question", reason: str = "") -> tuple[Edit, ...]:
    """Return edits of whole words and marks that turn ``before`` into ``after``; () for equal texts."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    starts = [0]
    for piece in old:
        starts.append(starts[-1] + len(piece))
    edits = tuple(
        Edit(field, starts[i], starts[j], "".join(old[i:j]), "".join(new[k:m]), reason=reason)
        for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    )
    if apply_edits(before, edits, field) != after:
        raise AssertionError(f"the edits of {before!r} do not make {after!r}")
    return edits
