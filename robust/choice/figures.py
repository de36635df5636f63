"""How often the right warrant is chosen: on the originals, on their negated copies, on both of a pair.

A model that understands the argument changes its choice with the claim. One that follows cues in the
warrants cannot: the warrants of a copy are those of its original, so what it gains on the one half it loses
on the other, and on both together it is right half of the time exactly.

Where no choice was made (equal scores, a cue in neither warrant), what a coin would get counts: a half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from robust.choice.records import Item, Pair
from robust.stats.clustered import clustered_mean
from robust.stats.share import interval

Chosen = Mapping[str, int | None]


def figures(originals: Sequence[Item], pairs: Sequence[Pair], chosen: Chosen) -> dict[str, Any]:
    """Return the figures of a model's choices, ``chosen[id]``; shares are percentages, with 95 % intervals.

    ``all``: accuracy on every original. The rest is over pairs (None where there is none): ``original``,
    ``negated`` and ``both`` are accuracies, ``pair`` the share of pairs with both right, ``flipped`` the
    share whose choice changes with the claim (of a perfect model all), ``drop`` original minus negated, in
    points.
    Intervals are Wilson's, or clustered where several items share a debate (at least five debates).
    """
    result: dict[str, Any] = {
        "items": len(originals),
        "pairs": len(pairs),
        "debates": len({item.cluster for item in originals}),
        "undecided": sum(chosen[item.id] is None for item in originals),
        "all": _share([_right(item, chosen) for item in originals], [item.cluster for item in originals]),
    }
    names = ("original", "negated", "both", "pair", "flipped", "drop")
    if not pairs:
        return result | dict.fromkeys(names)
    first = [_right(pair.original, chosen) for pair in pairs]
    second = [_right(pair.negated, chosen) for pair in pairs]
    clusters = [pair.original.cluster for pair in pairs]
    means = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    both = _share(means, clusters)
    if all(mean == 0.5 for mean in means):  # not a matter of chance: an interval would say it were
        both |= {"interval": None, "interval_kind": "none: every pair has one right, one wrong"}
    found = (
        _share(first, clusters),
        _share(second, clusters),
        both,
        _share([a * b for a, b in zip(first, second, strict=True)], clusters),
        _share([_flipped(pair, chosen) for pair in pairs], clusters),
        _drop(first, second, clusters),
    )
    return result | dict(zip(names, found, strict=True))


def _right(item: Item, chosen: Chosen) -> float:
    choice = chosen[item.id]
    return 0.5 if choice is None else float(choice == item.label)


def _flipped(pair: Pair, chosen: Chosen) -> float:
    first, second = chosen[pair.original.id], chosen[pair.negated.id]
    return 0.5 if first is None or second is None else float(first != second)


def _share(values: Sequence[float], clusters: Sequence[str]) -> dict[str, Any]:
    bounds, kind = interval(values, clusters)
    return {
        "rate": 100.0 * sum(values) / len(values),
        "interval": [100.0 * bound for bound in bounds],
        "interval_kind": kind,
    }


def _drop(first: Sequence[float], second: Sequence[float], clusters: Sequence[str]) -> dict[str, Any]:
    found = clustered_mean(np.asarray(first) - np.asarray(second), clusters)
    bounds = None
    if found.low is not None and found.high is not None:
        bounds = [100.0 * found.low, 100.0 * found.high]
    return {"points": 100.0 * found.mean, "interval": bounds, "p": found.p if bounds else None}
