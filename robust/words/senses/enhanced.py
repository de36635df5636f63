"""Enhanced Lesk of Basile, Caputo & Semeraro, "An enhanced Lesk word sense disambiguation algorithm through a
distributional semantic model", COLING 2014: glosses and contexts meet in a space of word vectors.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from robust.words.lexicon import Lexicon
from robust.words.senses.base import prior
from robust.words.senses.glosses import neighbourhood
from robust.words.senses.space import STEPS, InSpace, unit
from robust.words.vectors import Floats, Vectors


class EnhancedLesk2014(InSpace):
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
        super().__init__(lexicon, vectors)
        self.window = window
        self.depth = depth

    def kernel(self, apart: Floats) -> Floats:
        """Return 1 within the window, else 0."""
        return np.asarray(apart <= (np.inf if self.window is None else self.window), np.float64)

    def signature(self, lemma: str, pos: str) -> Floats:
        """Return half the extended glosses and half the priors; a score is a multiple of STEPS ** -2, below 2."""
        senses = self._lexicon.senses(lemma, pos)
        halves = np.column_stack((self.gloss_vectors(lemma, pos), prior(self._lexicon, lemma, senses))) / 2
        return np.asarray(np.rint(halves * STEPS) / STEPS**2)

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
        return unit(rows)

    def _extended_gloss(self, sense: int) -> tuple[NDArray[np.int64], Floats]:
        """Return the distinct term ids of the extended gloss of ``sense`` and their weights."""
        indptr, terms, counts = self._lexicon.gloss_arrays
        near = neighbourhood(self._lexicon, sense, depth=self.depth)
        pieces = [slice(indptr[synset], indptr[synset + 1]) for synset in near]
        found, place = np.unique(np.concatenate([terms[piece] for piece in pieces]), return_inverse=True)
        weighted = [weight * counts[piece] for piece, weight in zip(pieces, near.values(), strict=True)]
        return found, np.asarray(np.bincount(place, np.concatenate(weighted), len(found)), np.float64)


@cache
def term_vectors(lexicon: Lexicon, vectors: Vectors) -> NDArray[np.float32]:
    """Return the vector of every gloss term, shape (terms, dimensions); zero where the space has none."""
    rows = [vectors.rows(lexicon.term(term)) for term in range(lexicon.n_terms)]
    result = np.zeros((len(rows), vectors.dimensions), np.float32)
    term = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    np.add.at(result, term, vectors.dequantise(row for found in rows for row in found))
    return result
