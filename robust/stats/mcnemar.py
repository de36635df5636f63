"""McNemar's test: do two conditions differ on the same questions, counted right or wrong?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class McNemar:
    """The discordant counts, and two-sided p-values of "both ways are equally likely".

    ``b`` questions are right before and wrong after, ``c`` the other way round; those that stay say nothing.
    """

    b: int
    c: int
    exact: float
    mid_p: float


def mcnemar(b: int, c: int) -> McNemar:
    """Return McNemar's test of ``b`` against ``c`` discordant pairs, exact and mid-p.

    Given b + c, b is binomial with one half. The exact p doubles the smaller tail, the mid-p counts the
    outcome seen by half only (Fagerland, Lydersen & Laake 2013, BMC Med Res Methodol 13:91): it keeps its
    level nearly always, and has more power. With no discordant pair both are 1. Both take the questions for
    independent of one another, which those of one article are not: the clustered tests stand beside them.
    Raises ValueError for a negative count.
    """
    from scipy.stats import binom

    if b < 0 or c < 0:
        raise ValueError(f"discordant counts {b} and {c}: expected none below 0")
    fewer, n = min(b, c), b + c
    tails = 2 * float(binom.cdf(fewer, n, 0.5))
    return McNemar(b, c, min(1.0, tails), min(1.0, tails - float(binom.pmf(fewer, n, 0.5))))
