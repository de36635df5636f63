"""Sets that ask for another answer: how often each of the pair keeps its old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from robust.evaluation.changed import SHARE_DIFFERENCE, compare_changed
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import interval, signed
from robust.study.cells import StudyTable, adjusted_by_holm, p_cell
from robust.study.material import Material


def asked_otherwise(material: Material, names: Sequence[str]) -> StudyTable:
    """Return how often the old answer is kept where another is asked for, and the pair's difference."""
    cells: list[tuple[str, ...]] = []
    rows = []
    tested: dict[str, float | None] = {}
    for name in names:
        frames = {r: s[(s["set"] == name) & (s["arm"] == MAIN)] for r, s in material.pair.items()}
        every = list(compare_changed(frames))
        for share, said in (("kept", "keeps its old answer"), ("span_kept", "best span: keeps it")):
            own = {
                row["model"]: row
                for row in every
                if row["figure"] == share and row["kind"] != SHARE_DIFFERENCE
            }
            gap = next((r for r in every if r["figure"] == share and r["kind"] == SHARE_DIFFERENCE), None)
            if gap is None or len(own) < len(frames):
                continue
            told = [
                f"{own[r]['value']:.1f} {interval((own[r]['low'], own[r]['high']), '.1f')}" for r in frames
            ]
            if cells and cells[-1][2:-1] == (*told, _gap(gap)):
                continue  # who never abstains keeps its best span: one row says it
            bounds = interval((gap["low_seeds"], gap["high_seeds"]))
            cells.append((f"{name}: {said}", f"{gap['questions']:,}", *told, _gap(gap), bounds))
            tested[cells[-1][0]] = gap["p"]
            rows.append({"set": name, "figure": share, "own": own, "difference": gap})
    labels = (material.label(r) for r in material.pair)
    head = ("", "both right when clean", *labels, "difference", "seeds too", "p")
    note = (
        "Percent of the questions that a seed had right when clean, means over seeds; lower is better. The "
        "difference is on those that both had right, seed by seed; seeds too: with its spread over seeds. "
        "p: of sign flips by article, these seeds alone, Holm over the table. A best span that is kept as "
        "often as the answer has no row of its own."
    )
    adjusted = adjusted_by_holm(tested)
    cells = [(*cell, p_cell(adjusted[cell[0]])) for cell in cells]
    return StudyTable(
        "changed", Grid("Where another answer is asked for", head, tuple(cells), note), tuple(rows)
    )


def _gap(found: Mapping[str, Any]) -> str:
    return f"{signed(found['value'])} {interval((found['low'], found['high']))}"
