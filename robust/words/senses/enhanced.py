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

# Unit vectors are rounded to this many steps a unit. A score is then a sum of multiples of STEPS ** -2, below
# 2: float64 holds it exactly, whatever the order of summing, and equal evidence makes equal scores.
STEPS = 2.0**24
TINY = 1e-18  # keeps the length of a zero vector from dividing


class _Signature(NamedTuple):
    """The senses of one word; the matrix times STEPS * (unit context vector, 1) gives their scores."""

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

    Nothing is fitted: window, depth and the two halves are the paper's.
    """

    name = "enhanced-lesk-2014"

    def __init__(
        self, lexicon: Lexicon, *, window: int | None = 5, depth: int = 1, vectors: Vectors | None = None
    ) -> None:
        self._lexicon = lexicon
        self._vectors = vectors or Vectors.open()
        self.window = window
        self.depth = depth
        self._width = self._vectors.dimensions + 1
        self._signatures: dict[tuple[str, str], _Signature] = {}
        self._word = lru_cache(8192)(lambda lemma: self._sum((lemma,)))
        self._paragraph = lru_cache(64)(self._sum)
        # What the words of one question share, kept until another question comes.
        self._last: Context | None = None
        self._by_place: dict[int | None, Floats] = {}
        self._words = np.zeros((0, self._width))

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses by score, ties in WordNet's order."""
        senses, matrix = self._signatures.get((lemma, pos)) or self._sign(lemma, pos)
        if context is not self._last:
            self._enter(context)
        around = self._by_place.get(position)
        if around is None:
            around = self._gap(context, position)
        return ranked(senses, matrix.dot(around).tolist())

    def context_vector(self, context: Context, position: int | None) -> Floats:
        """Return the unit context vector of the token at ``position``; zero where no word has a vector."""
        self._enter(context)
        found = self._by_place.get(position)
        return (self._gap(context, position) if found is None else found)[:-1] / STEPS

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
            # einsum, not @: waiting BLAS threads made this three times slower on a busy machine.
            np.einsum("t,td->d", weights * igf, space[terms], out=row)
        return np.asarray(rows / np.sqrt(np.vecdot(rows, rows) + TINY)[:, None])

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
        halves = np.column_stack((self.gloss_vectors(lemma, pos), prior(self._lexicon, lemma, senses))) / 2
        signature = _Signature(senses, np.rint(halves * STEPS) / STEPS**2)
        self._signatures[lemma, pos] = signature
        return signature

    def _enter(self, context: Context) -> None:
        """Make ready what the words of one question share: the contexts of all its content words."""
        self._last = context
        self._words = np.array([self._word(lemma) for lemma in context.lemmas]).reshape(-1, self._width)
        around = _windows(len(context.lemmas), self.window).dot(self._words)
        if context.paragraph:
            around += self._paragraph(context.paragraph)
        self._by_place = dict(zip(context.places, _in_steps(around), strict=True))

    def _gap(self, context: Context, position: int | None) -> Floats:
        """Return the context of a target that is no content word of the question (None: is not in it)."""
        near = self._words
        if position is not None:
            at = bisect_left(context.places, position)
            reach = len(near) if self.window is None else self.window
            near = near[max(0, at - reach) : at + reach]
        total = np.add.reduce(near)
        if context.paragraph:
            total += self._paragraph(context.paragraph)
        around = _in_steps(total)
        self._by_place[position] = around
        return around

    def _sum(self, lemmas: tuple[str, ...]) -> Floats:
        """Return the sum of the lemmas' vectors, and a zero for `_in_steps` to fill."""
        rows = [row for lemma in lemmas for row in self._vectors.rows(lemma)]
        return np.append(self._vectors.dequantise(rows).sum(axis=0), 0.0)


@cache
def term_vectors(lexicon: Lexicon, vectors: Vectors) -> NDArray[np.float32]:
    """Return the vector of every gloss term, shape (terms, dimensions); zero where the space has none."""
    rows = [vectors.rows(lexicon.term(term)) for term in range(lexicon.n_terms)]
    result = np.zeros((len(rows), vectors.dimensions), np.float32)
    term = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    np.add.at(result, term, vectors.dequantise(row for found in rows for row in found))
    return result


@lru_cache(64)
def _windows(size: int, window: int | None) -> Floats:
    """Return the square matrix that sums the rows at most ``window`` away, the row itself left out."""
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    near = (apart > 0) & (apart <= (size if window is None else window))
    return np.asarray(near, dtype=np.float64)


def _in_steps(rows: Floats) -> Floats:
    """Return STEPS * (row at length 1, 1) in whole numbers, in place of (row, 0); zero rows stay zero."""
    rows *= (STEPS / np.sqrt(np.vecdot(rows, rows) + TINY))[..., None]
    rows[..., -1] = STEPS
    return np.rint(rows, rows)
