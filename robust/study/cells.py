"""A study's tables as cells and as plain values: figures with their intervals, differences with their p."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import interval, number, signed
from robust.stats.multiplicity import holm
from robust.study.contrast import Contrast
from robust.study.material import Material

HOW_TO_READ = (
    "How to read the tables: drops are points, clean minus reworded, means over fine-tuning seeds. Brackets "
    "hold 95 % intervals for other articles, with these very fine-tunings; *seeds too*: for other articles "
    "and other fine-tunings. *p* is two-sided, by flipping whole articles' signs, of these fine-tunings "
    "alone, and corrected for its table (Holm). *Least seen* is the true difference that such data would "
    "show with 80 % power, over articles and, where there are several, fine-tunings."
)
# how arms are called; MAIN is the set itself
ARMS = {
    MAIN: "QADS (the set)",
    "identity": "identity",
    "first-sense": "first sense",
    "random-sense": "random sense",
    "non-synonym": "no synonym, as frequent",
}
GAP_HEADS = ("difference", "seeds too", "p", "least seen")


@dataclass(frozen=True, slots=True)
class StudyTable:
    """A table under the name that a page asks for it by: as cells, and as plain values."""

    name: str
    grid: Grid
    rows: tuple[Mapping[str, Any], ...]


def heads(material: Material, what: str) -> tuple[str, ...]:
    """Return a column's head for each of the pair."""
    return tuple(f"{material.label(name)}{f': {what}' if what else ''}" for name in material.recipe.pair)


def own_cells(material: Material, found: Contrast) -> Iterator[str]:
    """Yield each reader's value with its interval."""
    for name in material.recipe.pair:
        one = found.own[name]
        yield f"{signed(one.value)} {interval((one.low, one.high))}"


def clean_and_drop(material: Material, before: Contrast, drop: Contrast) -> Iterator[str]:
    """Yield each reader's clean score and its drop."""
    for name, told in zip(material.recipe.pair, own_cells(material, drop), strict=True):
        yield f"{number(before.own[name].value)} → {told}"


def gap_cells(found: Contrast, adjusted: float | None) -> tuple[str, ...]:
    """Return the cells of a difference; ``adjusted`` is its p, corrected."""
    gap = found.difference
    return (
        f"{signed(gap.value)} {interval((gap.low, gap.high))}",
        interval((gap.low_seeds, gap.high_seeds)),
        p_cell(adjusted),
        number(gap.minimum_detectable),
    )


def p_cell(p: float | None) -> str:
    """Return a p to three digits."""
    return "<0.001" if p is not None and p < 0.0005 else number(p, ".3f")


def plain(key: str, name: str, found: Contrast, adjusted: float | None) -> dict[str, Any]:
    """Return a contrast as plain values, under what it is of."""
    return {
        key: name,
        "own": {reader: asdict(one) for reader, one in found.own.items()},
        "difference": asdict(found.difference) | {"p_adjusted": adjusted},
    }


def adjusted_by_holm(p: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return each p corrected for all of them (Holm 1979); None where there was no test."""
    tested = {name: value for name, value in p.items() if value is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True)) if tested else {}
    return {name: adjusted.get(name) for name in p}


def contrast_table(
    material: Material,
    name: str,
    title: str,
    found: Mapping[str, Contrast],
    *,
    key: str,
    of: str,
    what: str = "",
) -> StudyTable:
    """Return a table of contrasts, one a row; ``key`` is what rows are, ``of`` says what they are over."""
    adjusted = adjusted_by_holm({said: one.difference.p for said, one in found.items()})
    cells = [
        (
            said,
            f"{one.difference.questions:,}",
            *own_cells(material, one),
            *gap_cells(one, adjusted[said]),
        )
        for said, one in found.items()
    ]
    head = ("" if key == "what" else key, "questions", *heads(material, what), *GAP_HEADS)
    rows = tuple(plain(key, said, one, adjusted[said]) for said, one in found.items())
    return StudyTable(name, Grid(title, head, tuple(cells), of), rows)
