"""Each fine-tuning seed by itself: how good it is, and what it loses. What a mean over seeds hides."""

from __future__ import annotations

from typing import Any

from robust.evaluation.paired import drop_by_question, select
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import number, signed
from robust.study.cells import StudyTable
from robust.study.material import Material

_LEVELS = {
    "exact": ("em", False),
    "HasAns_span_exact": ("span_em", True),
    "HasAns_span_f1": ("span_f1", True),
    "HasAns_abstained": ("abstained", True),
}


def by_seed(material: Material, name: str) -> StudyTable | None:
    """Return a row for each seed of the pair: scores on the plain file ``name``, drops on the primary sets.

    None where neither has several seeds.
    """
    primary = material.recipe.primary
    cells: list[tuple[str, ...]] = []
    rows: list[dict[str, Any]] = []
    for reader, scores in material.pair.items():
        for seed in sorted(scores["seed"].unique().tolist()):
            own = scores[scores["seed"] == seed]
            plain = own[own["set"] == name]
            row: dict[str, Any] = {"reader": reader, "seed": seed}
            for key, (column, answerable) in _LEVELS.items():
                of = plain[plain["answerable"].astype(bool)] if answerable else plain
                row[key] = 100 * float(of[column].mean()) if len(of) else None
            row["sets"] = {one: _fall(own[(own["set"] == one) & (own["arm"] == MAIN)]) for one in primary}
            rows.append(row)
            falls = [row["sets"][one] for one in primary]
            cells.append(
                (
                    material.label(reader),
                    str(seed),
                    *(number(row[key]) for key in _LEVELS),
                    *(signed(fall[key]) for fall in falls for key in ("drop", "abstains")),
                )
            )
    if len(rows) == len(material.pair):
        return None
    of_sets = (f"{one}: {what}" for one in primary for what in ("drop", "abstains more"))
    heads = ("reader", "seed", "EM", "best span EM", "best span F1", "abstains", *of_sets)
    note = (
        f"EM, best span and abstains on {name}, percent; best span and abstains of answerable questions. "
        "Drop of the best span's exact match and rise of abstention on answerable questions, points."
    )
    return StudyTable("seeds", Grid("Seed by seed", heads, tuple(cells), note), tuple(rows))


def _fall(rows: Any) -> dict[str, float | None]:
    """Return the drop of the outcome and the rise of abstention on answerable questions, in points.

    None each where the seed was not asked the set.
    """
    if rows.empty:
        return {"drop": None, "abstains": None}
    fell = 100 * select(drop_by_question(rows), "HasAns")[["span_em", "abstained"]].mean()
    return {"drop": float(fell["span_em"]), "abstains": -float(fell["abstained"])}
