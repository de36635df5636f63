"""Enhanced Lesk of Basile, Caputo & Semeraro, "An enhanced Lesk word sense disambiguation algorithm through a
distributional semantic model", COLING 2014: glosses and contexts meet in a space of word vectors.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, prior, ranked
from robust.words.senses.context import Context
from robust.words.senses.glosses import neighbourhood
from robust.words.vectors import Floats, Vectors

# Scores are kept to this many steps a unit, so that no rounding of a sum can turn an order round.
RESOLUTION = 1e6


class _Signature(NamedTuple):
    """The senses of one word; the matrix times (unit context vector, 1) is 0.5 + RESOLUTION * score."""

    senses: tuple[int, ...]
    matrix: Floats  # (senses, dimensions + 1)


class EnhancedLesk2014:
    """score(s) = 0.5 * cosine(context, extended gloss of s) + 0.5 * P(s|w), the paper's formula.

    * Context: the sum of the vectors of the content words within ``window`` on each side of the target (None:
      of the whole question) and of all those of the paragraph, the target left out.
    * Extended gloss (``glosses.neighbourhood``): each term's weight is multiplied by its inverse gloss
      frequency IGF(t) = 1 + log2(|S_w| / gf(t)), gf(t) being the number of w's senses whose extended gloss
      has t.
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
        self._last: Context | None = None
        self._by_place: dict[int | None, Floats] = {}
        self._paragraph_sum = lru_cache(64)(self._sum)
        self._word = lru_cache(8192)(lambda lemma: self._sum((lemma,)))

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses by score, ties in WordNet's order."""
        signature = self._signatures.get((lemma, pos)) or self._sign(lemma, pos)
        if context is not self._last:
            self._last, self._by_place = (
                context,
                dict(zip(context.places, self._around(context), strict=True)),
            )
        around = self._by_place.get(position)
        if around is None:
            around = self._by_place[position] = self._between(context, position)
        scores = signature.matrix.dot(around)
        np.divide(np.trunc(scores, scores), RESOLUTION, scores)
        return ranked(signature.senses, scores.tolist())

    def context_vector(self, context: Context, position: int | None) -> Floats:
        """Return the unit context vector of the token at ``position``; zero where no word has a vector."""
        if position in context.places:
            return self._around(context)[context.places.index(position), :-1]
        return self._between(context, position)[:-1]

    def gloss_vectors(self, lemma: str, pos: str) -> Floats:
        """Return one unit row per sense: its extended gloss in the space, terms weighted by IGF."""
        senses = self._lexicon.senses(lemma, pos)
        space = term_vectors(self._lexicon, self._vectors)
        bags = [self._extended_gloss(sense) for sense in senses]
        frequency = np.zeros(len(space))
        for terms, _ in bags:
            frequency[terms] += 1
        rows = np.zeros((len(senses), self._vectors.dimensions))
        for row, (terms, weights) in zip(rows, bags, strict=True):
            igf = 1 + np.log2(len(senses) / frequency[terms])
            # einsum, not @: one thread and one order of summing, whatever BLAS there is.
            np.einsum("t,td->d", weights * igf, space[terms], out=row)
        return np.asarray(rows / np.maximum(_length(rows), 1e-9))

    def _extended_gloss(self, sense: int) -> tuple[NDArray[np.int64], Floats]:
        """Return the distinct term ids of the extended gloss of ``sense`` and their weights."""
        indptr, terms, counts = self._lexicon.gloss_arrays
        near = neighbourhood(self._lexicon, sense, depth=self.depth)
        pieces = [slice(indptr[synset], indptr[synset + 1]) for synset in near]
        found, place = np.unique(np.concatenate([terms[piece] for piece in pieces]), return_inverse=True)
        weighted = [weight * counts[piece] for piece, weight in zip(pieces, near.values(), strict=True)]
        return found, np.asarray(np.bincount(place, np.concatenate(weighted), len(found)), np.float64)

    def _sign(self, lemma: str, pos: str) -> _Signature:
        senses = self._lexicon.senses(lemma, pos)
        half = 0.5 * RESOLUTION
        last = half * np.array(prior(self._lexicon, lemma, senses)) + 0.5
        signature = _Signature(senses, np.column_stack((half * self.gloss_vectors(lemma, pos), last)))
        self._signatures[lemma, pos] = signature
        return signature

    def _sum(self, lemmas: tuple[str, ...]) -> Floats:
        rows = [row for lemma in lemmas for row in self._vectors.rows(lemma)]
        return np.asarray(self._vectors.dequantise(rows).sum(axis=0))

    def _around(self, context: Context) -> Floats:
        """Return (unit context vector, 1) of every content word of the question, one a row."""
        size = len(context.lemmas)
        words = np.zeros((size, self._vectors.dimensions))
        if size:
            words[:] = [self._word(lemma) for lemma in context.lemmas]
        sums: Floats = _band(size, self.window) @ words
        return _with_one(sums + self._paragraph_sum(context.paragraph) if context.paragraph else sums)

    def _between(self, context: Context, position: int | None) -> Floats:
        """Return the same for a target that is no content word of the question (None: that is not in it)."""
        near = context.lemmas
        if position is not None:
            at = bisect_left(context.places, position)
            reach = len(near) if self.window is None else self.window
            near = near[max(0, at - reach) : at + reach]
        return np.asarray(_with_one((self._sum(near) + self._paragraph_sum(context.paragraph))[None])[0])


@cache
def term_vectors(lexicon: Lexicon, vectors: Vectors) -> NDArray[np.float32]:
    """Return the vector of every gloss term, shape (terms, dimensions); zero where the space has none."""
    rows = [vectors.rows(lexicon.term(term)) for term in range(lexicon.n_terms)]
    result = np.zeros((len(rows), vectors.dimensions), np.float32)
    term = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    np.add.at(result, term, vectors.dequantise(row for found in rows for row in found))
    return result


@lru_cache(64)
def _band(size: int, window: int | None) -> Floats:
    """Return the square matrix that sums rows at most ``window`` away, the row itself left out."""
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    near = (apart > 0) & (apart <= (size if window is None else window))
    return np.asarray(near, dtype=np.float64)


def _with_one(rows: Floats) -> Floats:
    """Return the rows at length 1 (zero rows stay zero), and a column of ones."""
    result = np.ones((rows.shape[0], rows.shape[1] + 1))
    np.divide(rows, np.maximum(_length(rows), 1e-9), out=result[:, :-1])
    return result


def _length(rows: Floats) -> Floats:
    squares: Floats = np.einsum("ij,ij->i", rows, rows)
    return np.asarray(np.sqrt(squares)[:, None])
