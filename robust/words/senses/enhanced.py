"""Enhanced Lesk of Basile, Caputo & Semeraro, "An enhanced Lesk word sense disambiguation algorithm through a
distributional semantic model", COLING 2014: glosses and contexts meet in a space of word vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from robust.words.lexicon import Lexicon
from robust.words.senses.base import prior
from robust.words.senses.glosses import neighbourhood
from robust.words.senses.space import STEPS, InSpace, unit
from robust.words.vectors import Floats, Vectors

Whole = NDArray[np.int64]


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
        """Return half the extended glosses and half the priors; scores are multiples of STEPS ** -2."""
        senses = self._lexicon.senses(lemma, pos)
        halves = np.column_stack((self.gloss_vectors(lemma, pos), prior(self._lexicon, lemma, senses))) / 2
        return np.asarray(np.rint(halves * STEPS) / STEPS**2)

    def gloss_vectors(self, lemma: str, pos: str) -> Floats:
        """Return one unit row per sense: its extended gloss in the space, terms weighted by IGF."""
        senses = self._lexicon.senses(lemma, pos)
        rows = np.zeros((len(senses), self._vectors.dimensions))
        if not senses:
            return rows
        space = term_vectors(self._lexicon, self._vectors)
        sense, terms, weights = self._extended_glosses(senses)
        igf = 1 + np.log2(len(senses) / np.bincount(terms)[terms])
        ends = np.searchsorted(sense, np.arange(len(senses) + 1)).tolist()
        for row, (start, end) in zip(rows, pairwise(ends), strict=True):
            # einsum, not @: waiting BLAS threads made this three times slower on a busy machine.
            np.einsum("t,td->d", (weights * igf)[start:end], space[terms[start:end]], out=row)
        return unit(rows)

    def _extended_glosses(self, senses: Sequence[int]) -> tuple[Whole, Whole, Floats]:
        """Return each distinct term of the senses' extended glosses: place of the sense, term id, weight.

        By sense, then by term; all senses of a word at once, as numpy costs much by the call.
        """
        indptr, terms, counts = self._lexicon.gloss_arrays
        near = [neighbourhood(self._lexicon, sense, depth=self.depth) for sense in senses]
        synsets = np.array([synset for members in near for synset in members])
        weight = np.array([weight for members in near for weight in members.values()])
        sense = np.repeat(np.arange(len(near)), [len(members) for members in near])
        starts = indptr[synsets]
        sizes = indptr[synsets + 1] - starts
        at = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        found, place = np.unique(
            np.repeat(sense, sizes) * self._lexicon.n_terms + terms[at], return_inverse=True
        )
        total = np.bincount(place, np.repeat(weight, sizes) * counts[at], len(found))
        return *np.divmod(found, self._lexicon.n_terms), np.asarray(total, np.float64)


@cache
def term_vectors(lexicon: Lexicon, vectors: Vectors) -> NDArray[np.float32]:
    """Return the vector of every gloss term, shape (terms, dimensions); zero where the space has none."""
    rows = [vectors.rows(lexicon.term(term)) for term in range(lexicon.n_terms)]
    result = np.zeros((len(rows), vectors.dimensions), np.float32)
    term = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    np.add.at(result, term, vectors.dequantise(row for found in rows for row in found))
    return result
