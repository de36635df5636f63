"""How often 95 % intervals over articles and seeds hold the true difference of two readers' drops.

    python benchmarks/coverage_seeds.py [SIMULATIONS]

Two readers are fine-tuned with the same few seeds. Each article has a difference of its own, each fine-tuning
a drop of its own, which may go along with that of the other reader's fine-tuning of the same seed (the same
questions in the same order). Beside the interval that robust.stats has, seeds taken as independent, stand
those for these fine-tunings alone and with seeds paired. Its output is in coverage_seeds.txt, the table made
of it in docs/statistics.md.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import clustered_mean_coded
from robust.stats.seeds import crossed_interval

KINDS = ("these seeds", "seeds independent", "seeds paired")
ARTICLES, QUESTIONS = 35, 70  # questions: an article, on average
UNEQUAL = 0.5  # the standard deviation of the log of an article's size
BETWEEN = 2.5  # of the articles' differences, in points
TURNS = 35.0  # of a question's drop in one fine-tuning, in points
TRUTH = 1.0


@dataclass(frozen=True)
class World:
    """How far fine-tunings differ (standard deviation, points), how two of one seed go together, how many."""

    spread: float
    together: float
    seeds: int = 3


WORLDS = (
    *(World(spread, together) for spread in (0.5, 1.5) for together in (-0.5, 0.0, 0.5, 0.8)),
    *(World(1.5, together, seeds=5) for together in (0.0, 0.5)),
)


def simulate(world: World, random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return drops by reader, seed and question, in points, and each question's article."""
    sizes = QUESTIONS * np.exp(random.normal(0, UNEQUAL, ARTICLES)) / np.exp(UNEQUAL**2 / 2)
    member = np.repeat(np.arange(ARTICLES), np.maximum(2, sizes).astype(int))
    articles = random.normal(TRUTH, BETWEEN, ARTICLES)[member]
    covariance = world.spread**2 * np.array([[1, world.together], [world.together, 1]])
    tunings = random.multivariate_normal([0, 0], covariance, world.seeds).T
    drops = random.normal(0, TURNS, (2, world.seeds, len(member))) + tunings[:, :, None]
    drops[0] += articles
    return drops, member


def study(world: World, simulations: int) -> None:
    """Simulate a world and print how often each kind of interval held the truth, and its median width."""
    random = np.random.default_rng(world.seeds)
    held: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    widths: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(simulations):
        drops, member = simulate(world, random)
        gaps = drops[0] - drops[1]
        found = clustered_mean_coded(gaps.mean(axis=0), member)
        spread = [(float(one.mean(axis=1).std(ddof=1)), world.seeds) for one in drops]
        paired = [(float(gaps.mean(axis=1).std(ddof=1)), world.seeds)]
        intervals = (
            (found.low, found.high),
            crossed_interval(found, spread),
            crossed_interval(found, paired),
        )
        for kind, (low, high) in zip(KINDS, intervals, strict=True):
            held[kind].append(bool(low <= TRUTH <= high))
            widths[kind].append(high - low)
    print(f"{world.seeds} seeds, {world.spread} points apart, correlation {world.together:+.1f}")
    for kind in KINDS:
        print(f"  {kind:18} holds {np.mean(held[kind]):6.1%}   width {np.median(widths[kind]):5.2f} points")
    sys.stdout.flush()


def main() -> None:
    """Run every world."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    start = time.perf_counter()
    print(f"{simulations:,} simulations of each world; intervals are of 95 %")
    for world in WORLDS:
        study(world, simulations)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
