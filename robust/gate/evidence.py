"""What a run folder says of one figure: its drop and interval, and the questions that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.errors import UserError
from robust.runs import read_scores, read_summary

if TYPE_CHECKING:
    import pandas as pd

    from robust.stats.clustered import ClusteredMean

_INTERVALS = {"article": "drop_interval", "paragraph": "drop_interval_paragraph"}
_COLUMNS = {"article": "article", "paragraph": "paragraph_id"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One figure of one set of a run: percentages, drops in points.

    ``low`` and ``high`` bound the drop's 95 % interval; None where there are fewer than two clusters. Of
    several ``seeds`` it is the one that takes seeds as a further level. ``alike`` is the number of clusters
    where all fell by the same, so that there is no interval, ``low`` is the drop and ``high`` is
    ``bound_of_alike``'s; else None.
    ``abstainer`` is what a reader that always abstains scores on ``floor_figure``, ``floor_clean`` what
    this one scores on it: the figure itself, but for NoAns figures, where abstaining is always right,
    the same score of answerable questions. ``abstainer`` is None where no question is answerable.
    """

    run: Path
    model: str
    set: str
    figure: str
    cluster: str
    questions: int
    clean: float
    perturbed: float
    drop: float
    low: float | None
    high: float | None
    floor_figure: str
    floor_clean: float
    abstainer: float | None
    seeds: int = 1
    alike: int | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return (low, high) of the drop, or None where there is no interval."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def read_evidence(run: Path, set_name: str | None, figure: str, cluster: str = "article") -> Evidence:
    """Return what the run in ``run`` says of a figure, from its summary.json alone where that has it all.

    Score rows are read where clusters all fell by the same, and for several seeds clustered by paragraph.
    Raises UserError where the run lacks the set or the figure, or there is nothing to compare.
    """
    held = read_summary(run)
    name = _set_of(held["sets"], set_name, run)
    summary = held["sets"][name]
    if "changed" in summary:
        raise UserError(
            f"{run}: {name} asks for something else than its clean questions, so it has no drop; name a set "
            "whose answers stay the same"
        )
    if "drop" not in summary:
        raise UserError(f"{run}: {name} is a plain data file, nothing to compare with; name a robustness set")
    clean = summary["original"]
    if figure not in summary["drop"]:
        have = ", ".join(key for key in summary["drop"] if key in summary["drop_interval"])
        raise UserError(f"{run}: {name} has no figure {figure}; it has {have}")
    floor = figure.replace("NoAns", "HasAns")
    if floor not in clean:  # no question is answerable
        floor = figure
    seeds = len(summary["seeds"]["numbers"]) if "seeds" in summary else 1
    bounds = summary[_INTERVALS[cluster]].get(figure)
    half = figure.partition("_")[0] if "_" in figure else ""
    evidence = Evidence(
        run=run,
        model=str(held["model"]),
        set=name,
        figure=figure,
        cluster=cluster,
        questions=int(clean[f"{half}_total" if half else "total"]),
        clean=clean[figure],
        perturbed=summary["perturbed"][figure],
        drop=summary["drop"][figure],
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
        floor_figure=floor,
        floor_clean=clean[floor],
        abstainer=_abstainer(clean, floor),
        seeds=seeds,
    )
    if seeds > 1:
        evidence = _with_seeds(evidence, summary["seeds"])
    return _bounded(evidence)


def bound_of_alike(value: float, clusters: int) -> float:
    """Return how far readers fall at most, in points, of whose clusters all ``clusters`` fell by ``value``.

    No spread was seen, so no interval can be made of it. But where none of n clusters differs, the share of
    those that do is under 1 - 0.025^(1/n) with 97.5 % confidence, the exact binomial bound for none of n
    (Clopper & Pearson 1934), and these may lose everything.
    """
    return value + (100 - value) * (1 - float(0.025 ** (1 / clusters)))


def _with_seeds(evidence: Evidence, seeds: dict[str, Any]) -> Evidence:
    """Return the evidence with the interval for other seeds, too."""
    if evidence.cluster == "article":
        bounds = seeds["interval"].get(evidence.figure)
    else:
        from robust.stats.seeds import seeds_interval

        deviation = seeds["sd"]["drop"][evidence.figure]
        bounds = seeds_interval(clustered_drop(evidence), deviation, evidence.seeds)
    return replace(evidence, low=bounds[0] if bounds else None, high=bounds[1] if bounds else None)


def _bounded(evidence: Evidence) -> Evidence:
    """Return the evidence, bounded from above where clusters show no spread, so that there is no interval."""
    if evidence.interval:
        return evidence
    found = clustered_drop(evidence)
    if found.error != 0:  # a single cluster
        return evidence
    high = bound_of_alike(evidence.drop, found.clusters)
    return replace(evidence, low=evidence.drop, high=high, alike=found.clusters)


def question_rows(evidence: Evidence) -> pd.DataFrame:
    """Return the score rows of the set itself, clean and perturbed, of the questions of the figure's half."""
    from robust.evaluation.paired import FIGURES, select

    rows = read_scores(evidence.run)
    return select(rows[(rows["set"] == evidence.set) & (rows["arm"] == "main")], FIGURES[evidence.figure][1])


def drops(rows: pd.DataFrame, figure: str) -> pd.Series[float]:
    """Return the drop of each question, in points, indexed by its original id, of ``question_rows``."""
    from robust.evaluation.paired import FIGURES, drop_by_question

    return 100 * drop_by_question(rows)[FIGURES[figure][0]]


def clusters_of(rows: pd.DataFrame, cluster: str) -> pd.Series[str]:
    """Return the cluster of each question, indexed by its original id."""
    return rows.groupby("original_id", sort=False)[_COLUMNS[cluster]].first()


def clustered_drop(evidence: Evidence) -> ClusteredMean:
    """Return the drop with its error and number of clusters, which the summary does not hold."""
    from robust.stats.clustered import clustered_mean

    rows = question_rows(evidence)
    found = drops(rows, evidence.figure)
    return clustered_mean(
        np.asarray(found, dtype=np.float64), clusters_of(rows, evidence.cluster)[found.index].tolist()
    )


def _abstainer(clean: dict[str, Any], floor: str) -> float | None:
    has, no = clean.get("HasAns_total", 0), clean.get("NoAns_total", 0)
    if not has:
        return None
    return 0.0 if floor.startswith("HasAns") else 100 * no / (has + no)


def _set_of(sets: dict[str, Any], wanted: str | None, run: Path) -> str:
    """Return the run's set that is meant: by its name, its folder's name, or the only one."""
    names = ", ".join(sets)
    if wanted is None:
        if len(sets) == 1:
            return next(iter(sets))
        raise UserError(f"{run}: holds several sets ({names}); say which one: set = ...")
    if wanted in sets:
        return wanted
    if (short := Path(wanted).name) in sets:
        return short
    raise UserError(f"{run}: no set {wanted} in this run; it holds {names}")
