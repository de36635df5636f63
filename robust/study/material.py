"""What a study's tables are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robust.errors import UserError
from robust.evaluation.changed import changed_sets
from robust.evaluation.same_questions import check_same
from robust.evaluation.scores import PERTURBED
from robust.evaluation.sets import MAIN
from robust.runs import read_scores
from robust.study.contrast import Compared
from robust.study.kept import KEY_LETTERS
from robust.study.recipe import ReaderRecipe, Recipe
from robust.study.steps import runs_folder

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

    @classmethod
    def read(cls, recipe: Recipe, out: Path) -> Material:
        """Return what the runs in a study's folder hold; a reader's rows are those of all its runs.

        Raises UserError for a run that is not there or broken, and for runs of one reader that have a seed in
        common or were not asked the same.
        """
        return cls(recipe, {name: _rows(name, one, out) for name, one in recipe.readers.items()})

    def label(self, reader: str) -> str:
        """Return what the tables call a reader."""
        return self.recipe.readers[reader].label

    def compared(self, name: str, arm: str = MAIN) -> Compared:
        """Return the pair's answers to an arm of a set."""
        return Compared.of(self.pair, name, arm)

    def with_shared_seeds(self, places: Iterable[tuple[str, str]]) -> Material:
        """Return the study with those seeds of the pair alone that were asked every (set, arm) in ``places``.

        What stands side by side must be of the same fine-tunings.
        """
        wanted = list(places)
        kept = {}
        for reader, rows in self.pair.items():
            asked = rows.groupby(["set", "arm"])["seed"].unique().to_dict()
            shared = set(rows["seed"].unique()).intersection(*(asked.get(place, ()) for place in wanted))
            kept[reader] = rows[rows["seed"].isin(shared)]
        return Material(self.recipe, {**self.scores, **kept})

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


def _rows(name: str, reader: ReaderRecipe, out: Path) -> pd.DataFrame:
    """Return the score rows of a reader's runs, one below the other, under the reader's name."""
    import pandas as pd

    frames: list[pd.DataFrame] = []
    for run in reader.runs:
        rows = read_scores(runs_folder(out, run.name)).assign(model=name)
        rows["key"] = rows["key"].str[:KEY_LETTERS]
        if frames:
            _check_more(run.name, rows, frames)
        frames.append(rows)
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _check_more(name: str, rows: pd.DataFrame, before: Sequence[pd.DataFrame]) -> None:
    """Raise UserError where further seeds are none, or were asked something else than the reader itself."""
    taken = {int(seed) for one in before for seed in one["seed"].unique()}
    if twice := sorted(taken.intersection(map(int, rows["seed"].unique()))):
        raise UserError(
            f"{name}: seed {twice[0]} is in an earlier run of this reader; fine-tune with another --seed"
        )
    first = before[0]
    for (one, arm), own in rows.groupby(["set", "arm"], sort=False):
        same = first[(first["set"] == one) & (first["arm"] == arm)]
        if len(same):
            check_same({"the reader's first run": same, name: own}, str(one))
