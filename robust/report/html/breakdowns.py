"""The tables of where a drop comes from, and of readers compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robust.evaluation.compare import DROP_DIFFERENCE, Comparison
from robust.evaluation.sets import MAIN
from robust.report.html.tables import Block, Line, Table, interval, number

if TYPE_CHECKING:
    import pandas as pd

# shown as plots
_PLOTTED = frozenset({"flips"})
_NAMES = {
    "HasAns_span_exact": "best span, exact match (answerable)",
    "HasAns_exact": "exact match (answerable)",
    "exact": "exact match (all questions)",
    "f1": "F1 (all questions)",
}


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
    blocks = []
    for figure, part in rows.groupby("figure", sort=False):
        lines = tuple(
            Line(
                str(row.level).replace("->", "→"),
                "",
                (number(row.value), interval(_bounds(row.low, row.high), ".1f"), f"{row.questions:,}", f"{row.clusters:,}"),
            )
            for row in part.itertuples()
        )
        blocks.append(Block(str(figure).replace("_", " "), lines))
    return Table(model, ("", "value", "95 % by article", "questions", "articles"), tuple(blocks))


def comparison_tables(found: Comparison) -> tuple[Table, ...]:
    """Return a table for each set: who falls further, with intervals and p corrected for multiplicity."""
    tables = []
    rows = found.rows[(found.rows["arm"] == MAIN) & (found.rows["other"] != "")]
    columns = ("", "difference", "95 % by article", "95 % by paragraph", "p", "p, corrected", "detectable")
    for name, of_set in rows.groupby("set", sort=False):
        blocks = []
        for figure, part in of_set.groupby("figure", sort=False):
            lines = []
            for row in part.itertuples():
                kind = "falls further by" if row.kind == DROP_DIFFERENCE else "is better when clean by"
                cells = (
                    number(row.value, "+.1f"),
                    interval(_bounds(row.low, row.high)),
                    interval(_bounds(row.low_paragraph, row.high_paragraph)),
                    _p(row.p),
                    _p(row.p_adjusted),
                    number(row.minimum_detectable),
                )
                lines.append(Line(f"{row.model} {kind}, against {row.other}", "", cells))
            blocks.append(Block(_NAMES.get(str(figure), str(figure)), tuple(lines)))
        tables.append(Table(str(name), columns, tuple(blocks)))
    return tuple(tables)


def _bounds(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None or low != low or high != high else (low, high)


def _p(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
