"""Expressions of several words that the lexicon knows: *take place*, *prime minister*, *carry ... out*.

One word of such an expression has no synonym of its own there, so no word of it may be exchanged alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from robust.words.closed_class import word_set
from robust.words.lexicon import Lexicon
from robust.words.tokens import Token, coarse

LONGEST = 5
# How many words may stand between a verb and its particle: "carry the whole plan out".
REACH = 4
_PARTICLES = word_set(
    """
    about across ahead along apart around aside away back by down forth forward in off on out over
    through together up
    """
)
_BETWEEN = frozenset(("DT", "PDT", "PRP", "PRP$", "POS", "JJ", "NN", "NNS", "NNP", "NNPS", "CD"))
_CLAUSE_END = frozenset((".", ",", ":", "''", "``", "-LRB-", "-RRB-"))
# Adverbs of the lexicon that in a question are a noun and its "of": "what kind of school".
_NO_EXPRESSIONS = frozenset(("kind_of", "sort_of"))
_CUT = re.compile("_|'s")
_FREE_PREPOSITIONS = frozenset(("in", "on", "at", "by", "from", "since", "until", "before", "after"))


def expressions(tokens: Sequence[Token]) -> list[tuple[int, ...]]:
    """Return the index tuples of the expressions in tagged ``tokens``, by first word, longest first.

    A tuple has a gap where a particle stands apart from its verb. Marks, and verb + preposition before a date
    ("run in 1990"), make no expression.
    """
    lexicon = _lexicon()
    known = _expressions()
    lower = [token.text.lower() for token in tokens]
    found: list[tuple[int, ...]] = []
    for i, token in enumerate(tokens):
        if not token.text[0].isalpha():
            continue
        if _may_begin(tokens, lower, i):
            found += [
                tuple(range(i, i + n))
                for n in range(min(_reach(tokens, lower, i), len(tokens) - i), 1, -1)
                if not _names(tokens, lower, i, i + n).isdisjoint(known) and not _dated(tokens, i, n)
            ]
        if coarse(token.tag) == "v":
            found += _separated(tokens, i, lexicon)
    return found


def _may_begin(tokens: Sequence[Token], lower: Sequence[str], i: int) -> bool:
    """Tell whether words i and i + 1 begin any expression: nearly all pairs do not, and are seen off here."""
    if i + 1 == len(tokens):
        return False
    first, lemma, second = lower[i], tokens[i].lemma, lower[i + 1]
    known, openings = _expressions(), _openings()
    pairs = (f"{first}_{second}", f"{lemma}_{second}", f"{first}_{tokens[i + 1].lemma}")
    if known.isdisjoint(pairs) and openings.isdisjoint(pairs) and second != "'s":
        return False
    return _starts(first) or _starts(lemma)


def _reach(tokens: Sequence[Token], lower: Sequence[str], i: int) -> int:
    """Return how many words an expression that begins with words i and i + 1 may have."""
    openings = _openings()
    if _joined([lower[i], lower[i + 1]]) in openings or _joined([tokens[i].lemma, lower[i + 1]]) in openings:
        return LONGEST
    return 2


def _names(tokens: Sequence[Token], lower: Sequence[str], start: int, end: int) -> set[str]:
    """Return the names that consecutive words may have there: as they stand, or a lemma at one end."""
    words = lower[start:end]
    if not all(word[0].isalnum() or word in ("'s", "’s") for word in words):
        return set()
    first, last = tokens[start].lemma or words[0], tokens[end - 1].lemma or words[-1]
    return {_joined(words), _joined([first, *words[1:]]), _joined([*words[:-1], last])} - _NO_EXPRESSIONS


def _joined(words: Sequence[str]) -> str:
    """Return the words as WordNet writes an expression: *adam's_apple*."""
    return "_".join(words).replace("_'s", "'s")


def _dated(tokens: Sequence[Token], i: int, n: int) -> bool:
    """Tell whether words i .. i+n-1 are a verb and a preposition that belongs to a date or an agent."""
    if n != 2 or coarse(tokens[i].tag) != "v" or tokens[i + 1].tag not in ("IN", "RP"):
        return False
    if tokens[i + 1].text.lower() not in _FREE_PREPOSITIONS or i + 2 >= len(tokens):
        return False
    after = tokens[i + 2]
    return after.tag == "CD" or (tokens[i + 1].text.lower() == "by" and after.tag not in _CLAUSE_END)


def _separated(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> list[tuple[int, ...]]:
    """Return verb + particle with the object between them."""
    for j in range(i + 1, min(i + REACH + 2, len(tokens))):
        word = tokens[j]
        if j > i + 1 and word.text.lower() in _PARTICLES and word.tag in ("RP", "RB", "IN"):
            ends = word.tag == "RP" or j + 1 == len(tokens) or tokens[j + 1].tag in _CLAUSE_END
            if ends and lexicon.senses(f"{tokens[i].lemma}_{word.text.lower()}", "v"):
                return [(i, j)]
        if word.tag not in _BETWEEN:
            return []
    return []


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(
        name.split("_", 1)[0].removesuffix("'s").lower() for name in _expressions() if "_" in name
    )


@lru_cache(maxsize=1)
def _expressions() -> frozenset[str]:
    """Return every lemma of several words: 64,000 strings, asked for so often that a set pays."""
    return frozenset(name for name in _lexicon().all_lemmas() if "_" in name or "'s" in name)


@lru_cache(maxsize=1)
def _openings() -> frozenset[str]:
    """Return what may stand before the third word or a later one of an expression of three and more."""
    return frozenset(
        name[: cut.start()]
        for name in _expressions()
        if name.count("_") + name.count("'s") > 1
        for cut in _CUT.finditer(name)
    )


def _starts(word: str) -> bool:
    """Tell whether any expression of the lexicon begins with ``word``."""
    return word in _first_words()


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon.open()
