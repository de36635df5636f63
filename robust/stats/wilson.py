"""The interval of a share."""

from __future__ import annotations

import math


def wilson(right: float, n: int) -> list[float]:
    """Return the Wilson (1927) 95 % interval of a share, ``right`` of ``n`` (at least one).

    Where cases count in part, ``right`` is their sum, and the interval wider than it had to be.
    """
    from scipy.special import ndtri  # scipy.stats, which has the interval, takes a second to import

    share, z = right / n, float(ndtri(0.975))
    centre = (2 * n * share + z**2) / (2 * (n + z**2))
    reach = z / (2 * (n + z**2)) * math.sqrt(4 * n * share * (1 - share) + z**2)
    return [0.0 if right == 0 else centre - reach, 1.0 if right == n else centre + reach]
