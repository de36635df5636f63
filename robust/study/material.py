"""What a study's tables are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robust.evaluation.changed import changed_sets
from robust.evaluation.scores import PERTURBED
from robust.evaluation.sets import MAIN
from robust.study.contrast import Compared
from robust.study.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Material:
    """What tables are made from: the recipe, and each reader's score rows of every set."""

    recipe: Recipe
    scores: Mapping[str, pd.DataFrame]

    @property
    def pair(self) -> dict[str, pd.DataFrame]:
        """The score rows of the two readers that are compared."""
        return {name: self.scores[name] for name in self.recipe.pair}

    def label(self, reader: str) -> str:
        """Return what the tables call a reader."""
        return self.recipe.readers[reader].label

    def compared(self, name: str, arm: str = MAIN) -> Compared:
        """Return the pair's answers to an arm of a set."""
        return Compared.of(self.pair, name, arm)

    def kinds(self) -> tuple[list[str], list[str], list[str]]:
        """Return the sets without rewritten questions, those with, and those that ask something else."""
        rows = self.scores[self.recipe.pair[0]]
        changed = changed_sets(rows)
        paired = set(rows.loc[rows["condition"] == PERTURBED, "set"].unique())
        names = list(self.recipe.sets)
        plain = [name for name in names if name not in paired]
        return (
            plain,
            [n for n in names if n in paired and n not in changed],
            [n for n in names if n in changed],
        )
