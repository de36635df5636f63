"""How much of an evaluation set a corpus has seen: n-grams of words that stand in both.

An encoder that read the paragraphs it is asked about has an advantage that looks like skill. Words are
compared in lower case, punctuation left out; the customary n is 13 (Brown et al. 2020, appendix C) or 8
(Chowdhery et al. 2022).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.pretrain.documents import Document
from robust.squad.records import Question

N = 13
_WORD = re.compile(r"\w+")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it loses a word's bits

Hashes = NDArray[np.uint64]


class NGrams:
    """The n-grams of an evaluation set's paragraphs and questions, ready to be looked for.

    A paragraph or question shorter than n words has none, and cannot be found.
    """

    def __init__(self, questions: Sequence[Question], n: int = N) -> None:
        self.n = n
        self._ids: dict[str, int] = {}
        passages = dict.fromkeys(q.context for q in questions)
        texts = [*passages, *dict.fromkeys(q.text for q in questions)]
        for text in texts:
            for word in words(text):
                self._ids.setdefault(word, len(self._ids) + 1)
        found = [self.hashes(text) for text in texts]
        self.n_passages = len(passages)
        self.n_texts = len(texts)
        self.known, owner = np.unique(np.concatenate([np.zeros(0, np.uint64), *found]), return_inverse=True)
        self._owner = np.repeat(np.arange(len(texts)), [len(own) for own in found])
        self._gram = owner

    def hashes(self, text: str) -> Hashes:
        """Return the hash of each n-gram of the text whose words the evaluation set knows, in order."""
        ids = np.fromiter((self._ids.get(word, 0) for word in words(text)), np.uint64)
        count = len(ids) - self.n + 1
        if count < 1:
            return np.zeros(0, np.uint64)
        hashed = np.zeros(count, np.uint64)
        whole = np.ones(count, bool)
        for place in range(self.n):
            column = ids[place : place + count]
            hashed = hashed * _FACTOR + column
            whole &= column > 0
        return hashed[whole]

    def seen(self, document: Document) -> NDArray[np.int64]:
        """Return the numbers of the n-grams that the document holds, ascending."""
        own = np.unique(self.hashes(" ".join(document)))
        place = np.searchsorted(self.known, own)
        place = place[place < len(self.known)]
        return np.asarray(place[self.known[place] == own[: len(place)]])

    def texts_with(self, grams: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the numbers of the texts (paragraphs first, then questions) that hold one of ``grams``."""
        return np.unique(self._owner[grams[self._gram]])


@dataclass(slots=True)
class Contamination:
    """What a pass over a corpus found: documents read, those with an n-gram of the evaluation set, and which.

    ``worst`` are the documents with the most such n-grams: (number from 0, first words, n-grams).
    """

    n: int
    documents: int = 0
    overlapping: int = 0
    passages: int = 0
    passages_seen: int = 0
    questions: int = 0
    questions_seen: int = 0
    ngrams: int = 0
    ngrams_seen: int = 0
    worst: tuple[tuple[int, str, int], ...] = ()


def without_overlap(
    documents: Iterable[Document], ngrams: NGrams, report: Contamination, *, drop: bool = True
) -> Iterator[Document]:
    """Yield the documents that share no n-gram with the evaluation set (all of them, unless ``drop``).

    ``report`` is filled in as they pass and is whole when the last one has.
    """
    seen = np.zeros(len(ngrams.known), bool)
    worst: list[tuple[int, str, int]] = []
    for number, document in enumerate(documents):
        found = ngrams.seen(document)
        report.documents += 1
        if len(found):
            report.overlapping += 1
            seen[found] = True
            worst = sorted([*worst, (number, document[0][:60], len(found))], key=lambda w: (-w[2], w[0]))[:10]
        if not (drop and len(found)):
            yield document
    texts = ngrams.texts_with(seen)
    report.ngrams, report.ngrams_seen = len(seen), int(seen.sum())
    report.passages, report.questions = ngrams.n_passages, ngrams.n_texts - ngrams.n_passages
    report.passages_seen = int((texts < ngrams.n_passages).sum())
    report.questions_seen = len(texts) - report.passages_seen
    report.worst = tuple(worst)


def words(text: str) -> list[str]:
    """Return the words that are compared: lower case, without punctuation."""
    return _WORD.findall(text.lower())
