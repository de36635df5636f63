"""How often the 95 % interval of a level against the rest holds the truth, by the level's articles.

    python benchmarks/against_rest.py [SIMULATIONS]

35 articles with an effect of their own; 600 questions of the rest lie in all of them, those of the level in
some only. Nothing tells the level from the rest, so the truth is 0. The table in docs/breakdown.md is made
of its output.
"""

from __future__ import annotations

import sys

import numpy as np

from robust.stats.contrast import clustered_difference

ARTICLES, REST = 35, 600


def coverage(inside: int, questions: int, unequal: float, simulations: int) -> tuple[float, float]:
    """Return how often the interval holds 0, and its median width in points."""
    random = np.random.default_rng(inside)
    held, widths = 0, []
    rest = np.arange(REST) % ARTICLES
    for _ in range(simulations):
        effects = random.normal(0, 10, ARTICLES)
        weights = np.exp(random.normal(0, unequal, inside))
        own = np.concatenate([np.arange(inside), random.choice(inside, questions, p=weights / weights.sum())])
        first = effects[own] + random.choice([-100.0, 0.0, 100.0], len(own), p=[0.1, 0.8, 0.1])
        second = effects[rest] + random.choice([-100.0, 0.0, 100.0], REST, p=[0.1, 0.8, 0.1])
        found = clustered_difference(first, own, second, rest)
        if found.low is None or found.high is None:
            continue
        held += found.low <= 0 <= found.high
        widths.append(found.high - found.low)
    return held / max(1, len(widths)), float(np.median(widths)) if widths else float("nan")


def main() -> None:
    """Print a line for each number of articles: even sizes, and log-normal ones (deviation of the log 1)."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    print(f"{simulations:,} simulations each; intervals of 95 %")
    for inside in (2, 3, 5, 10, 30):
        for unequal in (0.0, 1.0):
            held, width = coverage(inside, 60, unequal, simulations)
            print(f"level in {inside:2} articles, unequal {unequal:g}: holds {held:6.1%}, width {width:6.1f}")


if __name__ == "__main__":
    main()
