"""A question as a variant has it: what a set's file holds, and what a search has scored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from robust.attack.records import Edit, Variant
from robust.squad.records import Question


def rewritten(question: Question, variant: Variant) -> Question:
    """Return the question as the variant has it, with the answers moved to where they stand now.

    Where another answer is right than before, or none, the old ones are gone.
    """
    changed = replace(question, id=variant.variant_id, text=variant.question)
    if variant.expected != "same":  # whatever is right now, the old answers are not
        changed = replace(changed, answers=(), answerable=False)
    if variant.context is None:
        return changed
    moved = tuple(replace(a, start=a.start + _shift(variant.edits, a.start)) for a in changed.answers)
    return replace(changed, context=variant.context, answers=moved)


def _shift(edits: Iterable[Edit], position: int) -> int:
    before = (edit for edit in edits if edit.field == "context" and edit.end <= position)
    return sum(len(edit.after) - len(edit.before) for edit in before)
