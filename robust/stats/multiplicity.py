"""Several tests at once: p-values adjusted so that chance finds do not pass for findings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Return the p-values adjusted by Holm (1979), in the order given; each in [0, 1].

    Where all below alpha are called findings, the chance of even one false one is at most alpha, however the
    tests depend on one another. Raises ValueError for a value outside [0, 1].
    """
    values = _checked(p)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * values[order]))
    return [float(value) for value in adjusted]


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return the p-values adjusted by Benjamini & Hochberg (1995), in the order given; each in [0, 1].

    Where all below alpha are called findings, the expected share of false ones among them is at most alpha,
    for tests that are independent or positively dependent. Raises ValueError for a value outside [0, 1].
    """
    values = _checked(p)
    order = np.argsort(-values, kind="stable")
    factors = len(values) / np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum.accumulate(np.minimum(1.0, factors * values[order]))
    return [float(value) for value in adjusted]


def _checked(p: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = np.asarray(p, dtype=np.float64).reshape(-1)
    wrong = values[~((values >= 0) & (values <= 1))]  # so that NaN is wrong too
    if len(wrong):
        raise ValueError(f"p-value {wrong[0]}: expected 0 to 1")
    return values
