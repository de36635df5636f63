"""Enhanced Lesk of Basile, Caputo & Semeraro, "An enhanced Lesk word sense disambiguation algorithm through a
distributional semantic model", COLING 2014: glosses and contexts meet in a space of word vectors.
"""

from __future__ import annotations

from functools import lru_cache
from math import log2
from typing import NamedTuple

import numpy as np

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, prior
from robust.words.senses.context import Context
from robust.words.senses.glosses import extended_gloss
from robust.words.vectors import Floats, Vectors

# Scores are kept to this many steps a unit, so that no rounding of a sum can turn an order round.
RESOLUTION = 1e6


class _Signature(NamedTuple):
    """The senses of one word, scaled so that ``glosses @ unit context + prior`` is RESOLUTION * score."""

    senses: tuple[int, ...]
    glosses: Floats  # (senses, dimensions)
    prior: Floats  # (senses,)


class EnhancedLesk2014:
    """score(s) = 0.5 * cosine(context, extended gloss of s) + 0.5 * P(s|w), the paper's formula.

    * Context: the sum of the vectors of the content words within ``window`` on each side of the target (None: of
      the whole question) and of all those of the paragraph, the target left out.
    * Extended gloss (``glosses.extended_gloss``): each term's weight is multiplied by its inverse gloss frequency
      IGF(t) = 1 + log2(|S_w| / gf(t)), where gf(t) is the number of w's senses whose extended gloss has t.
    * P(s|w): ``base.prior``.
    """

    name = "enhanced-lesk-2014"

    def __init__(
        self, lexicon: Lexicon, *, window: int | None = 5, depth: int = 1, vectors: Vectors | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = vectors or Vectors.open()
        self.window = window
        self.depth = depth
        self._signatures: dict[tuple[str, str], _Signature] = {}
        self._term_rows: dict[int, tuple[int, ...]] = {}
        self._last: Context | None = None
        self._by_place: dict[int | None, Floats] = {}
        self._paragraph_sum = lru_cache(64)(self._sum)

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses by score, ties in WordNet's order."""
        senses, glosses, prior_ = self._signatures.get((lemma, pos)) or self._sign(lemma, pos)
        if context is not self._last:
            self._last, self._by_place = context, self._around(context)
        around = self._by_place.get(position)
        if around is None:
            around = self._by_place[position] = self._between(context, position)
        scores = np.rint(glosses @ around + prior_).tolist()
        if len(scores) == 1:
            return [Sense(senses[0], scores[0] / RESOLUTION)]
        order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)  # stable: ties keep their order
        return [Sense(senses[place], scores[place] / RESOLUTION) for place in order]

    def context_vector(self, context: Context, position: int | None) -> Floats:
        """Return the unit vector of the context of the token at ``position``; zero where no word has a vector."""
        around = self._around(context)
        return around[position] if position in around else self._between(context, position)

    def gloss_vectors(self, lemma: str, pos: str) -> Floats:
        """Return one unit row per sense of ``lemma``: its extended gloss in the space, terms weighted by IGF."""
        bags = [extended_gloss(self._lexicon, sense, depth=self.depth) for sense in self._lexicon.senses(lemma, pos)]
        frequency: dict[int, int] = {}
        for bag in bags:
            for term in bag:
                frequency[term] = frequency.get(term, 0) + 1
        rows = np.zeros((len(bags), self._vectors.dimensions))
        for row, bag in zip(rows, bags, strict=True):
            index, weights = [], []
            for term, weight in bag.items():
                for vector_row in self._rows(term):
                    index.append(vector_row)
                    weights.append(weight * (1 + log2(len(bags) / frequency[term])))
            if index:
                row[:] = np.array(weights) @ self._vectors.dequantise(index)
        return _unit(rows)

    def _sign(self, lemma: str, pos: str) -> _Signature:
        senses = self._lexicon.senses(lemma, pos)
        half = 0.5 * RESOLUTION
        signature = _Signature(
            senses,
            half * self.gloss_vectors(lemma, pos),
            half * np.array(prior(self._lexicon, lemma, senses)),
        )
        self._signatures[lemma, pos] = signature
        return signature

    def _rows(self, term: int) -> tuple[int, ...]:
        rows = self._term_rows.get(term)
        if rows is None:
            rows = self._term_rows[term] = self._vectors.rows(self._lexicon.term(term))
        return rows

    def _sum(self, lemmas: tuple[str, ...]) -> Floats:
        rows = [row for lemma in lemmas for row in self._vectors.rows(lemma)]
        return np.asarray(self._vectors.dequantise(rows).sum(axis=0))

    def _around(self, context: Context) -> dict[int | None, Floats]:
        """Return the unit context vector of every content word of the question, by running sums."""
        size = len(context.lemmas)
        if not size:
            return {}
        rows = [self._vectors.rows(lemma) for lemma in context.lemmas]
        words = np.zeros((size, self._vectors.dimensions))
        for vector, parts in zip(words, rows, strict=True):
            vector[:] = self._vectors.dequantise(parts).sum(axis=0)
        running = np.concatenate((np.zeros((1, words.shape[1])), np.cumsum(words, axis=0)))
        place = np.arange(size)
        reach = size if self.window is None else self.window
        low, high = np.maximum(place - reach, 0), np.minimum(place + reach + 1, size)
        sums = running[high] - running[low] - words + self._paragraph_sum(context.paragraph)
        return dict(zip(context.places, _unit(sums), strict=True))

    def _between(self, context: Context, position: int | None) -> Floats:
        """Return the unit context vector for a target that is no content word of the question, or not there."""
        start = end = len(context.lemmas)
        if position is None:
            near = context.lemmas
        else:
            start, end = context.slot(position)
            reach = len(context.lemmas) if self.window is None else self.window
            near = context.lemmas[max(0, start - reach) : start] + context.lemmas[end : end + reach]
        return np.asarray(_unit((self._sum(near) + self._paragraph_sum(context.paragraph))[None])[0])


def _unit(rows: Floats) -> Floats:
    """Return the rows at length 1; rows shorter than a rounding error become zero."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-9))
