"""Every breakdown of a run in one tidy table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from robust.breakdown.accepted import Judged, read_judged
from robust.breakdown.curves import edit_curve, worst_of
from robust.breakdown.flips import flips
from robust.breakdown.levels import by_level
from robust.breakdown.material import read_material
from robust.breakdown.overlap import Overlaps
from robust.breakdown.pairs import BreakdownRow, Pairs, pair_rows
from robust.breakdown.strata import EDITS, Traits, answerable
from robust.breakdown.threshold_drift import threshold_drift
from robust.breakdown.validity import CONTROL, adjusted, valid_only
from robust.evaluation.changed import changed_sets
from robust.evaluation.scores import PERTURBED, arms_of
from robust.evaluation.sets import MAIN

if TYPE_CHECKING:
    import pandas as pd

    from robust.runs import Run

COLUMNS = ("set", "arm", *BreakdownRow._fields)
# set, arm, and the fields of a ``BreakdownRow``
_Row = tuple[str | float | int | None, ...]


def breakdown(
    run: Run, sets: Mapping[str, Path | None], accepted: Mapping[str, Path] | None = None
) -> pd.DataFrame:
    """Return a run broken down: one row a figure of a level of a breakdown of an arm of a set.

    Columns: set, arm, breakdown, level, figure, value, low, high (95 %, clustered by article; NaN where there
    are fewer than two articles, or all are alike), questions, clusters. docs/breakdown.md says what each
    breakdown is. ``sets`` names the folder of each of the run's sets (``material.locate`` finds them);
    without one, those breakdowns are left out that need to know what was asked. ``accepted`` names sets that
    raters accepted of the run's sets. Raises UserError where a set is not the one the run was made on.
    """
    return breakdowns({"": run}, sets, accepted)[""]


def breakdowns(
    runs: Mapping[str, Run], sets: Mapping[str, Path | None], accepted: Mapping[str, Path] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the ``breakdown`` of each run; what its sets asked is read, and looked at, once for all."""
    import pandas as pd

    # where something else is asked, there is no drop to break down
    parts = {
        model: {name: rows for name, rows in run.by_set().items() if not changed_sets(rows)}
        for model, run in runs.items()
    }
    found: dict[str, dict[str, list[_Row]]] = {model: {} for model in runs}
    overlaps = Overlaps()
    # set by set, so that the material of one is in memory at a time
    for name in dict.fromkeys(name for own in parts.values() for name in own):
        judged = read_judged(accepted[name]) if accepted and name in accepted else None
        known: Traits | None = None
        for model, run in runs.items():
            if name not in parts[model]:
                continue
            if (path := sets.get(name)) is not None:
                about = run.manifest["sets"][name]
                if known is None or known.material.sha256 != about["sha256"]:
                    known = Traits(read_material(path, about), overlaps)
            found[model][name] = _of_set(name, parts[model][name], known, judged)
    frames = {
        model: pd.DataFrame([row for name in own for row in found[model][name]], columns=list(COLUMNS))
        for model, own in parts.items()
    }
    # where no interval is known at all, None stays None, unlike beside a number: NaN is promised
    return {model: frame.astype({"low": float, "high": float}) for model, frame in frames.items()}


def _of_set(name: str, rows: pd.DataFrame, known: Traits | None, judged: Judged | None) -> list[_Row]:
    arms = arms_of(rows)
    own = {arm: rows[rows["arm"] == arm] for arm in arms} if len(arms) > 1 else {arms[0]: rows}
    paired = {arm: pair_rows(own[arm]) for arm in arms if (own[arm]["condition"] == PERTURBED).any()}
    every: list[_Row] = []
    for arm, pairs in paired.items():
        found = _of_scores(pairs)
        if known is not None:
            material = known.material
            found += _of_material(pairs, known, arm)
            if arm == MAIN and MAIN in material.edits:
                found += valid_only(pairs, material, judged)
                found += adjusted(pairs, paired.get(CONTROL), material, judged) if judged else []
        every += [(name, arm, *row) for row in found]
    return every


def _of_scores(pairs: Pairs) -> list[BreakdownRow]:
    """Return what scores alone can tell."""
    return [
        *flips(pairs),
        *by_level(pairs, answerable(pairs), ("exact",)),
        *threshold_drift(pairs),
        *worst_of(pairs),
    ]


def _of_material(pairs: Pairs, known: Traits, arm: str) -> list[BreakdownRow]:
    """Return what can be told of an arm where questions and edits are at hand."""
    found: list[BreakdownRow] = []
    for trait in known.of(pairs, arm):
        found += by_level(pairs, trait, rest=arm == MAIN)
        if trait.name == EDITS:
            found += edit_curve(pairs, trait)
    return found
