"""Student's t: its quantiles and p-values, without scipy.stats, which takes seconds to import."""

from __future__ import annotations

from functools import cache


@cache
def t_quantile(probability: float, freedom: float) -> float:
    """Return the quantile of t with ``freedom`` degrees of freedom; infinite: that of the normal."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def t_below(value: float, freedom: float) -> float:
    """Return the chance, 0 to 1, that t with ``freedom`` degrees of freedom is at most ``value``."""
    from scipy.special import stdtr

    return float(stdtr(freedom, value))


def two_sided_p(value: float, freedom: float) -> float:
    """Return the chance that t lies as far from 0 as ``value``, either way."""
    return 2 * t_below(-abs(value), freedom)
