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
    axis = "drop in exact match of the best span, points"
    return drops(f"study-{table.name}", material.recipe.title, bars, axis)


def _bar(row: Any, label: str, series: int, found: Any) -> Bar:
    return Bar(row["set"], label, series, found["value"], found["low"], found["high"])
