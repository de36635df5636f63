"""Whether the set that a threshold names is the one that its run was made on, by the SHA-256 of its files."""

from __future__ import annotations

from pathlib import Path

from robust.breakdown.material import differing
from robust.errors import UserError
from robust.home import sets_home
from robust.runs import read_manifest


def check_set(run: Path, wanted: str) -> None:
    """Raise UserError where the set ``wanted`` lies here and is another build than the run's.

    A set that is not here cannot be looked at: the run is then judged by what it says itself.
    """
    place = next((p for p in (Path(wanted).expanduser(), sets_home() / wanted) if p.exists()), None)
    sets = read_manifest(run)["sets"]
    about = sets.get(wanted) or sets.get(Path(wanted).name)
    if place is None or not about or not about.get("sha256"):
        return
    if (changed := differing(place, about)) is not None:
        raise UserError(
            f"{changed}: not the file that {run} was made on (its SHA-256 differs, or it is missing); put "
            "the set back as it was, or evaluate again: robust eval --set"
        )
