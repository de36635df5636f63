"""A distributional space of English lemmas, made by tools/train_vectors.py and shipped.

40,000 lemmas x 100 dimensions: PPMI of English Wikipedia, truncated SVD, unit rows stored as signed bytes
with one scale a row. Similarity here is topical (what is written about together), as Lesk wants it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.files import sha256_file

DIMENSIONS = 100
ROW = np.dtype([("scale", "<f4"), ("values", "i1", (DIMENSIONS,))])
SHA256 = {
    "vectors.npy": "551bb010546907bacc90eb438c165c85d04829a7e0e076d5202c7ffe53215298",
    "vectors.txt": "bb21c1408c9dc50b8c16113b0dddb02119d810608a90dc0ac25e9577aa6546bc",
}
Floats = NDArray[np.float64]


class Vectors:
    """The space: words to rows, rows to vectors of about unit length, dequantised when asked for."""

    def __init__(self, words: list[str], rows: NDArray[np.void]) -> None:
        self.words = words
        self.dimensions = rows.dtype["values"].shape[0]
        self._row = {word: row for row, word in enumerate(words)}
        self._scale: NDArray[np.float32] = rows["scale"]
        self._values: NDArray[np.int8] = rows["values"]

    @staticmethod
    @cache
    def open() -> Vectors:
        """Return the shipped space, memory-mapped; raises UserError if its files are not the pinned ones."""
        folder = Path(str(resources.files("robust"))) / "words" / "data"
        for name, expected in SHA256.items():
            check(folder / name, expected)
        rows = np.load(folder / "vectors.npy", mmap_mode="r").view(np.ndarray)
        return Vectors((folder / "vectors.txt").read_text("utf-8").split("\n")[:-1], rows)

    def rows(self, lemma: str) -> tuple[int, ...]:
        """Return the row of ``lemma``, or those of its parts where ``_`` or ``-`` joins it, or ()."""
        row = self._row.get(lemma)
        if row is not None:
            return (row,)
        parts = lemma.replace("-", "_").split("_")
        if len(parts) == 1:
            return ()
        return tuple(self._row[part] for part in parts if part in self._row)

    def dequantise(self, rows: Iterable[int]) -> Floats:
        """Return the vectors of ``rows``, shape (rows, 100); float64, so that sums do not depend on order."""
        index = np.fromiter(rows, np.intp)
        return np.multiply(self._values[index], self._scale[index, None], dtype=np.float64)

    def vector(self, lemma: str) -> Floats | None:
        """Return the vector of ``lemma`` (the sum of its parts', where only they are known), or None."""
        rows = self.rows(lemma)
        return np.asarray(self.dequantise(rows).sum(axis=0)) if rows else None

    def similarity(self, one: str, other: str) -> float:
        """Return the cosine of two lemmas, -1 to 1; 0.0 where either has no vector."""
        a, b = self.vector(one), self.vector(other)
        return 0.0 if a is None or b is None else cosine(a, b)

    def nearest(self, lemma: str, k: int) -> list[tuple[str, float]]:
        """Return the ``k`` lemmas of the highest cosine with ``lemma``, itself left out, highest first.

        Empty where it has no vector. Sums are of whole numbers, so that no machine orders them differently.
        """
        row = self._row.get(lemma)
        if row is None:
            return []
        values, lengths = self._for_search
        products = (values @ values[row]).astype(np.float64)  # exact: below 2^24
        found = products / (lengths * lengths[row])
        found[row] = -np.inf
        best = np.argpartition(-found, min(k, len(found) - 1))[:k]
        ordered = sorted(best, key=lambda i: (-found[i], i))
        return [(self.words[i], round(float(found[i]), 4)) for i in ordered]

    @cached_property
    def _for_search(self) -> tuple[NDArray[np.float32], Floats]:
        """The stored bytes as float32 and the length of each row of them; the scales cancel in a cosine."""
        values = self._values.astype(np.float32)
        return values, np.sqrt((values.astype(np.float64) ** 2).sum(axis=1))


def cosine(one: Floats, other: Floats) -> float:
    """Return the cosine of two vectors; 0.0 where either is zero."""
    length = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / length if length else 0.0


def check(file: Path, expected: str) -> None:
    """Raise UserError unless ``file`` exists and has the SHA-256 ``expected``."""
    if not file.is_file():
        raise UserError(f"{file}: missing from the installation; reinstall robust-qa")
    found = sha256_file(file)
    if found != expected:
        raise UserError(f"{file}: SHA-256 {found[:12]}..., expected {expected[:12]}...; reinstall robust-qa")
