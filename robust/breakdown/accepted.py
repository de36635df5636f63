"""What raters said of a run's variants, read back from an accepted set (``robust review import``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.build.folder import read_manifest
from robust.errors import UserError
from robust.evaluation.sets import MAIN
from robust.parquet_file import read_frame

if TYPE_CHECKING:
    from robust.runs import Run


@dataclass(frozen=True, slots=True)
class Judged:
    """The variants that raters judged, by id: whether they were accepted."""

    verdicts: dict[str, bool]


def reviewed_set(run: Run, path: Path) -> str:
    """Return the name of the run's set that the accepted set at ``path`` was taken from.

    Raises UserError where ``path`` holds no accepted set, or one of a set that the run was not made on.
    """
    parent = _review(path)["parent"]["sha256"]
    for name, about in run.manifest["sets"].items():
        if about["sha256"].get("perturbed.json") == parent["perturbed"]:
            return str(name)
    raise UserError(
        f"{path}: accepted from a set whose perturbed.json is {parent['perturbed'][:12]}…, expected one "
        f"of this run's ({', '.join(run.manifest['sets'])}); import the ratings of that set: "
        "robust review import"
    )


def read_judged(path: Path) -> Judged:
    """Return which variants the accepted set at ``path`` was chosen from, and which of them it holds."""
    _review(path)
    try:
        ratings = read_frame(path / "ratings.parquet", columns=["variant_id", "arm", "verdict"])
        kept = set(read_frame(path / "edits.parquet", columns=["variant_id"])["variant_id"])
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path}: a broken accepted set ({error}); import it again: robust review import"
        ) from error
    judged = ratings.loc[ratings["arm"] == MAIN, "variant_id"].unique()
    return Judged({str(variant): variant in kept for variant in judged})


def _review(path: Path) -> dict[str, Any]:
    review = read_manifest(path).get("review")
    if not isinstance(review, dict):
        raise UserError(f"{path}: no raters chose this set; expected a set that robust review import wrote")
    return review
