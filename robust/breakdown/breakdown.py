"""Every breakdown of a run in one tidy table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from robust.breakdown.accepted import read_judged
from robust.breakdown.curves import edit_curve, worst_of
from robust.breakdown.flips import flips
from robust.breakdown.levels import by_level
from robust.breakdown.material import Material, read_material
from robust.breakdown.overlap import Overlaps
from robust.breakdown.pairs import Finding, Pairs, pair_rows
from robust.breakdown.strata import EDITS, Facts, answerable, question_facts, traits
from robust.breakdown.threshold_drift import threshold_drift
from robust.breakdown.validity import CONTROL, adjusted, valid_only
from robust.evaluation.scores import PERTURBED, arms_of
from robust.evaluation.sets import MAIN

if TYPE_CHECKING:
    import pandas as pd

    from robust.runs import Run

COLUMNS = ("set", "arm", *Finding._fields)


def breakdown(
    run: Run, sets: Mapping[str, Path | None], accepted: Mapping[str, Path] | None = None
) -> pd.DataFrame:
    """Return a run broken down: one row a figure of a level of a breakdown of an arm of a set.

    Columns: set, arm, breakdown, level, figure, value, low, high (95 %, clustered by article; NaN where there
    are fewer than two articles), questions, clusters. docs/breakdown.md says what each breakdown is.
    ``sets`` names the folder of each of the run's sets (``material.locate`` finds them); without one, those
    breakdowns are left out that need to know what was asked. ``accepted`` names sets that raters
    accepted of the run's sets. Raises UserError where a set is not the one the run was made on.
    """
    import pandas as pd

    frames = []
    overlaps = Overlaps()
    for name, rows in run.scores.groupby("set", sort=False):
        path = sets.get(str(name))
        material = read_material(path, run.manifest["sets"][name]) if path is not None else None
        judged = read_judged(accepted[str(name)]) if accepted and str(name) in accepted else None
        own = dict(tuple(rows.groupby("arm", sort=False)))
        paired = {
            arm: pair_rows(own[arm]) for arm in arms_of(rows) if (own[arm]["condition"] == PERTURBED).any()
        }
        facts = question_facts(rows["original_id"].unique(), material, overlaps) if material else {}
        for arm, pairs in paired.items():
            control = paired.get(CONTROL)
            found = _of_scores(pairs)
            if material is not None:
                found += _of_material(pairs, material, arm, facts, overlaps)
                if arm == MAIN and MAIN in material.edits:
                    found += valid_only(pairs, material, judged)
                    found += adjusted(pairs, control, material, judged) if judged else []
            frame = pd.DataFrame(found, columns=Finding._fields)
            frame.insert(0, "arm", arm)
            frame.insert(0, "set", str(name))
            frames.append(frame)
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(frames, ignore_index=True)


def _of_scores(pairs: Pairs) -> list[Finding]:
    """Return what scores alone can tell."""
    return [
        *flips(pairs),
        *by_level(pairs, answerable(pairs), ("exact",)),
        *threshold_drift(pairs),
        *worst_of(pairs),
    ]


def _of_material(
    pairs: Pairs, material: Material, arm: str, facts: Mapping[str, Facts], overlaps: Overlaps
) -> list[Finding]:
    """Return what can be told of an arm where questions and edits are at hand."""
    found: list[Finding] = []
    for trait in traits(pairs, material, arm, facts, overlaps):
        found += by_level(pairs, trait, rest=arm == MAIN)
        if trait.name == EDITS:
            found += edit_curve(pairs, trait)
    return found
