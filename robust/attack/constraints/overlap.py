"""How far an edit moves a question away from the words of its paragraph, or towards them."""

from __future__ import annotations

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited, context_words
from robust.words.overlap import content_words, lexical_overlap
from robust.words.tokens import forms


def overlap_change(edited: Edited) -> float:
    """Return by how much the share of the question's content words that the paragraph has changed, 0 to 1."""
    if not edited.edits:
        return 0.0
    before = overlap(edited.scene.question.text, edited.scene.question.context)
    after = overlap(edited.question, edited.context)
    return abs(after - before)


def overlap(question: str, context: str) -> float:
    """Return the share of the question's content words that the context has; 0 for a question without any."""
    words = content_words(forms(question))
    return lexical_overlap(words, context_words(context)) if words else 0.0


KINDS = (
    Kind(
        "overlap-change",
        overlap_change,
        True,
        0.2,
        "change of the share of the question's content words that stand in the paragraph",
    ),
)
