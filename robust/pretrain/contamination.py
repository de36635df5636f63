"""How much of an evaluation set a corpus has seen: n-grams of words that stand in both.

An encoder that read the paragraphs it is asked about has an advantage that looks like skill. Words are
compared in lower case, punctuation left out; the customary n is 13 (Brown et al. 2020, appendix C) or 8
(Chowdhery et al. 2022).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from robust.pretrain.documents import Document, blocks
from robust.pretrain.word_table import Counts, Ids, Sequences, WordTable, one_after_the_other
from robust.squad.records import Question

N = 13
_WORD = re.compile(r"\w+")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it loses a word's bits
# A hash's first bits, as many as tell most n-grams of the corpus from those of an evaluation set at once.
_BITS = 22
_WORST = 10

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
        for word in chain.from_iterable(map(words, texts)):
            self._ids.setdefault(word, len(self._ids) + 1)
        self._table = WordTable(self._learn)
        self.n_passages = len(passages)
        self.n_texts = len(texts)
        self._owner, hashes = self._hashes(texts)
        self.known, self._gram = np.unique(hashes, return_inverse=True)
        self._may_be_known = np.zeros(2**_BITS, bool)
        self._may_be_known[_first_bits(self.known)] = True

    def _learn(self, found: list[str]) -> Sequences:
        """Return the numbers of the words in what white space parts; a word that is not ours is 0."""
        each = [words(text) for text in found]
        flat = np.fromiter((self._ids.get(word, 0) for word in chain.from_iterable(each)), np.int32)
        return one_after_the_other(flat, np.fromiter(map(len, each), np.int64, len(each)))

    def _hashes(self, texts: Sequence[str]) -> tuple[Counts, Hashes]:
        """Return the n-grams of the texts whose words the evaluation set knows: text's number, hash."""
        flat, lengths = self._table.ids(texts)
        ends = np.cumsum(lengths + 1)
        ids: Ids = np.insert(flat, np.cumsum(lengths), 0)  # no n-gram goes from one text to the next
        unknown = np.concatenate([[0], np.cumsum(ids == 0)])
        start = np.flatnonzero(unknown[self.n :] == unknown[: -self.n])
        hashed = np.zeros(len(start), np.uint64)
        for place in range(self.n):
            hashed = hashed * _FACTOR + ids[start + place].astype(np.uint64)
        return np.searchsorted(ends, start, side="right"), hashed

    def seen(self, documents: Sequence[Document]) -> list[NDArray[np.int64]]:
        """Return for each document the numbers of the n-grams that it holds, ascending."""
        owner, hashes = self._hashes([" ".join(document) for document in documents])
        likely = self._may_be_known[_first_bits(hashes)]
        owner, hashes = owner[likely], hashes[likely]
        place = np.searchsorted(self.known, hashes)
        place[place == len(self.known)] = 0  # past the end: not known, whatever stands at 0
        known = self.known[place] == hashes if len(self.known) else np.zeros(0, bool)
        pairs = np.unique(np.stack([owner[known], place[known]], axis=1), axis=0)
        cuts = np.searchsorted(pairs[:, 0], np.arange(len(documents) + 1))
        return [pairs[a:b, 1] for a, b in pairwise(cuts)]

    def texts_with(self, grams: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the numbers of the texts (paragraphs first, then questions) that hold one of ``grams``."""
        return np.unique(self._owner[grams[self._gram]])


@dataclass(slots=True)
class Contamination:
    """What a pass over a corpus found: documents read, those with an n-gram of the evaluation set, and which.

    Characters are those of the documents. ``worst`` are the documents with the most such n-grams: (number
    from 0, first words, n-grams).
    """

    n: int
    documents: int = 0
    overlapping: int = 0
    characters: int = 0
    characters_overlapping: int = 0
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
    for block in blocks(documents):
        for document, found in zip(block, ngrams.seen(block), strict=True):
            size = sum(map(len, document))
            report.characters += size
            if len(found):
                report.overlapping += 1
                report.characters_overlapping += size
                seen[found] = True
                worst.append((report.documents, document[0][:60], len(found)))
            report.documents += 1
            if not (drop and len(found)):
                yield document
        worst = sorted(worst, key=lambda one: (-one[2], one[0]))[:_WORST]
    texts = ngrams.texts_with(seen)
    report.ngrams, report.ngrams_seen = len(seen), int(seen.sum())
    report.passages, report.questions = ngrams.n_passages, ngrams.n_texts - ngrams.n_passages
    report.passages_seen = int((texts < ngrams.n_passages).sum())
    report.questions_seen = len(texts) - report.passages_seen
    report.worst = tuple(worst)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case: runs of letters, digits and underscores.

    A letter with its accent is one character (NFC), however it is written. Scripts without spaces are not
    cut into words.
    """
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()))


def _first_bits(hashes: Hashes) -> NDArray[np.int64]:
    return (hashes >> np.uint64(64 - _BITS)).astype(np.int64)
