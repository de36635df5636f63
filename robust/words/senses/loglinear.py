"""Enhanced Lesk, ours: the log prior and one cosine. Nothing in it is trained on tagged senses."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from robust.words import frequency
from robust.words.lexicon import Lexicon
from robust.words.senses.base import prior
from robust.words.senses.enhanced import term_vectors
from robust.words.senses.space import STEPS, TINY, InSpace, unit
from robust.words.vectors import Floats, Vectors

# Chosen on semeval2007 by the likelihood of its right senses; docs/senses.md tells how flat it is about them.
PRIOR = 0.75  # what a nat of the log prior counts
COSINE = 6.75  # what a unit of cosine counts
REACH = 3.0  # content words after which a context word counts 1/e
RARITY = 1e-4  # a word as frequent as this counts half (Arora, Liang & Ma 2017, smooth inverse frequency)
PARAGRAPH = 0.2  # what the paragraph counts beside the words around the target
# Matrices are rounded to this many steps a unit: with STEPS, a sum of 100 products stays exact in float64.
FINENESS = 2.0**20


class EnhancedLesk(InSpace):
    """score(s) = 0.75 log P(s|w) + 6.75 cosine(context, extended gloss of s).

    * Context: the content words of the question, each counting exp(-d / 3) at d content words from the
      target, plus a fifth of the paragraph's direction. Every word is also weighted by a / (a + p(word)),
      a = 1e-4.
    * Extended gloss: the unit vector of the sense's own gloss plus that of the mean of the unit gloss vectors
      of all synsets it is related to, antonyms left out.
    * P(s|w): ``base.prior``.

    exp(score), normalised over a word's senses, is about the chance that the sense is right.
    """

    name = "enhanced-lesk"

    def kernel(self, apart: Floats) -> Floats:
        """Return exp(-apart / REACH)."""
        return np.asarray(np.exp(-apart / REACH))

    def weight(self, lemma: str) -> float:
        """Return the smooth inverse frequency of the lemma, 0 to 1."""
        return rarity(lemma)

    def join(self, around: Floats, paragraph: Floats) -> Floats:
        """Return unit rows plus PARAGRAPH times the paragraph's unit vector."""
        return unit(around) + PARAGRAPH * unit(paragraph)

    def signature(self, lemma: str, pos: str) -> Floats:
        """Return COSINE times the extended glosses and PRIOR times the log priors."""
        senses = self._lexicon.senses(lemma, pos)
        extended = [self._extended(sense) for sense in senses]
        directions = COSINE * np.array(extended).reshape(-1, self._vectors.dimensions)
        weighted = PRIOR * np.log(prior(self._lexicon, lemma, senses))
        return np.asarray(np.rint(np.column_stack((directions, weighted)) * FINENESS) / FINENESS / STEPS)

    def _extended(self, sense: int) -> Floats:
        glosses = gloss_directions(self._lexicon, self._vectors)
        own, near = glosses[sense].astype(np.float64), list(self._lexicon.related(sense))
        return unit(own + unit(glosses[near].astype(np.float64).mean(axis=0))) if near else own


def rarity(lemma: str) -> float:
    """Return RARITY / (RARITY + p), p the share of running words; about 1 for a word that is on no list."""
    share = 10 ** (frequency.zipf(lemma) - 9)
    return RARITY / (RARITY + share)


@cache
def gloss_directions(lexicon: Lexicon, vectors: Vectors) -> NDArray[np.float32]:
    """Return each synset's own gloss as a unit vector, words weighted by `rarity`: (synsets, dimensions)."""
    from scipy import sparse

    weights = [rarity(lexicon.term(term)) for term in range(lexicon.n_terms)]
    terms = term_vectors(lexicon, vectors) * np.array(weights, np.float32)[:, None]
    starts, columns, counts = lexicon.gloss_arrays
    bags = sparse.csr_matrix((counts.astype(np.float32), columns, starts), (len(lexicon), lexicon.n_terms))
    directions: NDArray[np.float32] = bags @ terms
    lengths = np.sqrt(np.vecdot(directions, directions, dtype=np.float64) + TINY)
    directions /= lengths.astype(np.float32)[:, None]  # in place: this is 47 MB
    return directions
