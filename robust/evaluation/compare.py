"""Any number of runs side by side: who is right more often, who falls further, and how sure that is.

Everything is paired question by question. A difference of drops is the mean over questions of
(A clean - A perturbed) - (B clean - B perturbed): what both lose alike cancels before any error is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.errors import UserError
from robust.evaluation.estimate import Clusters, Values, estimate
from robust.evaluation.paired import FIGURES, by_question, select
from robust.evaluation.same_questions import check_same, shared_arms, shared_sets
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.runs import Run

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "robust-comparison/1"
DROP, CLEAN_DIFFERENCE, DROP_DIFFERENCE = "drop", "difference of clean", "difference of drops"
KINDS = (CLEAN, PERTURBED, DROP, CLEAN_DIFFERENCE, DROP_DIFFERENCE)
FIGURES_COMPARED = ("HasAns_span_exact", "HasAns_exact", "exact", "f1")
# the columns of a comparison's rows, in order
COLUMNS = (
    "set",
    "arm",
    "figure",
    "kind",
    "model",
    "other",
    "value",
    "low",
    "high",
    "low_paragraph",
    "high_paragraph",
    "p",
    "p_adjusted",
    "mid_p",
    "b",
    "c",
    "questions",
    "clusters",
    "minimum_detectable",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs compared: ``rows`` has one row for each thing said (columns: ``COLUMNS``; see docs/compare.md).

    Values are points (0 to 100). ``other`` is "" where one model is spoken of; a difference is ``model``
    minus ``other``. ``notes`` say what was not compared, and why.
    """

    rows: pd.DataFrame
    models: tuple[str, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain values: schema, models, notes, rows (None where nothing is said)."""
        rows = self.rows.astype(object).where(self.rows.notna(), None)
        return {
            "schema": SCHEMA,
            "models": list(self.models),
            "notes": list(self.notes),
            "rows": rows.to_dict("records"),
        }


def compare(
    runs: Sequence[Run],
    *,
    sets: Sequence[str] | None = None,
    figures: Sequence[str] = FIGURES_COMPARED,
    seed: int = 0,
) -> Comparison:
    """Return the runs compared on every set that at least two of them have, each pair of models paired.

    ``sets`` names the sets (None: all shared ones), ``figures`` keys of ``FIGURES``; ``seed`` is of the
    resampling behind p. A run alone has its own figures. Raises UserError where runs are not of the same
    questions, or share nothing.
    """
    import pandas as pd

    if not runs:
        raise UserError("no run to compare; expected one or more run folders")
    for figure in figures:
        if figure not in FIGURES:
            raise UserError(f"--figure {figure}: no such figure; one of {', '.join(FIGURES)}")
    frames = dict(zip(_names(runs), (run.scores for run in runs), strict=True))
    kept, notes = shared_sets(frames, sets)
    rows: list[dict[str, Any]] = []
    for name, models in kept.items():
        of_set = {model: frames[model][frames[model]["set"] == name] for model in models}
        arms, more = shared_arms(of_set, name)
        notes += more
        for arm in arms:
            of_arm = {model: frame[frame["arm"] == arm] for model, frame in of_set.items()}
            check_same(of_arm, name)
            answered = {model: _Answered.of(frame) for model, frame in of_arm.items()}
            for figure in figures:
                found = list(_figure_rows(answered, figure, seed))
                if not found:
                    notes.append(f"{name}, {figure}: not in every run's scores, not compared")
                rows += [{"set": name, "arm": arm, "figure": figure} | row for row in found]
    frame = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    return Comparison(frame, tuple(frames), tuple(dict.fromkeys(notes)))


def _names(runs: Sequence[Run]) -> list[str]:
    """Return what each run's model is called; a number behind it where two are called alike."""
    names = [str(run.scores["model"].iloc[0]) for run in runs]
    return [
        f"{name} ({names[: i + 1].count(name)})" if names.count(name) > 1 else name
        for i, name in enumerate(names)
    ]


@dataclass(frozen=True, slots=True)
class _Answered:
    """One model's scores of one set and arm: by question, and whether each has one variant and one seed."""

    clean: pd.DataFrame
    perturbed: pd.DataFrame | None
    single: bool

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Answered:
        parts = {one: rows[rows["condition"] == one] for one in (CLEAN, PERTURBED)}
        clean = by_question(parts[CLEAN])
        perturbed = by_question(parts[PERTURBED]) if len(parts[PERTURBED]) else None
        single = max(len(part) for part in parts.values()) == len(clean)
        return cls(clean, None if perturbed is None else perturbed.loc[clean.index], single)


def _figure_rows(answered: Mapping[str, _Answered], figure: str, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of one figure on one arm; none where a run does not have it."""
    column, half = FIGURES[figure]
    first = select(next(iter(answered.values())).clean, half)
    if not len(first):
        return
    clusters = Clusters(first["article"].tolist(), first["paragraph_id"].tolist())
    before = {m: _points(a.clean, column, first.index) for m, a in answered.items()}
    after = {
        m: _points(a.perturbed, column, first.index) for m, a in answered.items() if a.perturbed is not None
    }
    if any(np.isnan(values).any() for values in (*before.values(), *after.values())):
        return

    def row(
        kind: str, values: Values, model: str, other: str = "", pair: tuple[Values, Values] | None = None
    ) -> dict[str, Any]:
        said = estimate(values, clusters, test=kind not in (CLEAN, PERTURBED), seed=seed)
        found = {"kind": kind, "model": model, "other": other}
        found |= {key: getattr(said, key) for key in COLUMNS if hasattr(said, key)}
        return found

    for model in answered:
        yield row(CLEAN, before[model], model)
        if model in after:
            yield row(PERTURBED, after[model], model)
            yield row(DROP, before[model] - after[model], model)
    for model, other in combinations(answered, 2):
        yield row(CLEAN_DIFFERENCE, before[model] - before[other], model, other)
        if model in after and other in after:
            drops = (before[model] - after[model]) - (before[other] - after[other])
            yield row(DROP_DIFFERENCE, drops, model, other)


def _points(questions: pd.DataFrame, column: str, index: pd.Index[str]) -> Values:
    return 100 * questions[column].loc[index].to_numpy(dtype=np.float64)
