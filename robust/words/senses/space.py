"""Senses ranked in a space of word vectors: one matrix product a word.

A method of this kind says what matrix a word's senses have, how much a context word counts at its distance,
and how the paragraph joins. The rest is here: contexts of one question are worked out together and kept until
another question comes, signatures for good.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, ranked
from robust.words.senses.context import Context
from robust.words.vectors import Floats, Vectors

# Unit vectors are rounded to this many steps a unit. Where the matrix of a word's senses is rounded too, a
# score is a sum of multiples of one small number: float64 holds it exactly, whatever the order of summing,
# and equal evidence makes equal scores.
STEPS = 2.0**24
TINY = 1e-18  # keeps the length of a zero vector from dividing


class _Signature(NamedTuple):
    """The senses of one word; the matrix times STEPS * (unit context vector, 1) gives their scores."""

    senses: tuple[int, ...]
    matrix: Floats  # (senses, dimensions + 1)


class InSpace(ABC):
    """Ranks senses by a matrix per word times the vector of the context; derive and say what they are."""

    name: str

    def __init__(self, lexicon: Lexicon, vectors: Vectors | None = None) -> None:
        self._lexicon = lexicon
        self._vectors = vectors or Vectors.open()
        self._width = self._vectors.dimensions + 1
        self._signatures: dict[tuple[str, str], _Signature] = {}
        self._word = lru_cache(8192)(lambda lemma: self._sum((lemma,)))
        self._paragraph = lru_cache(64)(self._sum)
        self._kernel = lru_cache(64)(self._square)
        # What the words of one question share, kept until another question comes.
        self._last: Context | None = None
        self._by_place: dict[int | None, Floats] = {}
        self._words = np.zeros((0, self._width))

    @abstractmethod
    def signature(self, lemma: str, pos: str) -> Floats:
        """Return the matrix of the word's senses, shape (senses, dimensions + 1), rounded.

        Times STEPS * (unit context vector, 1) it gives the scores.
        """

    @abstractmethod
    def kernel(self, apart: Floats) -> Floats:
        """Return what a content word counts that is ``apart`` (1, 2, ...) content words from the target."""

    def weight(self, lemma: str) -> float:
        """Return how much the lemma counts, whatever its place."""
        return 1.0

    def join(self, around: Floats, paragraph: Floats) -> Floats:
        """Return the sums of the words around targets, one a row, with the sum of the paragraph's words."""
        return around + paragraph

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

    def _sign(self, lemma: str, pos: str) -> _Signature:
        signature = _Signature(self._lexicon.senses(lemma, pos), self.signature(lemma, pos))
        self._signatures[lemma, pos] = signature
        return signature

    def _enter(self, context: Context) -> None:
        """Make ready what the words of one question share: the contexts of all its content words."""
        self._last = context
        self._words = np.array([self._word(lemma) for lemma in context.lemmas]).reshape(-1, self._width)
        around = self._kernel(len(context.lemmas)).dot(self._words)
        if context.paragraph:
            around = self.join(around, self._paragraph(context.paragraph))
        self._by_place = dict(zip(context.places, _in_steps(around), strict=True))

    def _gap(self, context: Context, position: int | None) -> Floats:
        """Return the context of a target that is no content word of the question (None: is not in it)."""
        total = self._words.sum(axis=0)
        if position is not None:
            before = np.arange(len(self._words)) - bisect_left(context.places, position)
            total = self.kernel(np.where(before < 0, -before, before + 1.0)).dot(self._words)
        if context.paragraph:
            total = self.join(total, self._paragraph(context.paragraph))
        around = _in_steps(total)
        self._by_place[position] = around
        return around

    def _sum(self, lemmas: tuple[str, ...]) -> Floats:
        """Return the weighted sum of the lemmas' vectors, and a zero for `_in_steps` to fill."""
        found = [(row, self.weight(lemma)) for lemma in lemmas for row in self._vectors.rows(lemma)]
        vectors = self._vectors.dequantise(row for row, _ in found)
        return np.append((vectors * np.array([weight for _, weight in found])[:, None]).sum(axis=0), 0.0)

    def _square(self, size: int) -> Floats:
        """Return what each of ``size`` content words counts for each, itself nothing."""
        places = np.arange(float(size))
        apart = np.abs(np.subtract.outer(places, places))
        return np.where(apart > 0, self.kernel(apart), 0.0)


def unit(rows: Floats) -> Floats:
    """Return the rows at length 1; zero rows stay zero."""
    return np.asarray(rows / np.sqrt(np.vecdot(rows, rows) + TINY)[..., None])


def _in_steps(rows: Floats) -> Floats:
    """Return STEPS * (row at length 1, 1) in whole numbers, in place of (row, 0); zero rows stay zero."""
    rows *= (STEPS / np.sqrt(np.vecdot(rows, rows) + TINY))[..., None]
    rows[..., -1] = STEPS
    return np.rint(rows, rows)
