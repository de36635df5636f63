"""How much was edited."""

from __future__ import annotations

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited
from robust.words.tokens import forms


def edit_rate(edited: Edited) -> float:
    """Return the words of the question that were replaced, deleted or inserted, as a share of its tokens."""
    return edited.words_changed("question") / max(1, len(edited.scene.tokens))


def context_edit_rate(edited: Edited) -> float:
    """Return the same of the paragraph; an added sentence counts its words."""
    changed = edited.words_changed("context")
    return changed / max(1, len(forms(edited.scene.question.context))) if changed else 0.0


def words_changed(edited: Edited) -> float:
    """Return how many words of question and paragraph were replaced, deleted or inserted."""
    return edited.words_changed("question") + edited.words_changed("context")


def letters_changed(edited: Edited) -> float:
    """Return the least number of characters to replace, delete or insert (Levenshtein 1966), edit by edit."""
    return sum(levenshtein(edit.before, edit.after) for edit in edited.edits)


def levenshtein(one: str, two: str) -> int:
    """Return the edit distance of two strings, in code points."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


KINDS = (
    Kind(
        "edit-rate",
        edit_rate,
        True,
        0.5,
        "words of the question replaced, deleted or inserted, of all its tokens",
        "MaxWordsPerturbed",
    ),
    Kind("context-edit-rate", context_edit_rate, True, 0.5, "the same of the paragraph"),
    Kind("words-changed", words_changed, True, 3, "the same, counted", "MaxNumWordsModified"),
    Kind(
        "letters-changed",
        letters_changed,
        True,
        20,
        "characters replaced, deleted or inserted",
        "LevenshteinEditDistance",
    ),
)
