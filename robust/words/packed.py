"""Rows of numbers and strings of different lengths, packed end to end in mapped arrays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
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
    """The strings of the array ``name``, in the order of their UTF-8 bytes; found by bisection."""

    def __init__(self, arrays: Mapping[str, AnyArray], name: str) -> None:
        self._starts = _starts(arrays[f"{name}_length"]).data
        self._text = arrays[name].data
        self._found: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, at: int) -> str:
        return str(self._text[self._starts[at] : self._starts[at + 1]], "utf-8")

    def find(self, string: str) -> int | None:
        """Return the place of ``string``, None if it is not here."""
        if string not in self._found:
            wanted = string.encode("utf-8", "replace")
            text, starts = self._text, self._starts
            at = bisect_left(range(len(self)), wanted, key=lambda i: bytes(text[starts[i] : starts[i + 1]]))
            keep(self._found, string, at if at < len(self) and self[at] == string else None)
        return self._found[string]


def _starts(lengths: AnyArray) -> npt.NDArray[np.int64]:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts
