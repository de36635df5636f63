"""The tables of where a drop comes from, and of readers compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.html.tables import Block, Line, Table, interval, number

if TYPE_CHECKING:
    import pandas as pd

# the drops of a breakdown by levels, and what their columns are called
_DROPS = {
    "HasAns_span_exact": "best span drop",
    "HasAns_span_exact_against_rest": "against the rest",
    "HasAns_exact": "HasAns EM drop",
    "HasAns_exact_against_rest": "against the rest",
}
_ALL = {"exact": "EM drop", "exact_against_rest": "against the rest"}
_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


@dataclass(frozen=True, slots=True)
class Section:
    """One breakdown: its heading and a table for each reader."""

    heading: str
    tables: tuple[Table, ...]


def sections(broken: Mapping[str, pd.DataFrame]) -> tuple[Section, ...]:
    """Return a section for each breakdown of one set, from what ``breakdown`` gives for each reader."""
    found = []
    own = {model: frame[frame["arm"] == MAIN] for model, frame in broken.items()}
    for name in dict.fromkeys(n for frame in own.values() for n in frame["breakdown"]):
        tables = [
            _table(model, frame[frame["breakdown"] == name])
            for model, frame in own.items()
            if (frame["breakdown"] == name).any()
        ]
        found.append(Section(name[:1].upper() + name[1:], tuple(tables)))
    return tuple(found)


def _table(model: str, rows: pd.DataFrame) -> Table:
    figures = list(dict.fromkeys(rows["figure"]))
    if set(figures) <= (_DROPS | _ALL).keys():
        # of answerable questions where they were broken down: their drops are what edits do
        names = {key: name for key, name in _DROPS.items() if key in figures} or _ALL
        return _by_level(model, rows[rows["figure"].isin(list(names))], names)
    blocks = []
    for figure, part in rows.groupby("figure", sort=False):
        row: Any
        lines = []
        for row in part.itertuples():
            sure = interval(bounds(row.low, row.high), ".1f")
            cells = (number(row.value), sure, f"{row.questions:,}", f"{row.clusters:,}")
            lines.append(Line(_level(row.level), "", cells))
        blocks.append(Block(_spoken(str(figure)), tuple(lines)))
    return Table(model, ("level", "value", "95 % by article", "questions", "articles"), tuple(blocks))


def _by_level(model: str, rows: pd.DataFrame, figures: Mapping[str, str]) -> Table:
    """Return one line a level: its questions, and each drop with its interval."""
    columns = ["level", "questions"]
    for name in figures.values():
        columns += [name, "95 % by article"]
    lines = []
    for level, part in rows.groupby("level", sort=False):
        by_figure: dict[Any, Any] = {row.figure: row for row in part.itertuples()}
        cells = [f"{max(row.questions for row in by_figure.values()):,}"]
        for figure in figures:
            row = by_figure.get(figure)
            cells += (
                ["–", "–"]
                if row is None
                else [number(row.value, "+.1f"), interval(bounds(row.low, row.high))]
            )
        lines.append(Line(_level(level), "", tuple(cells)))
    return Table(model, tuple(columns), (Block("", tuple(lines)),))


def table_of_grid(grid: Grid) -> Table:
    """Return a grid as a table of the page: rows of one cell head the blocks."""
    blocks: list[tuple[str, list[Line]]] = []
    for row in grid.rows:
        if len(row) == 1 < len(grid.head):
            blocks.append((row[0], []))
            continue
        if not blocks:
            blocks.append(("", []))
        cells = tuple("–" if cell == "-" else _MINUS.sub("−", cell) for cell in row[1:])
        blocks[-1][1].append(Line(row[0], "", cells))
    head = (grid.head[0] or "reader", *grid.head[1:])
    parts = tuple(Block(name, tuple(lines)) for name, lines in blocks)
    return Table(grid.title, head, parts, note=grid.note)


def bounds(low: float, high: float) -> tuple[float, float] | None:
    """Return an interval, None where it is NaN: unknown."""
    return None if isnan(low) or isnan(high) else (low, high)


def _level(level: object) -> str:
    return str(level).replace("->", "→")


def _spoken(figure: str) -> str:
    half, _, rest = figure.partition("_")
    if half in ("HasAns", "NoAns"):
        name = {"HasAns": "answerable", "NoAns": "unanswerable"}[half]
        return f"{name}: {rest.replace('_', ' ')}"
    return figure.replace("_", " ")
