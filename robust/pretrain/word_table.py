"""Text to numbers at the speed of a table: what a word stands for is worked out once.

Running text has few distinct words. ``WordTable`` finds those of a block of texts, has the new ones learned,
all at once, and looks the others up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Counts = NDArray[np.int64]

# Words that are kept; beyond, the table starts afresh, so that memory stays bounded (about 400 MB).
MOST_WORDS = 2_000_000
# Marks the first word of a text, where that matters. No text holds NUL.
FIRST = "\0"


class Sequences(NamedTuple):
    """Sequences of numbers, one after the other in ``flat``: where each begins, and its length."""

    flat: Ids
    begin: Counts
    length: Counts


Learn = Callable[[list[str]], Sequences]


def one_after_the_other(flat: Ids, lengths: Counts) -> Sequences:
    """Return sequences that lie in ``flat`` in their order, without gaps."""
    return Sequences(flat, np.cumsum(lengths) - lengths, lengths)


class Table:
    """Word -> its sequence, growing; ``learn`` says what a list of new words stands for."""

    def __init__(self, learn: Learn) -> None:
        self._learn = learn
        self._forget()

    def _forget(self) -> None:
        self._places: dict[str, int] = {}
        empty = np.zeros(0, np.int64)
        self._known = Sequences(np.zeros(0, np.int32), empty, empty)

    def places(self, words: Sequence[str]) -> Counts:
        """Return the place of each word, for ``gather``; what ``places`` said before may hold no longer.

        A new word that comes twice in ``words`` gets two places, which stand for the same.
        """
        if len(self._places) > MOST_WORDS:
            self._forget()
        found = np.fromiter(map(self._places.get, words, repeat(-1)), np.int64, len(words))
        unknown = np.flatnonzero(found < 0)
        if len(unknown):
            new = [words[number] for number in unknown.tolist()]
            known = self._known
            found[unknown] = np.arange(len(known.begin), len(known.begin) + len(new))
            self._places.update(zip(new, found[unknown].tolist(), strict=True))
            flat, begin, length = self._learn(new)
            self._known = Sequences(
                np.concatenate([known.flat, flat]),
                np.concatenate([known.begin, begin + len(known.flat)]),
                np.concatenate([known.length, length]),
            )
        return found

    def gather(self, places: Counts) -> tuple[Ids, Counts]:
        """Return the sequences at these places, joined, and their lengths."""
        return gather(self._known, places)


def gather(known: Sequences, places: Counts) -> tuple[Ids, Counts]:
    """Return the sequences with these numbers, joined, and their lengths."""
    lengths = known.length[places]
    shift = known.begin[places] - (np.cumsum(lengths) - lengths)
    return known.flat[np.repeat(shift, lengths) + np.arange(lengths.sum())], lengths


class WordTable:
    """What the words of texts stand for; words are what white space parts, as in ``str.split``.

    ``first``: ``learn`` is to tell a text's first word, which it gets with ``FIRST`` before it, from others.
    """

    def __init__(self, learn: Learn, *, first: bool = False) -> None:
        self._table = Table(learn)
        self._first = first

    def ids(self, texts: Sequence[str]) -> tuple[Ids, Counts]:
        """Return the numbers of all texts, joined, and how many of them are each text's."""
        raw = [text.strip().encode() for text in texts]
        ends = np.cumsum([0, *map(len, raw)], dtype=np.int64)
        array = pa.LargeStringArray.from_buffers(len(raw), pa.py_buffer(ends), pa.py_buffer(b"".join(raw)))
        split = pc.utf8_split_whitespace(array)
        bounds = split.offsets.to_numpy().astype(np.int64)
        encoded = split.values.dictionary_encode()
        distinct = encoded.dictionary.to_pylist()
        where = encoded.indices.to_numpy().astype(np.int64)
        if self._first and raw:
            firsts = bounds[:-1]
            where[firsts] = len(distinct) + np.arange(len(firsts))
            distinct += [FIRST + distinct[number] for number in encoded.indices.to_numpy()[firsts]]
        flat, lengths = self._table.gather(self._table.places(distinct)[where])
        upto = np.concatenate([[0], np.cumsum(lengths)])
        return flat, np.diff(upto[bounds])
