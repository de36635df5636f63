"""Lesk by counting: the sense whose gloss shares most words with the context.

Signatures are kept inverted, one table per target word from term to the senses whose gloss has it, so that a
word costs one set intersection with the context.
"""

from __future__ import annotations

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, ranked
from robust.words.senses.context import Context
from robust.words.senses.glosses import adapted_gloss


class _Signature:
    """The senses of one word; by term, what it weighs and the places of the senses whose gloss has it."""

    __slots__ = ("places", "senses", "terms", "unmatched")

    def __init__(self, senses: tuple[int, ...], places: dict[int, tuple[int, list[int]]]) -> None:
        self.senses = senses
        self.places = places
        self.terms = frozenset(places)
        self.unmatched = [Sense(synset, 0.0) for synset in senses]


class Lesk:
    """Simplified Lesk (Kilgarriff & Rosenzweig 2000): distinct words that gloss and context share.

    The context is the whole question and paragraph; the target itself does not count.
    """

    name = "lesk"

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._signatures: dict[tuple[str, str], _Signature] = {}
        self._last: Context | None = None
        self._terms: frozenset[int] = frozenset()

    def gloss(self, synset: int) -> set[int]:
        """Return the term ids that speak for a sense."""
        return {term for term, _ in self._lexicon.gloss_terms(synset)}

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses by overlap, ties in WordNet's order; the score is the overlap."""
        signature = self._signatures.get((lemma, pos)) or self._sign(lemma, pos)
        if context is not self._last:
            found = map(self._lexicon.term_id, {*context.lemmas, *context.paragraph})
            self._last, self._terms = context, frozenset(term for term in found if term is not None)
        shared = signature.terms & self._terms
        if not shared:
            return signature.unmatched.copy()
        overlap = [0.0] * len(signature.senses)
        for term in shared:
            weight, places = signature.places[term]
            for place in places:
                overlap[place] += weight
        return ranked(signature.senses, overlap)

    def weight(self, term: int) -> int:
        """Return what one shared term adds to the overlap."""
        return 1

    def _sign(self, lemma: str, pos: str) -> _Signature:
        senses = self._lexicon.senses(lemma, pos)
        own = self._lexicon.term_id(lemma)  # the target is no evidence about itself
        places: dict[int, tuple[int, list[int]]] = {}
        for place, synset in enumerate(senses):
            for term in self.gloss(synset) - {own}:
                places.setdefault(term, (self.weight(term), []))[1].append(place)
        signature = self._signatures[lemma, pos] = _Signature(senses, places)
        return signature


class AdaptedLesk(Lesk):
    """Adapted Lesk (Banerjee & Pedersen 2002): the glosses of neighbouring synsets join that of the sense.

    A shared term of n words scores n^2. The lexicon keeps glosses as bags, so a phrase counts as one where
    WordNet has it as a lemma.
    """

    name = "adapted-lesk"

    def gloss(self, synset: int) -> set[int]:
        """Return the term ids in the glosses of the synset and of its neighbours."""
        return adapted_gloss(self._lexicon, synset)

    def weight(self, term: int) -> int:
        """Return n^2 for a term of n words."""
        words: int = self._lexicon.term(term).count("_") + 1
        return words * words
