"""Overlaps of many questions with their paragraphs, before and after edits."""

from __future__ import annotations

from collections.abc import Iterable

from robust.words.overlap import content_words
from robust.words.tokens import forms


class Overlaps:
    """Overlaps of many questions with their paragraphs; each text is cut into words once."""

    def __init__(self) -> None:
        self._paragraphs: dict[str, frozenset[str]] = {}
        self._tokens: dict[str, list[str]] = {}
        self._content: dict[str, list[str]] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def tokens(self, text: str) -> list[str]:
        """Return the forms of a question's tokens."""
        found = self._tokens.get(text)
        if found is None:
            found = self._tokens[text] = forms(text)
        return found

    def content(self, text: str) -> list[str]:
        """Return the content words of a question, or of one side of an edit."""
        found = self._content.get(text)
        if found is None:
            found = self._content[text] = content_words(self.tokens(text))
        return found

    def paragraph(self, context: str) -> frozenset[str]:
        """Return the forms of a paragraph's tokens, in lower case."""
        found = self._paragraphs.get(context)
        if found is None:
            found = self._paragraphs[context] = frozenset(form.lower() for form in forms(context))
        return found

    def of(self, question: str, context: str) -> float:
        """Return ``lexical_overlap`` of a question and its paragraph, as texts."""
        return self.after(question, context, ())

    def counts(self, question: str, context: str) -> tuple[int, int]:
        """Return how many of a text's content words its paragraph has, and how many there are."""
        found = self._counts.get((question, context))
        if found is None:
            words, paragraph = self.content(question), self.paragraph(context)
            found = self._counts[question, context] = (sum(word in paragraph for word in words), len(words))
        return found

    def after(self, question: str, context: str, edits: Iterable[tuple[str, str]]) -> float:
        """Return the overlap of a question once ``edits`` (before, after) are made, not cutting it anew.

        Right where every edit replaces whole tokens (``replaces_tokens``).
        """
        hits, total = self.counts(question, context)
        for before, after in edits:
            gone, come = self.counts(before, context), self.counts(after, context)
            hits += come[0] - gone[0]
            total += come[1] - gone[1]
        return hits / total if total else float("nan")


def replaces_tokens(text: str, start: int, end: int, after: str) -> bool:
    """Say whether an edit of ``text[start:end]`` surely takes whole tokens out and puts whole tokens in.

    So it is where white space or the text's ends lie around it, or a mark that no token goes on over.
    """
    return (
        bool(after.strip())
        and end > start
        and (start == 0 or text[start - 1].isspace())
        and (end == len(text) or text[end].isspace() or text[end] in "?,'’")
    )
