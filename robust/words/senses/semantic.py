"""Enhanced Lesk with a sentence encoder in the place of word vectors."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, prior, ranked
from robust.words.senses.context import Context
from robust.words.senses.gloss_vectors import GlossVectors
from robust.words.senses.space import unit
from robust.words.sentence_encoder import SentenceEncoder
from robust.words.vectors import Floats

# Chosen on semeval2007 by the likelihood of its right senses; docs/senses.md tells how flat it is about them.
PRIOR = 0.6  # what a nat of the log prior counts
COSINE = 11.25  # what a unit of cosine counts
REACH = 2.0  # words after which a word counts 1/e
PARAGRAPH = 0.2  # what the paragraph counts beside the words around the target
STEPS = 2.0**16  # scores are rounded to this many steps a unit: machines then differ in a tie at most


class EnhancedLeskSemantic:
    """score(s) = 0.6 log P(s|w) + 11.25 cosine(context, extended gloss of s), by all-MiniLM-L6-v2.

    * Context: the vectors of the question's words, each in its sentence, target included, counting
      exp(-d / 2) at d words from the target, plus a fifth of the direction of the paragraph's content words.
    * Extended gloss: the unit vector of the gloss (`GlossVectors`) plus that of the mean over all synsets the
      sense is related to, antonyms left out.
    * P(s|w): ``base.prior``.

    exp(score), normalised over a word's senses, is about the chance that the sense is right. A word of one
    sense scores 0.
    """

    name = "enhanced-lesk-semantic"

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._encoder = SentenceEncoder.open()
        self._glosses = GlossVectors(lexicon, self._encoder)
        self._matrices: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        self._paragraph = lru_cache(64)(lambda lemmas: unit(self._encoder.words(lemmas).sum(axis=0)))
        self._last: Context | None = None
        self._words = np.zeros((0, self._encoder.dimensions))
        self._at = np.zeros(0)

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses by score, ties in WordNet's order."""
        senses = self._lexicon.senses(lemma, pos)
        if len(senses) < 2:
            return [Sense(sense, 0.0) for sense in senses]
        glosses, log_prior = self._matrices.get((lemma, pos)) or self._sign(lemma, pos)
        scores = COSINE * glosses.dot(self.context_vector(context, position)) + log_prior
        return ranked(senses, (np.rint(scores * STEPS) / STEPS).tolist())

    def context_vector(self, context: Context, position: int | None) -> Floats:
        """Return the unit context vector of the token at ``position``; zero where there is no context.

        Where the context has no words as written, its lemmas stand for them.
        """
        if context is not self._last:
            self._last = context
            self._words = self._encoder.words(context.words or context.lemmas)
            self._at = np.array(range(len(context.words)) if context.words else context.places, float)
        counts = np.ones_like(self._at) if position is None else np.exp(-np.abs(self._at - position) / REACH)
        around = unit(counts.dot(self._words))
        if context.paragraph:
            around = unit(around + PARAGRAPH * self._paragraph(context.paragraph))
        return around

    def _sign(self, lemma: str, pos: str) -> tuple[Floats, Floats]:
        senses = self._lexicon.senses(lemma, pos)
        extended = np.array([self._extended(sense) for sense in senses])
        found = extended, PRIOR * np.log(prior(self._lexicon, lemma, senses))
        self._matrices[lemma, pos] = found
        return found

    def _extended(self, sense: int) -> Floats:
        own = self._glosses.of([sense])[0].astype(np.float64)
        near = self._lexicon.related(sense)
        return unit(own + unit(self._glosses.of(near).mean(axis=0, dtype=np.float64))) if near else own
