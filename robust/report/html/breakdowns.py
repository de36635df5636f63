"""Grids of other commands as tables of the page: where a drop comes from, and readers compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.html.tables import Block, Line, Table
from robust.report.why import why_grids

if TYPE_CHECKING:
    import pandas as pd

_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


@dataclass(frozen=True, slots=True)
class Section:
    """One reader's breakdown of a set: its heading and its tables."""

    heading: str
    tables: tuple[Table, ...]


def sections(broken: Mapping[str, pd.DataFrame]) -> tuple[Section, ...]:
    """Return a section a reader, from what ``breakdown`` gives of one set: the tables of robust why."""
    found = []
    for model, frame in broken.items():
        own = frame[frame["arm"] == MAIN]
        if not own.empty:
            tables = [table_of_grid(grid) for grid in why_grids(own, "")]
            found.append(Section(model, tuple(tables)))
    return tuple(found)


def table_of_grid(grid: Grid) -> Table:
    """Return a grid as a table of the page: rows of one cell head the blocks."""
    blocks: list[tuple[str, list[Line]]] = []
    for row in grid.rows:
        if len(row) == 1 < len(grid.head):
            blocks.append((row[0], []))
            continue
        if not blocks:
            blocks.append(("", []))
        cells = tuple("–" if cell in ("-", "") else _MINUS.sub("−", cell) for cell in row[1:])
        cells += ("–",) * (len(grid.head) - len(row))
        blocks[-1][1].append(Line(row[0].replace("->", "→"), "", cells))
    head = (grid.head[0] or "of what", *grid.head[1:])
    parts = tuple(Block(name, tuple(lines)) for name, lines in blocks)
    return Table(grid.title.strip(), head, parts, note=grid.note)


def bounds(low: float, high: float) -> tuple[float, float] | None:
    """Return an interval, None where it is NaN: unknown."""
    return None if isnan(low) or isnan(high) else (low, high)
