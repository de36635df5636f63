"""What a question asks for, by its question word."""

from __future__ import annotations

from collections.abc import Sequence

from robust.words.tokens import forms

# in the order of the tables; "other" are commands and questions that want a yes or no
QUESTION_WORDS = ("what", "who", "when", "where", "which", "why", "how many", "how", "other")

_KINDS = {
    "what": "what",
    "who": "who",
    "whom": "who",
    "whose": "who",
    "when": "when",
    "where": "where",
    "which": "which",
    "why": "why",
    "how": "how",
}


def question_word(text: str) -> str:
    """Return the kind of a question, one of ``QUESTION_WORDS``: that of its first question word."""
    return kind_of(forms(text))


def kind_of(tokens: Sequence[str]) -> str:
    """Return what ``question_word`` does, of the forms of a question's tokens.

    Whom and whose count as who; "how many" and "how much" ask for a number and are a kind of their own.
    """
    for place, token in enumerate(tokens):
        kind = _KINDS.get(token.lower())
        if kind == "how" and place + 1 < len(tokens) and tokens[place + 1].lower() in ("many", "much"):
            return "how many"
        if kind is not None:
            return kind
    return "other"
