"""How often 95 % intervals hold the truth, and 5 % tests reject it, on simulated paired drops.

    python benchmarks/coverage.py [SIMULATIONS]

Questions come in articles of unequal size, each with a drop of its own; a question turns one way, the other
or not at all. The truth is known: the mean over all the articles that could have been drawn. Beside the
kinds that robust.stats has (bootstrap-t, wild, Student's t) stand those it could have had instead, over the
same resamples: percentile, BCa, bootstrap-t with unequal tails. Its output is in coverage.txt, the table made
of it in docs/statistics.md.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from robust.stats.clustered import clustered_mean
from robust.stats.clusters import cluster_sums
from robust.stats.power import design_effect
from robust.stats.resampling import bootstrap, draws, randomisation
from robust.stats.wild import wild_bootstrap

RESAMPLES = 999
KINDS = ("as if independent", "percentile", "BCa", "t, unequal tails", "bootstrap-t", "wild", "Student's t")
NAMES = [f"article {a}" for a in range(300)]


@dataclass(frozen=True)
class World:
    """Where the articles come from: how many, how large, how unequal, and how their drops differ."""

    name: str
    articles: int = 35
    questions: int = 30  # an article, on average
    unequal: float = 0.5  # the standard deviation of the log of an article's size
    discordance: float = 0.19
    drop: float = 0.03
    between: float = 0.08  # the standard deviation of the articles' drops
    skewed: bool = False  # a few articles fall a lot (exponential), or all alike (normal)


WORLDS = (
    World("35 articles, drop 3 points"),
    World("drops differ more between articles", between=0.15, discordance=0.5),
    World("few articles fall a lot", skewed=True),
    World("very unequal sizes", unequal=1.0),
    World("rare turns (2 %)", discordance=0.02, drop=0.005, between=0.01),
    World("12 articles", articles=12),
    World("6 articles", articles=6),
    World("300 paragraphs of 10", articles=300, questions=10, unequal=0.4, between=0.04),
)


def simulate(world: World, random: np.random.Generator) -> tuple[NDArray[np.float64], list[str]]:
    """Return one study: each question's drop (-1, 0, 1) and its article."""
    sizes = np.exp(random.normal(0, world.unequal, world.articles))
    sizes = np.maximum(2, world.questions * sizes / np.exp(world.unequal**2 / 2)).astype(int)
    z = random.exponential(1, world.articles) - 1 if world.skewed else random.normal(0, 1, world.articles)
    reach = world.discordance - world.drop  # cut on both sides alike where skew does not matter
    drops = world.drop + np.clip(world.between * z, -reach, None if world.skewed else reach)
    member = np.repeat(np.arange(world.articles), sizes)
    turns = random.random(len(member)) < np.maximum(world.discordance, drops)[member]
    falls = random.random(len(member)) < (0.5 + drops / np.maximum(world.discordance, drops) / 2)[member]
    return np.where(turns, np.where(falls, 1.0, -1.0), 0.0), np.array(NAMES)[member].tolist()


@functools.cache
def _drawn(groups: int) -> NDArray[np.float64]:
    return np.concatenate(list(draws(groups, RESAMPLES, 0)))


def others(
    values: NDArray[np.float64], clusters: Sequence[str]
) -> dict[str, tuple[float | None, float | None]]:
    """Return the intervals that robust.stats does not have, over the resamples it draws."""
    sums = cluster_sums(values, clusters)
    totals, sizes, mean, groups = sums.totals, sums.sizes, sums.mean, len(sums.totals)
    drawn = _drawn(groups)
    means = (drawn @ totals) / (drawn @ sizes)
    residuals = totals - mean * sizes
    shift = means - mean
    spread = drawn @ residuals**2 - 2 * shift * (drawn @ (residuals * sizes)) + shift**2 * (drawn @ sizes**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = shift / (np.sqrt(groups / (groups - 1) * np.maximum(spread, 0)) / (drawn @ sizes))
    t = np.where(np.isnan(t), 0, t)
    left_out = (totals.sum() - totals) / (sizes.sum() - sizes)
    away = left_out.mean() - left_out
    skew = float((away**3).sum() / (6 * (away**2).sum() ** 1.5)) if away.any() else 0.0
    bias = norm.ppf(np.clip(np.mean(means < mean), 1e-3, 1 - 1e-3))
    ends = bias + norm.ppf([0.025, 0.975])
    low, high = np.quantile(t, [0.025, 0.975], method="inverted_cdf")  # t may be infinite
    independent = norm.ppf(0.975) * float(np.std(values, ddof=1)) / len(values) ** 0.5
    percentile = np.quantile(means, [0.025, 0.975])
    bca = np.quantile(means, norm.cdf(bias + ends / (1 - skew * ends)))
    return {
        "as if independent": (mean - independent, mean + independent),
        "percentile": (percentile[0], percentile[1]),
        "BCa": (bca[0], bca[1]),
        "t, unequal tails": (mean - high * sums.error, mean - low * sums.error),
    }


def study(world: World, simulations: int) -> None:
    """Print how often each interval holds the truth, its median width, and what sign flips reject.

    The other tests reject the truth where their intervals leave it out.
    """
    random = np.random.default_rng(world.articles)
    held: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    widths: dict[str, list[float]] = {kind: [] for kind in KINDS}
    effects, rejected = [], []
    for _ in range(simulations):
        values, clusters = simulate(world, random)
        effects.append(design_effect(values, clusters))
        resampled = bootstrap(values, clusters, resamples=RESAMPLES)
        wild = wild_bootstrap(values, clusters, resamples=RESAMPLES)
        analytic = clustered_mean(values, clusters)
        intervals = others(values, clusters) | {
            "bootstrap-t": (resampled.low, resampled.high),
            "wild": (wild.low, wild.high),
            "Student's t": (analytic.low, analytic.high),
        }
        for kind, (low, high) in intervals.items():
            bounds = -np.inf if low is None else low, np.inf if high is None else high
            held[kind].append(bool(bounds[0] <= world.drop <= bounds[1]))
            widths[kind].append(100 * float(bounds[1] - bounds[0]))
        null = values - world.drop  # the truth taken away: what a test of "no drop" must not reject
        rejected.append(randomisation(null, clusters, resamples=RESAMPLES) <= 0.05)
    print(f"{world.name} (design effect {np.median(effects):.1f})")
    for kind in KINDS:
        print(f"  {kind:18} holds {np.mean(held[kind]):6.1%}   width {np.median(widths[kind]):5.2f} points")
    print(f"  {'sign flips':18} rejects {np.mean(rejected):.1%}", flush=True)


def main() -> None:
    """Run every world."""
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    start = time.perf_counter()
    print(f"{simulations:,} simulations of each world, {RESAMPLES:,} resamples; intervals are of 95 %")
    for world in WORLDS:
        study(world, simulations)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
