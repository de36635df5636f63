"""The study's figure: how far each of the pair falls on every set, and the difference."""

from __future__ import annotations

from typing import Any

from robust.report.html.drawing import Drawing
from robust.report.html.figures import Bar, drops
from robust.study.tables import Material, StudyTable

_OTHERS = 4  # bars are drawn in four colours


def drops_figure(material: Material, tables: list[StudyTable]) -> Drawing:
    """Return the drops of the outcome on the sets that decide, then on the others, one line a reader."""
    bars: list[Bar] = []
    for table in tables:
        if table.name not in ("primary", "others"):
            continue
        for row in table.rows:
            for series, reader in enumerate(material.recipe.pair):
                bars.append(_bar(row, material.label(reader), series, row["own"][reader]))
            bars.append(_bar(row, "difference", _OTHERS - 1, row["difference"]))
    return drops("study-drops", material.recipe.title, bars, "drop in exact match of the best span, points")


def _bar(row: Any, label: str, series: int, found: Any) -> Bar:
    return Bar(row["set"], label, series, found["value"], found["low"], found["high"])
