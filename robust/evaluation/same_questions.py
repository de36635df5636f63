"""Whether runs are of the same questions: only then can they be compared, question by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from robust.errors import UserError
from robust.evaluation.sets import MAIN

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 3  # ids that a message names


def shared_sets(
    frames: Mapping[str, pd.DataFrame], wanted: Sequence[str] | None = None
) -> tuple[dict[str, list[str]], list[str]]:
    """Return set -> the models that have it, in the order given, and notes on what is not compared.

    ``frames`` are the score rows of each run, by the name it goes by; ``wanted`` names sets, None is every
    set that at least two runs have (of a single run: every set). Raises UserError where no set is in two.
    """
    names = {model: list(frame["set"].unique()) for model, frame in frames.items()}
    every = list(dict.fromkeys(name for found in names.values() for name in found))
    having = {one: [m for m in names if one in names[m]] for one in every if wanted is None or one in wanted}
    enough = min(2, len(frames))
    kept = {one: models for one, models in having.items() if len(models) >= enough}
    if not kept:
        told = "; ".join(f"{model}: {', '.join(found)}" for model, found in names.items())
        raise UserError(
            f"no set that two of the runs have ({told}); evaluate them on one set: robust eval --set"
        )
    notes = []
    for one, models in having.items():
        if one not in kept:
            notes.append(f"{one}: only in {models[0]}, not compared")
        elif missing := [model for model in names if model not in models]:
            notes.append(f"{one}: not in {', '.join(missing)}, compared among the others")
    return kept, notes


def check_same(frames: Mapping[str, pd.DataFrame], name: str) -> None:
    """Raise UserError where the runs' rows of one set (and one arm) are not of the same questions.

    Same means: the same ids, of clean and of perturbed questions, and for each the same text and
    paragraph (``key``) and the same answerability. Keys of a kept run (``robust.runs.is_kept``) are cut
    short: of all runs, as many letters are compared as the shortest have.
    """
    if _row_by_row(list(frames.values())):
        return
    alike = _cut_alike(frames)
    (first, one), *others = ((model, _identity(frame)) for model, frame in alike.items())
    for model, other in others:
        for here, there, has, lacks in ((one, other, first, model), (other, one, model, first)):
            lost = here.index.difference(there.index, sort=False)
            if len(lost):
                raise UserError(
                    f"{lacks}, set {name}: {len(lost):,} of the {len(here):,} questions of {has} are missing "
                    f"({_few(lost)}); evaluate both on the same set, with the same --limit"
                )
        told = one.loc[other.index]
        moved = other.index[(told["key"].to_numpy() != other["key"].to_numpy())]
        if len(moved):
            raise UserError(
                f"{model}, set {name}: {len(moved):,} of {len(other):,} questions have another text than in "
                f"{first} ({_few(moved)}): perturbed differently; evaluate both on the same set"
            )
        moved = other.index[(told["answerable"].to_numpy() != other["answerable"].to_numpy())]
        if len(moved):
            raise UserError(
                f"{model}, set {name}: {len(moved):,} of {len(other):,} questions are answerable in one run "
                f"and not in {first} ({_few(moved)}); evaluate both on the same set"
            )


def shared_arms(frames: Mapping[str, pd.DataFrame], name: str) -> tuple[list[str], list[str]]:
    """Return the arms of one set that all runs have, the set itself first, and notes on the others."""
    having = {model: set(frame["arm"].unique()) for model, frame in frames.items()}
    shared = set.intersection(*having.values())
    notes = [
        f"{name}, control {arm}: not in {', '.join(m for m in having if arm not in having[m])}, not compared"
        for arm in sorted(set.union(*having.values()) - shared)
    ]
    return sorted(shared, key=lambda arm: (arm != MAIN, arm)), notes


def _row_by_row(frames: Sequence[pd.DataFrame]) -> bool:
    """Say whether all have the same questions in the same rows, which is soon seen of any number of them."""
    first, *others = frames
    return all(
        len(other) == len(first)
        and all((other[name].array == first[name].array).all() for name in ("id", "key", "answerable"))
        for other in others
    )


def _cut_alike(frames: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Return rows whose keys are cut to the length of the shortest, copied where anything is cut."""
    lengths = {model: int(frame["key"].str.len().max()) for model, frame in frames.items()}
    shortest = min(lengths.values())
    return {
        model: frame if lengths[model] == shortest else frame.assign(key=frame["key"].str[:shortest])
        for model, frame in frames.items()
    }


def _identity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return key and answerability by id; seeds answer the same questions."""
    first = frame[frame["seed"] == frame["seed"].iloc[0]]
    found: pd.DataFrame = first[["id", "key", "answerable"]].drop_duplicates("id").set_index("id")
    return found


def _few(ids: pd.Index[str]) -> str:
    return ", ".join(ids[:_SHOWN]) + (", ..." if len(ids) > _SHOWN else "")
