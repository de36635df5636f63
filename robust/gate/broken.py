"""The questions that a reader got right before they were reworded, and no longer does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robust.gate.evidence import Evidence, drops

if TYPE_CHECKING:
    import pandas as pd

    from robust.evaluation.sets import EvaluationSet


@dataclass(frozen=True, slots=True)
class Broken:
    """A question that fell, with its worst rewording; ``original`` and ``gold`` are empty without the set.

    ``gold`` is empty for an unanswerable question, too; ``before`` and ``now`` are "" where it abstains.
    """

    id: str
    article: str
    original: str
    perturbed: str
    gold: tuple[str, ...]
    answerable: bool
    before: str
    now: str


def newly_broken(
    evidence: Evidence,
    rows: pd.DataFrame,
    texts: EvaluationSet | None = None,
    *,
    baseline: dict[str, Any] | None = None,
    most: int = 5,
) -> tuple[list[Broken], int]:
    """Return the ``most`` questions that fell furthest, and how many fell at all.

    ``rows`` are ``question_rows``. With a ``baseline`` entry only those count that fall further than in it.
    Ties go by id, so that the same ones are shown every time.
    """
    from robust.evaluation.paired import FIGURES

    fell = drops(rows, evidence.figure)
    if baseline is not None:
        fell = fell - [float(baseline["fell"].get(str(identifier), 0.0)) for identifier in fell.index]
    fell = fell[fell > 0.01]  # a baseline is rounded to two digits
    names = sorted(fell.index, key=lambda name: (-fell[name], name))[:most]
    column = FIGURES[evidence.figure][0]
    text = "span_text" if column.startswith("span") else "prediction"
    by_id = {q.id: q for q in (*texts.arms["main"].original, *texts.arms["main"].perturbed)} if texts else {}
    found = []
    for name in names:
        own = rows[rows["original_id"] == name].sort_values([column, "id", "seed"])
        clean = own[own["condition"] == "clean"].iloc[-1]
        worst = own[own["condition"] == "perturbed"].iloc[0]
        original, perturbed = by_id.get(str(name)), by_id.get(str(worst["id"]))
        found.append(
            Broken(
                id=str(worst["id"]),
                article=str(worst["article"]),
                original=original.text if original else "",
                perturbed=perturbed.text if perturbed else "",
                gold=tuple(dict.fromkeys(a.text for a in perturbed.answers)) if perturbed else (),
                answerable=bool(worst["answerable"]),
                before=str(clean[text]),
                now=str(worst[text]),
            )
        )
    return found, len(fell)
