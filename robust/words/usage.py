"""How English words are used beside others: counts of Wikipedia, made by tools/train_usage.py and shipped.

Three questions are answered without a model: is ``next`` usually seen after ``form``; how near are two
synonyms among all words used in the same places; how much do the frames around them overlap. Similarity
here is of use (what may stand in a word's place), not of topic as in `robust.words.vectors`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.words.array_file import open_arrays, write_arrays
from robust.words.frequency import words
from robust.words.vectors import check

SHA256 = "274d3a86547a5555c7b00891e6bb25a14479a1352f346ec303531d0ff318587d"
MAGIC, FORMAT = b"robusage", 1
# Ids of tokens: what is no word of the frequency table, the end of a sentence or clause, comma, bracket or
# quotation mark, number, the possessive; then the words of the table from the most frequent.
UNKNOWN, END, MARK, NUMBER, POSSESSIVE, WORDS = range(6)
# Values are kept as bytes: steps a unit of log2(count), of the distance and of the overlap.
_COUNT_STEPS, _DISTANCE_STEPS, _OVERLAP_STEPS = 12, 12, 500
# The distance of words that were not compared: farther than nine in ten synonyms.
FAR = 18.0
_REMEDY = "reinstall robust-qa"
AnyArray = NDArray[Any]


@cache
def _ids() -> dict[str, int]:
    return {word: i for i, word in enumerate(words(), WORDS)}


def token_id(token: str) -> int:
    """Return the id of a token in lower case, 0 to 65,535; UNKNOWN for a word that is not in the table."""
    found = _ids().get(token)
    if found is not None:
        return found
    if token in ("'s", "’s"):
        return POSSESSIVE
    if token[:1] in "\n.!?:;":
        return END
    if token[:1] in ',()"“”':
        return MARK
    return NUMBER if token[:1].isdigit() else UNKNOWN


class Usage:
    """The tables in memory; open them with `Usage.open`."""

    def __init__(self, arrays: Mapping[str, AnyArray]) -> None:
        self._times = arrays["times"].data
        self._total = int(arrays["times"].sum())
        self._form = arrays["next_form"].data
        self._start = arrays["next_start"].data
        self._next = arrays["next_id"].data
        self._count = arrays["next_count"].data
        self._pairs = {pos: arrays[f"pair_{pos}"].data for pos in "nvar"}
        self._distance = {pos: arrays[f"distance_{pos}"].data for pos in "nvar"}
        self._overlap = {pos: arrays[f"overlap_{pos}"].data for pos in "nvar"}

    @staticmethod
    @cache
    def open() -> Usage:
        """Return the shipped tables, memory-mapped; raises UserError if they are not the pinned ones."""
        file = Path(str(resources.files("robust"))) / "words" / "data" / "usage.tables"
        check(file, SHA256)
        return Usage.read(file)

    @staticmethod
    def read(file: Path) -> Usage:
        """Return the tables in a file made by `write`; raises UserError if it is none."""
        return Usage(open_arrays(file, MAGIC, FORMAT, "tables of usage", _REMEDY)[1])

    def follows(self, form: str, after: str) -> float:
        """Return log((c + 1) / (e + 1)): c times ``after`` comes right after ``form``, e expected by chance.

        Lower-case tokens; above 0 the two belong together, below they shun each other. 0.0 where either is
        unknown. Pairs seen fewer than three times count as unseen.
        """
        word, other = token_id(form), token_id(after)
        if word < WORDS or other == UNKNOWN:
            return 0.0
        expected = self._times[word] * self._times[other] / self._total
        return math.log((self._seen(word, other) + 1) / (expected + 1))

    def distance(self, one: str, other: str, pos: str) -> float:
        """Return how many words stand between two synonyms: log(1 + r) + log(1 + r'), 0 to 21.

        r is the number of word forms nearer to ``one`` than ``other`` is, in a space of the words right
        around; r' the reverse. FAR where they were not compared.
        """
        at = self._pair(one, other, pos)
        return FAR if at is None else self._distance[pos][at] / _DISTANCE_STEPS

    def overlap(self, one: str, other: str, pos: str) -> float:
        """Return the cosine of the frames (word before, word after) of two synonyms, 0 to 0.51."""
        at = self._pair(one, other, pos)
        return 0.0 if at is None else self._overlap[pos][at] / _OVERLAP_STEPS

    def _seen(self, word: int, other: int) -> float:
        row = bisect_left(self._form, word)
        if row == len(self._form) or self._form[row] != word:
            return 0.0
        end = self._start[row + 1]
        at = bisect_left(self._next, other, self._start[row], end)
        found = at < end and self._next[at] == other
        return 2.0 ** (self._count[at] / _COUNT_STEPS) if found else 0.0

    def _pair(self, one: str, other: str, pos: str) -> int | None:
        a, b = sorted((token_id(one), token_id(other)))
        keys = self._pairs[pos]
        at = bisect_left(keys, a << 16 | b)
        return at if at < len(keys) and keys[at] == a << 16 | b else None


@lru_cache(maxsize=200_000)
def follows(form: str, after: str) -> float:
    """Return `Usage.follows` of the shipped tables, rounded so that no machine orders a tie differently."""
    return round(Usage.open().follows(form, after), 6)


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str, pos: str) -> tuple[float, float]:
    """Return distance and overlap of two synonyms by the shipped tables."""
    tables = Usage.open()
    return round(tables.distance(one, other, pos), 6), tables.overlap(one, other, pos)


def write(
    path: Path,
    times: AnyArray,
    next_keys: AnyArray,
    next_counts: AnyArray,
    compared: Mapping[str, tuple[Sequence[tuple[str, str]], AnyArray, AnyArray]],
) -> None:
    """Write the tables.

    ``times``: how often each id occurs; ``next_keys``: sorted (id << 16 | id of the word after), with their
    counts; ``compared``: by part of speech the pairs of words, their distances and overlaps.
    """
    form, first = np.unique(next_keys >> np.uint64(16), return_index=True)
    arrays: dict[str, AnyArray] = {
        "times": times.astype(np.uint32),
        "next_form": form.astype(np.uint16),
        "next_start": np.append(first, len(next_keys)).astype(np.uint32),
        "next_id": (next_keys & np.uint64(0xFFFF)).astype(np.uint16),
        "next_count": np.minimum(255, np.rint(_COUNT_STEPS * np.log2(next_counts))).astype(np.uint8),
    }
    for pos, (pairs, distance, overlap) in compared.items():
        ids = np.sort([(token_id(one), token_id(other)) for one, other in pairs], axis=1).astype(np.uint32)
        keys = ids[:, 0] << np.uint32(16) | ids[:, 1]
        order = np.argsort(keys)
        arrays[f"pair_{pos}"] = keys[order]
        arrays[f"distance_{pos}"] = np.rint(_DISTANCE_STEPS * distance)[order].astype(np.uint8)
        arrays[f"overlap_{pos}"] = np.minimum(255, np.rint(_OVERLAP_STEPS * overlap))[order].astype(np.uint8)
    write_arrays(path, MAGIC, FORMAT, {}, arrays)
