"""The interval of a share."""

from __future__ import annotations


def wilson(right: int, n: int) -> list[float]:
    """Return the Wilson (1927) 95 % interval of a share."""
    from scipy.stats import binomtest

    low, high = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return [float(low), float(high)]
