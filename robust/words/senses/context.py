"""What surrounds a word whose sense is sought: the content words of its question and of the paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from robust.words.stopwords import STOP_WORDS
from robust.words.tokens import Token

# Nouns (names too), verbs, adjectives and adverbs, by the first letters of their Penn tags.
_OPEN_CLASSES = frozenset(("NN", "VB", "JJ", "RB"))


@dataclass(frozen=True, slots=True)
class Context:
    """Lemmas of the content words around a target, in order.

    ``lemmas`` is the question (or the sentence, where there is no question) with ``places``, the token index
    of each; ``paragraph`` is the text beside it. ``words`` are all tokens of the question as written, for
    methods that read the sentence itself; ``places`` and positions count them.
    """

    lemmas: tuple[str, ...]
    places: tuple[int, ...]
    paragraph: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @staticmethod
    def of(question_tokens: Sequence[Token], paragraph_tokens: Sequence[Token] = ()) -> Context:
        """Return the context that the tagged tokens of a question and its paragraph make."""
        places = tuple([i for i, token in enumerate(question_tokens) if is_content(token)])
        lemmas = tuple([question_tokens[i].lemma for i in places])
        words = tuple([token.text for token in question_tokens])
        return Context(lemmas, places, content_lemmas(paragraph_tokens), words)


def is_content(token: Token) -> bool:
    """Return whether the token is a noun, name, verb, adjective or adverb that says what a text is about."""
    return token.tag[:2] in _OPEN_CLASSES and token.lemma not in STOP_WORDS and token.lemma[:1].isalpha()


def content_lemmas(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the lemmas of the content words, in order; for a paragraph this may be kept and reused."""
    return tuple([token.lemma for token in tokens if is_content(token)])
