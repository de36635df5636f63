"""Ranks that admit ties: a model stands behind those only that are surely better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from robust.errors import UserError
from robust.evaluation.floor import FIGURES_RANKED, FLOOR_ABSTAINED, FLOOR_SCORE, nothing_to_lose
from robust.report.leaderboard import Entry
from robust.stats.clustered import ClusteredMean, mean_of_sums
from robust.stats.clusters import ClusterSums
from robust.stats.multiplicity import holm
from robust.stats.power import minimum_detectable
from robust.stats.resampling import flips_can_show, randomisation

ALPHA = 0.05
RULE = (
    "A model's rank is 1 plus the number of models whose drop is smaller beyond chance: the two drops are "
    "compared article by article (sign flips, two-sided; above 250 pairs, where flips can show nothing, "
    "Student's t), and p is corrected by Holm over all pairs of the "
    f"set, at {ALPHA:g}. Models that cannot be told apart share a rank; as sharing does not carry over from "
    "pair to pair, a rank may go on by more than one. No rank: models that abstain on more than "
    f"{FLOOR_ABSTAINED:g} % of answerable clean questions, or are right on less than {FLOOR_SCORE:g} %: they "
    "have nothing to lose; nor where a set has no answerable questions. Where models have several seeds, "
    "ranks are of the mean over them: the spread over seeds is in no test here (robust compare has it)."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry's place among those on the same questions; ``rank`` None below the floor, with the reason."""

    entry: Entry
    rank: int | None
    floor: str = ""


def figure_ranked(entries: Sequence[Entry]) -> str:
    """Return the figure that all entries have and ranks are by."""
    return next(f for f in (*FIGURES_RANKED, *entries[0].figures) if all(f in e.figures for e in entries))


def groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Return the entries in groups of one set and the same questions, in the order of the sets' names.

    Raises UserError where entries that should be of the same questions have other numbers of them.
    """
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=lambda e: (e.set, -e.questions, e.questions_sha256)):
        group = found.setdefault((entry.set, entry.questions_sha256), [])
        for figure, sums in entry.figures.items():
            for other in group[:1]:
                if figure in other.figures and other.figures[figure].questions != sums.questions:
                    raise UserError(
                        f"{entry.model}, set {entry.set}: other questions by article than {other.model}, "
                        "though questions_sha256 is the same; write the entry again: robust leaderboard --add"
                    )
        group.append(entry)
    return list(found.values())


def standings(entries: Sequence[Entry], *, seed: int = 0) -> list[Standing]:
    """Return the entries of one group, the least drop first, those below the floor last (``RULE``)."""
    figure = figure_ranked(entries)
    drop = {entry.model: entry.figures[figure].drop() for entry in entries}
    floors = {entry.model: floor(entry, figure) for entry in entries}
    ranked = [entry for entry in entries if not floors[entry.model]]
    pairs = list(combinations(ranked, 2))
    articles = sorted(entries[0].figures[figure].questions)
    flips = flips_can_show(len(pairs), alpha=ALPHA)
    p = []
    for a, b in pairs:
        gap = ClusterSums(drop[a.model].totals - drop[b.model].totals, drop[a.model].sizes)
        by_t = None if flips else mean_of_sums(gap).p
        p.append(randomisation(gap.totals, articles, seed=seed) if by_t is None else by_t)
    behind = dict.fromkeys((entry.model for entry in ranked), 0)
    for (a, b), adjusted in zip(pairs, holm(p), strict=True):
        if adjusted < ALPHA:
            behind[a.model if drop[a.model].mean > drop[b.model].mean else b.model] += 1
    found = [
        Standing(entry, None if floors[entry.model] else 1 + behind[entry.model], floors[entry.model])
        for entry in entries
    ]
    return sorted(found, key=lambda s: (s.rank is None, s.rank, drop[s.entry.model].mean, s.entry.model))


def ranked_json(entries: Sequence[Entry], *, seed: int = 0) -> list[dict[str, Any]]:
    """Return every group's standings as plain values."""
    found = []
    for group in groups(entries):
        figure = figure_ranked(group)
        models = [
            {
                "model": one.entry.model,
                "rank": one.rank,
                "floor": one.floor or None,
                "clean": one.entry.figures[figure].score(),
                "perturbed": one.entry.figures[figure].score(perturbed=True),
                "drop": drop.mean,
                "drop_interval": interval_of(drop),
                "minimum_detectable": least_seen(drop),
            }
            for one in standings(group, seed=seed)
            for drop in (mean_of_sums(one.entry.figures[figure].drop()),)
        ]
        about = {"set": group[0].set, "questions_sha256": group[0].questions_sha256, "figure": figure}
        found.append(about | {"questions": group[0].questions, "models": models})
    return found


def interval_of(drop: ClusteredMean) -> list[float] | None:
    """Return [low, high] of a drop, by article; None with one article, or where all are alike."""
    return None if drop.low is None or drop.high is None else [drop.low, drop.high]


def least_seen(drop: ClusteredMean) -> float | None:
    """Return the true drop that such data show with 80 % power; None where nothing is known of its error."""
    return minimum_detectable(drop.error, drop.clusters - 1) if drop.error else None


def floor(entry: Entry, figure: str) -> str:
    """Return why a model's drop says nothing, "" where it does say something."""
    return nothing_to_lose(entry.abstained, entry.figures[figure].score())
