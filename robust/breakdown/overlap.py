"""How much of a question stands word for word in its paragraph."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from robust.words.stopwords import is_stop_word
from robust.words.tokens import forms


def content_words(tokens: Iterable[str]) -> list[str]:
    """Return the tokens that carry content, in lower case: no marks, no stop words."""
    return [word.lower() for word in tokens if word[0].isalnum() and not is_stop_word(word)]


def lexical_overlap(question: Collection[str], paragraph: Collection[str]) -> float:
    """Return the share of a question's content words that its paragraph has too, 0 to 1; NaN without any.

    Words match by their form in lower case: *built* does not match *build*, as it does not for a reader that
    looks for strings. A word said twice counts twice.
    """
    if not question:
        return float("nan")
    return sum(word in paragraph for word in question) / len(question)


class Overlaps:
    """Overlaps of many questions; each text and each paragraph is cut into words once."""

    def __init__(self) -> None:
        self._paragraphs: dict[str, frozenset[str]] = {}
        self._questions: dict[str, list[str]] = {}

    def of(self, question: str, context: str) -> float:
        """Return ``lexical_overlap`` of a question and its paragraph, as texts."""
        words = self._questions.get(question)
        if words is None:
            words = self._questions[question] = content_words(forms(question))
        paragraph = self._paragraphs.get(context)
        if paragraph is None:
            paragraph = self._paragraphs[context] = frozenset(form.lower() for form in forms(context))
        return lexical_overlap(words, paragraph)
