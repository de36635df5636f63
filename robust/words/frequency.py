"""How common a word is: unigram counts of English Wikipedia, made by tools/train_vectors.py and shipped.

The scale is Zipf's of van Heuven et al. (2014): log10 of the occurrences per billion words. "the" is near
7.8, everyday words lie above 5, words below 3 are rare.
"""

from __future__ import annotations

import math
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from robust.words.vectors import check

SHA256 = "ee10dcf7f6e27994ad311b02d5e67771119324d0e9343ed445e6b13e9aece6f7"


class _Unigram(NamedTuple):
    """One word of the table: its count, and the percentage of capitals where no sentence begins."""

    times: int
    percent_capital: int


class _Table(NamedTuple):
    total: int
    words: dict[str, _Unigram]


def zipf(word: str) -> float:
    """Return log10 of the word's occurrences per billion words; 0.0 if unseen. Case does not matter."""
    total, words = _table()
    found = words.get(word.lower())
    return math.log10(found.times / total * 1e9) if found else 0.0


def capital_share(word: str) -> float:
    """Return how often the word is written with a capital where no sentence begins, 0 to 1; 0.0 if unseen.

    Near 1 the word is a name ("paris"), near 0 it is not ("city").
    """
    found = _table().words.get(word.lower())
    return found.percent_capital / 100 if found else 0.0


def words() -> tuple[str, ...]:
    """Return every word of the table, most frequent first."""
    return tuple(_table().words)


@cache
def _table() -> _Table:
    file = Path(str(resources.files("robust"))) / "words" / "data" / "unigrams.txt"
    check(file, SHA256)
    lines = file.read_text("utf-8").split("\n")
    table = {}
    for line in lines[1:-1]:
        word, count, percent = line.split(" ")
        table[word] = _Unigram(int(count), int(percent))
    return _Table(int(lines[0].split()[-1]), table)
