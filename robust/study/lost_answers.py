"""What became of right answers once a question was reworded: abstained, another span; and what was gained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from robust.evaluation.over_seeds import spread_over_seeds
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.study.cells import StudyTable, contrast_table
from robust.study.contrast import Contrast, contrast_of
from robust.study.material import Material

if TYPE_CHECKING:
    import pandas as pd

# part -> what the table calls it; the first three less the last are the drop of exact match
PARTS = {
    "span_right": "lost: abstains, its best span still right",
    "span_wrong": "lost: abstains, its best span wrong too",
    "other_span": "lost: answers another span",
    "gained": "gained: wrong before, right now",
}


def lost_answers(material: Material) -> StudyTable | None:
    """Return the drop of exact match on answerable questions taken apart, on the primary sets."""
    found: dict[str, Contrast] = {}
    for name in material.recipe.primary:
        compared = material.compared(name)
        index = compared.questions("HasAns")
        parts = {
            reader: parts_of(rows[(rows["set"] == name) & (rows["arm"] == MAIN)])
            for reader, rows in material.pair.items()
        }
        for part, said in PARTS.items():
            by_question = {
                reader: own[part].groupby(level="original_id").mean().loc[index].to_numpy(dtype=np.float64)
                for reader, own in parts.items()
            }
            spreads = {reader: spread_over_seeds(own[part]) for reader, own in parts.items()}
            found[f"{name}: {said}"] = contrast_of(by_question, spreads, compared.clusters(index))
    of = "Answerable questions, thresholds kept: what is lost, less what is gained, is the drop of EM."
    title = "What became of right answers"
    return contrast_table(material, "lost-answers", title, found, key="what", of=of)


def parts_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what share of its variants a question lost and gained in each way (``PARTS``), in points.

    Answerable questions, indexed by seed and original id; ``rows`` are one reader's, of one set and arm.
    """
    own = rows[rows["answerable"].astype(bool)]
    clean, perturbed = (own[own["condition"] == one] for one in (CLEAN, PERTURBED))
    before = clean.set_index(["seed", "original_id"])["em"].astype(float)
    after = perturbed.set_index(["seed", "original_id"])
    was = before.loc[after.index].to_numpy() == 1
    right = after["em"].astype(float) == 1
    abstained, span = after["abstained"].astype(bool), after["span_em"].astype(float) == 1
    parts = after[[]].assign(
        span_right=was & ~right & abstained & span,
        span_wrong=was & ~right & abstained & ~span,
        other_span=was & ~right & ~abstained,
        gained=~was & right,
    )
    return 100 * parts.astype(float).groupby(level=["seed", "original_id"]).mean()
