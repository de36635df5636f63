"""Do raters agree beyond chance? Cohen's kappa for two, Krippendorff's alpha for any number.

Both are functions of tables that add up over items, so the jackknife that leaves out one article at a time
gives their standard error with articles as clusters (Efron & Tibshirani 1993, ch. 11):

    SE^2 = (G-1)/G * sum over the G articles of (t_(-g) - mean of the t_(-g))^2

and the interval is that of Student's t with G - 1 degrees of freedom, as everywhere here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.stats.student import t_quantile

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient over ``items`` judged by more than one, with its 95 % interval.

    ``observed`` is the share of pairs of ratings that agree. ``value`` is None where it is not defined
    (all ratings have one label), ``low`` and ``high`` also where there is only one article.
    """

    items: int
    observed: float
    value: float | None
    low: float | None
    high: float | None


def cohen_kappa(
    first: Mapping[str, str], second: Mapping[str, str], clusters: Mapping[str, str]
) -> Agreement | None:
    """Return Cohen's (1960) kappa of two raters over the items that both judged; None where there are none.

    Each maps item -> label; ``clusters`` maps item -> article. kappa = (p_o - p_e) / (1 - p_e), p_e from
    each rater's own shares.
    """
    both = sorted(set(first) & set(second))
    if not both:
        return None
    labels = sorted({*first.values(), *second.values()})
    tables = np.zeros((len(both), len(labels), len(labels)))
    for number, item in enumerate(both):
        tables[number, labels.index(first[item]), labels.index(second[item])] = 1
    return _measure(tables, [clusters[item] for item in both], _kappa)


def krippendorff_alpha(raters: Sequence[Mapping[str, str]], clusters: Mapping[str, str]) -> Agreement | None:
    """Return Krippendorff's (2004) alpha for nominal labels over items judged by at least two.

    ``raters`` hold item -> label each, with gaps where they judged nothing. alpha = 1 - D_o / D_e over the
    matrix of coincidences, in which an item with m labels counts each ordered pair 1 / (m - 1) times.
    """
    judged = {item for rater in raters for item in rater}
    shared = sorted(item for item in judged if sum(item in rater for rater in raters) > 1)
    if not shared:
        return None
    labels = sorted({label for rater in raters for label in rater.values()})
    tables = np.zeros((len(shared), len(labels), len(labels)))
    for number, item in enumerate(shared):
        counts = np.zeros(len(labels))
        for rater in raters:
            if item in rater:
                counts[labels.index(rater[item])] += 1
        tables[number] = (np.outer(counts, counts) - np.diag(counts)) / (counts.sum() - 1)
    return _measure(tables, [clusters[item] for item in shared], _alpha)


def _kappa(table: Table) -> float | None:
    n = table.sum()
    expected = float(table.sum(axis=1) @ table.sum(axis=0)) / n**2
    return None if math.isclose(expected, 1) else (float(np.trace(table)) / n - expected) / (1 - expected)


def _alpha(table: Table) -> float | None:
    totals = table.sum(axis=0)
    n = float(totals.sum())
    expected = n**2 - float(totals @ totals)
    return None if expected == 0 else 1 - (n - 1) * (n - float(np.trace(table))) / expected


def _measure(
    tables: NDArray[np.float64], clusters: Sequence[str], statistic: Callable[[Table], float | None]
) -> Agreement:
    whole = tables.sum(axis=0)
    observed = float(np.trace(whole) / whole.sum())
    value = statistic(whole)
    names, member = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    groups = len(names)
    low = high = None
    if value is not None and groups > 1:
        without = [statistic(whole - tables[member == group].sum(axis=0)) for group in range(groups)]
        left = np.array([one for one in without if one is not None])
        if len(left) == groups:  # a coefficient that hangs on one article has no interval
            error = math.sqrt((groups - 1) / groups * float(np.sum((left - left.mean()) ** 2)))
            reach = t_quantile(0.975, groups - 1) * error
            low, high = max(-1.0, value - reach), min(1.0, value + reach)
    return Agreement(len(tables), observed, value, low, high)
