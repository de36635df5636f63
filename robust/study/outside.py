"""Readers that stand beside the pair: how far each falls, with no test, for they take part in none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from robust.evaluation.compare import Answered
from robust.evaluation.estimate import Clusters, Estimate, estimate
from robust.evaluation.paired import FIGURES, select
from robust.evaluation.scores import CLEAN
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid
from robust.report.numbers import interval, number, signed
from robust.study.cells import StudyTable
from robust.study.contrast import OUTCOME
from robust.study.material import Material

if TYPE_CHECKING:
    import pandas as pd

_HEADS = ("reader", "set", "questions", "clean", "drop", "abstains more often", "drop of EM")
_NOTE = (
    "Answerable questions: exact match of the best span, clean and its drop; with the threshold kept from "
    "clean questions, the rise of abstention and the drop of exact match. Points, means over seeds. In "
    "brackets 95 % intervals, clustered by article."
)


def outside(material: Material) -> StudyTable | None:
    """Return the drops of the readers beside the pair on the rewritten sets; None where there is none."""
    _, paired, _ = material.kinds()
    cells: list[tuple[str, ...]] = []
    rows = []
    for reader, scores in material.scores.items():
        if reader in material.recipe.pair:
            continue
        for name in paired:
            own = scores[(scores["set"] == name) & (scores["arm"] == MAIN)]
            if not own["answerable"].any():
                continue
            found = dict(_fall(own))
            clean, fall = found["clean"], found["drop"]
            told = (_told(found[what]) for what in ("drop", "abstains", "exact"))
            label = material.label(reader)
            cells.append((label, name, f"{fall.questions:,}", number(clean.value), *told))
            rows.append({"reader": reader, "set": name} | {key: asdict(one) for key, one in found.items()})
    if not cells:
        return None
    return StudyTable("outside", Grid("Beside the pair", _HEADS, tuple(cells), _NOTE), tuple(rows))


def _fall(rows: pd.DataFrame) -> Iterator[tuple[str, Estimate]]:
    answered = Answered.of(rows)
    for key, kind, figure, sign in (
        ("clean", CLEAN, OUTCOME, 1),
        ("drop", "drop", OUTCOME, 1),
        ("abstains", "drop", "HasAns_abstained", -1),
        ("exact", "drop", "HasAns_exact", 1),
    ):
        column, half = FIGURES[figure]
        questions = select(answered.clean, half)
        clusters = Clusters.of(questions)
        values = partial(Answered.values, kind=kind, column=column, index=questions.index)
        spread = [answered.spread(values)]
        yield key, estimate(sign * values(answered), clusters, test=False, spread=spread)


def _told(found: Estimate) -> str:
    return f"{signed(found.value)} {interval((found.low, found.high))}"
