"""The study's figures: how far each of the pair falls on every set, and the difference."""

from __future__ import annotations

from typing import Any

from robust.report.html.drawing import Drawing
from robust.report.html.figures import Bar, drops
from robust.study.cells import StudyTable
from robust.study.material import Material

_OTHERS = 4  # bars are drawn in four colours
# table -> the name of its figure's files
FIGURES = {"primary": "drops", "others": "drops-others"}


def drops_figure(material: Material, table: StudyTable) -> Drawing:
    """Return the drops of the outcome on a table's sets, one line a reader, and the difference below."""
    bars: list[Bar] = []
    for row in table.rows:
        for series, reader in enumerate(material.recipe.pair):
            bars.append(_bar(row, material.label(reader), series, row["own"][reader]))
        bars.append(_bar(row, "difference", _OTHERS - 1, row["difference"]))
    of = "articles and seeds" if _has_seeds(table) else "articles"
    axis = f"drop in exact match of the best span, points; 95 % intervals over {of}"
    return drops(f"study-{table.name}", material.recipe.title, bars, axis)


def _bar(row: Any, label: str, series: int, found: Any) -> Bar:
    """Return a bar with the widest interval there is: over seeds, too, where there are several."""
    low, high = found["low_seeds"], found["high_seeds"]
    if low is None:
        low, high = found["low"], found["high"]
    return Bar(row["set"], label, series, found["value"], low, high)


def _has_seeds(table: StudyTable) -> bool:
    return any(row["difference"]["low_seeds"] is not None for row in table.rows)
