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
    if b < 0 or c < 0:
        raise ValueError(f"discordant counts {b} and {c}: expected none below 0")
    fewer, n = min(b, c), b + c
    # of the 2^n ways to turn, those with ``fewer`` one way, and with at most so many: in whole numbers, and
    # so exact (scipy.stats takes a second to import)
    ways = tail = 1
    for k in range(fewer):
        ways = ways * (n - k) // (k + 1)
        tail += ways
    return McNemar(b, c, min(1.0, 2 * tail / 2**n), min(1.0, (2 * tail - ways) / 2**n))
