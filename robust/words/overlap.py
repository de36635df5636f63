"""How much of a question stands word for word in its paragraph."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from robust.words.stopwords import is_stop_word


def content_words(tokens: Iterable[str]) -> list[str]:
    """Return the tokens that carry content, in lower case: no marks, no stop words."""
    return [word for word in map(_content_word, tokens) if word]


@cache
def _content_word(token: str) -> str:
    """Return a token that carries content in lower case, "" for others; most tokens come again and again."""
    return token.lower() if token[0].isalnum() and not is_stop_word(token) else ""


def lexical_overlap(question: Collection[str], paragraph: Collection[str]) -> float:
    """Return the share of a question's content words that its paragraph has too, 0 to 1; NaN without any.

    Words match by their form in lower case: *built* does not match *build*, as it does not for a reader that
    looks for strings. A word said twice counts twice.
    """
    if not question:
        return float("nan")
    return sum(word in paragraph for word in question) / len(question)
