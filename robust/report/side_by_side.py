"""Several readers on one robustness set, in one table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from robust.evaluation.compare import DROP_DIFFERENCE, Comparison
from robust.evaluation.sets import MAIN
from robust.report.numbers import drop_interval, over_seeds

# figure -> how the table calls it; what a newcomer needs, no more
_ROWS = {
    "exact": "all questions, EM",
    "HasAns_exact": "answerable, EM",
    "HasAns_f1": "answerable, F1",
    "HasAns_span_exact": "answerable, EM of the best span",
    "HasAns_abstained": "answerable, abstained (rise)",
    "NoAns_exact": "unanswerable, EM",
}


def side_by_side(results: Sequence[Mapping[str, Any]], set_name: str) -> Table:
    """Return a table of clean, perturbed and drop with its 95 % interval, one block a reader.

    ``results`` are what ``evaluate_reader`` returns. Figures are percentages, drops are points.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for column in ("clean", "perturbed", "drop", "95 % interval"):
        table.add_column(column, justify="right", no_wrap=True)
    for result in results:
        summary = result["sets"][set_name]
        before, after = summary["original"], summary["perturbed"]
        table.add_row(f"[bold]{escape(str(result['model']))}[/bold]")
        for key, label in _ROWS.items():
            if key in summary["drop"]:
                drop, bounds = summary["drop"][key], drop_interval(summary, key)
                if key == "HasAns_abstained":  # more of it is worse
                    drop, bounds = 0.0 - drop, [0.0 - bounds[1], 0.0 - bounds[0]] if bounds else None
                table.add_row(
                    f"  {label}",
                    f"{before[key]:.1f}",
                    f"{after[key]:.1f}",
                    f"{drop:+.1f}",
                    f"{bounds[0]:+.1f} to {bounds[1]:+.1f}" if bounds else "-",
                )
    return table


def headline(result: Mapping[str, Any], set_name: str) -> str:
    """Return one sentence: how far a reader's best spans fall, and how sure that is.

    The best span of answerable questions, abstaining switched off, is the figure that no threshold can
    move; a set without answerable questions has only exact match.
    """
    summary = result["sets"][set_name]
    key, figure = (
        "HasAns_span_exact",
        "its best spans are right on {:.1f} % of answerable questions, {:.1f} %",
    )
    if key not in summary["drop"]:
        key, figure = "exact", "it is right on {:.1f} % of questions, {:.1f} %"
    said = figure.format(summary["original"][key], summary["perturbed"][key])
    drop, bounds = summary["drop"][key], drop_interval(summary, key)
    seeds = over_seeds(summary)
    levels = " over articles and seeds" if seeds else ""
    change = f"{'a drop' if drop > 0 else 'a gain'} of {abs(drop):.1f} points" if drop else "no change"
    sure = "" if not bounds else f" (95 % interval of the drop {bounds[0]:+.1f} to {bounds[1]:+.1f}{levels})"
    doubt = ", too little to tell from chance" if drop and bounds and bounds[0] <= 0 <= bounds[1] else ""
    return f"{result['model']}: {said} in other words: {change}{sure}{doubt}{seeds}."


def who_falls_further(found: Comparison, set_name: str, minus: str = "-") -> list[str]:
    """Return a sentence for each pair of readers: whose best spans fall further, and how sure that is.

    None of a reader that has nothing to lose: ``Comparison.notes`` say why. ``minus`` is the sign of
    intervals.
    """
    rows = found.rows
    pairs = rows[
        (rows["set"] == set_name)
        & (rows["arm"] == MAIN)
        & (rows["figure"] == "HasAns_span_exact")
        & (rows["kind"] == DROP_DIFFERENCE)
    ]
    floors = {model for name, model in found.floors if name == set_name}
    told = [row for row in pairs.to_dict("records") if not floors & {row["model"], row["other"]}]
    return [_further(row, minus) for row in told]


def _further(row: Mapping[Any, Any], minus: str) -> str:
    """Return the sentence of a row of ``Comparison``, told from the side of the reader that falls further."""
    turned = row["value"] < 0
    more, less = (row["other"], row["model"]) if turned else (row["model"], row["other"])
    size = f"{abs(row['value']):.1f}"
    if size == "0.0":
        return f"{more} and {less} fall alike on the same {row['questions']} questions."
    said = f"{more}'s drop is {size} points more than {less}'s"
    of_seeds = not math.isnan(row["low_seeds"])
    low, high = (row["low_seeds"], row["high_seeds"]) if of_seeds else (row["low"], row["high"])
    if math.isnan(low):
        few = "articles too few, or too alike, for an interval"
        return f"{said}, on the same {row['questions']} questions; {few}."
    low, high = (-high, -low) if turned else (low, high)
    doubt = ", too little to tell the two apart" if low <= 0 <= high else ""
    sure = f"{low:+.1f} to {high:+.1f}".replace("-", minus) + (" over articles and seeds" if of_seeds else "")
    return f"{said} (95 % interval {sure}, on the same {row['questions']} questions){doubt}."


def control_drops(results: Sequence[Mapping[str, Any]], set_name: str) -> Table | None:
    """Return the drop in exact match of the set and of each control arm, one column a reader.

    All arms edit the same words of the same questions. None where the set has no controls.
    """
    compared = [result["sets"][set_name].get("controls") for result in results]
    if not all(c and c["arms"] for c in compared):
        return None
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"EM drop, same words of {compared[0]['questions']} questions", no_wrap=True)
    for result in results:
        table.add_column(escape(str(result["model"])), justify="right", no_wrap=True)
    for arm in compared[0]["arms"]:
        cells = []
        for c in compared:
            bounds = c["arms"][arm]["drop_interval"].get("exact")
            interval = f" [{bounds[0]:+.1f}, {bounds[1]:+.1f}]" if bounds else ""
            cells.append(f"{c['arms'][arm]['drop']['exact']:+.1f}{interval}")
        table.add_row("chosen sense (QADS)" if arm == "main" else escape(arm.replace("-", " ")), *cells)
    return table
