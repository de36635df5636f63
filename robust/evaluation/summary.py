"""The figures of a run, computed from its score rows alone: percentages, drops, intervals.

Keys are those of the official script (``exact``, ``f1``, ``HasAns_exact``, ...), with these beside:
``HasAns_abstained`` (share of answerable questions answered with "no answer"), ``HasAns_span_exact`` and
``HasAns_span_f1`` (the best span, null switched off), ``best_exact``/``best_f1`` (an ORACLE: the threshold
that is best for these very questions). Where a question has several variants, it counts by their mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from robust.evaluation.changed import changed_sets, summarise_changed
from robust.evaluation.paired import FIGURES, by_question, difference, select
from robust.evaluation.scores import CLEAN, PERTURBED, arms_of
from robust.evaluation.sets import MAIN
from robust.reader.threshold import best_threshold
from robust.stats.clustered import ClusteredMean, clustered_mean

if TYPE_CHECKING:
    import pandas as pd

    from robust.evaluation.sets import EvaluationSet

Figures = dict[str, Any]


def summarise_set(rows: pd.DataFrame) -> Figures:
    """Return the figures of one set's score rows (several arms; one model and seed).

    A plain data file has the official keys and ``interval``; a paired set has ``original``, ``perturbed``,
    ``drop`` (original minus perturbed: positive where the reader fell), ``drop_interval`` and
    ``drop_interval_paragraph`` (95 %, clustered by article and by paragraph), and ``controls``: every
    arm's figures on the questions that all arms have. A set that changes what is asked has no drop: see
    ``robust.evaluation.changed``.
    """
    if changed_sets(rows):
        return summarise_changed(rows)
    main = rows[rows["arm"] == MAIN]
    clean = by_question(main[main["condition"] == CLEAN])
    if not (main["condition"] == PERTURBED).any():
        figures = _figures(main, clean)
        figures["interval"] = _intervals(clean, "article", least=0.0)
        return figures | {"articles": int(clean["article"].nunique())}
    summary = _compare(main)
    arms = arms_of(rows)
    if len(arms) > 1:
        shared = set.intersection(*(set(rows.loc[rows["arm"] == a, "original_id"]) for a in arms))
        inside = rows[rows["original_id"].isin(shared)]
        summary["controls"] = {
            "questions": len(shared),
            "arms": {arm: _compare(inside[inside["arm"] == arm]) for arm in arms} if shared else {},
        }
    return summary


def with_coverage(summary: dict[str, Any], found: EvaluationSet) -> dict[str, Any]:
    """Add what share of the questions asked could be rewritten, where the set's builder said so."""
    coverage = found.manifest.get("coverage")
    if coverage is None or not {"original", "changed"} & summary.keys():
        return summary
    return summary | {"coverage": coverage, "asked": found.manifest["questions"]}


def _compare(rows: pd.DataFrame) -> Figures:
    """Return original, perturbed, drop and intervals of one arm."""
    parts = {c: rows[rows["condition"] == c] for c in (CLEAN, PERTURBED)}
    clean, perturbed = by_question(parts[CLEAN]), by_question(parts[PERTURBED])
    before, after = _figures(parts[CLEAN], clean), _figures(parts[PERTURBED], perturbed)
    drops = difference(clean, perturbed)
    summary: Figures = {
        "questions": len(clean),
        "variants": len(parts[PERTURBED]),
        "articles": int(clean["article"].nunique()),
        "original": before,
        "perturbed": after,
        "drop": {
            key: before[key] if key.endswith("total") else before[key] - after[key]
            for key in before
            if key in after and not key.endswith("_thresh")
        },
        "drop_interval": _intervals(drops, "article"),
        "drop_interval_paragraph": _intervals(drops, "paragraph_id"),
    }
    if len(parts[PERTURBED]) > len(clean):
        # the convention of Jia & Liang (2017): the worst over the original and its variants
        worst = rows.groupby("original_id")[["em", "f1"]].min().mean()
        summary["worst"] = {"exact": 100 * float(worst["em"]), "f1": 100 * float(worst["f1"])}
    return summary


def clustered_by_article(rows: pd.DataFrame) -> dict[str, ClusteredMean]:
    """Return figure -> mean, error and clusters, in points: what the intervals of ``summarise_set`` are of.

    Of a paired set it is the drop of the set itself, of a plain file the figure. Each figure has the clusters
    of its own questions: not every article has answerable ones, or unanswerable ones.
    """
    main = rows[rows["arm"] == MAIN]
    questions = by_question(main[main["condition"] == CLEAN])
    perturbed = main[main["condition"] == PERTURBED]
    return _clustered(
        difference(questions, by_question(perturbed)) if len(perturbed) else questions, "article"
    )


def _figures(rows: pd.DataFrame, questions: pd.DataFrame) -> Figures:
    """Return percentages over questions, and the oracle over rows weighted to one a question."""
    figures: Figures = {}
    for key, (column, half) in FIGURES.items():
        part = select(questions, half)
        if len(part) and not part[column].isna().any():
            figures[key] = 100 * float(part[column].mean())
            figures[f"{half}_total" if half else "total"] = len(part)
    odds = rows["null_odds"].to_numpy(dtype=np.float64)
    if not np.isnan(odds).any():
        weight = 1 / rows.groupby("original_id")["original_id"].transform("size").to_numpy(dtype=np.float64)
        refuse = weight * ~rows["answerable"].to_numpy(dtype=bool)
        for name, column in (("exact", "span_em"), ("f1", "span_f1")):
            threshold, total = best_threshold(odds, weight * rows[column].to_numpy(), refuse)
            figures[f"best_{name}"] = 100 * total / len(questions)
            figures[f"best_{name}_thresh"] = threshold
    return figures


def _intervals(
    questions: pd.DataFrame, cluster: str, *, least: float = -100.0
) -> dict[str, list[float] | None]:
    """Return figure -> [low, high] in points, None with fewer than two clusters, or where all are alike.

    Cut to what data can have: from ``least``, -100 of a drop and 0 of a score, to 100.
    """
    return {
        key: None
        if found.low is None or found.high is None
        else [max(found.low, least), min(found.high, 100.0)]
        for key, found in _clustered(questions, cluster).items()
    }


def _clustered(questions: pd.DataFrame, cluster: str) -> dict[str, ClusteredMean]:
    """Return figure -> its clustered mean in points, of its own questions alone."""
    clustered: dict[str, ClusteredMean] = {}
    for key, (column, half) in FIGURES.items():
        part = select(questions, half)
        if not len(part) or part[column].isna().any():
            continue
        points = 100 * part[column].to_numpy(dtype=np.float64)
        clustered[key] = clustered_mean(points, part[cluster].tolist())
    return clustered
