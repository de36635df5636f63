"""Rows of numbers and strings of different lengths, packed end to end in mapped arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from robust.words.array_file import AnyArray

K = TypeVar("K")
V = TypeVar("V")
_MOST_KEPT = 1 << 20


def keep(kept: dict[K, V], key: K, value: V) -> V:
    """Remember an answer and return it; whatever text is fed in, memory stays bounded."""
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = value
    return value


class Rows:
    """The rows of the array ``name``, whose lengths are in ``<name>_length``."""

    def __init__(self, arrays: Mapping[str, AnyArray], name: str) -> None:
        self.starts_array = _starts(arrays[f"{name}_length"])
        self._starts = self.starts_array.data
        self._values = arrays[name].data

    def start(self, row: int) -> int:
        """Return where the row begins in the array; IndexError if there is no such row."""
        if row < 0:
            raise IndexError(f"no synset {row}")
        return self._starts[row]

    def __getitem__(self, row: int) -> list[int]:
        return self._values[self.start(row) : self._starts[row + 1]].tolist()


class Strings:
    """The strings of the array ``name``, in the order of their UTF-8 bytes.

    They are unpacked at the first question, all at once, in a tenth of a second for the lemmas of WordNet:
    looking them up by bisection of the packed bytes took three times as long.
    """

    def __init__(self, arrays: Mapping[str, AnyArray], name: str) -> None:
        self._lengths = arrays[f"{name}_length"]
        self._text = arrays[name]

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._strings)

    def __getitem__(self, at: int) -> str:
        return self._strings[at]

    def find(self, string: str) -> int | None:
        """Return the place of ``string``, None if it is not here."""
        return self._places.get(string)

    @cached_property
    def _strings(self) -> list[str]:
        text = self._text.tobytes()
        return [str(text[start:end], "utf-8") for start, end in pairwise(_starts(self._lengths).tolist())]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {string: place for place, string in enumerate(self._strings)}


def _starts(lengths: AnyArray) -> npt.NDArray[np.int64]:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
