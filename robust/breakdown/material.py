"""The set that a run was made on, found again: questions before and after, and the edits between them.

A run folder holds scores; what was asked is in the set. The run's manifest names the SHA-256 of every file
of it, so that breakdowns are never taken over another build of the same name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from robust.build.folder import check_files, is_set, read_manifest
from robust.errors import UserError
from robust.evaluation.sets import MAIN
from robust.files import sha256_file
from robust.squad.io import read_questions

if TYPE_CHECKING:
    import pandas as pd

    from robust.runs import Run


_EDITS = (
    "variant_id",
    "original_id",
    "field",
    "start",
    "end",
    "before",
    "after",
    "tag",
    "sense_rank",
    "margin",
    "reason",
)


class AskedQuestion(NamedTuple):
    """A question as it was put: its text, its paragraph's, its article's title, whether it has an answer."""

    text: str
    context: str
    title: str
    answerable: bool


@dataclass(frozen=True, slots=True)
class Material:
    """What a set's arms asked.

    ``original`` holds the questions of the set by id (of a data file, all of its questions), ``edits`` the
    rows of edits.parquet of each arm (none for a data file, whose edits nobody noted). Edits that change
    nothing, those of the identity control, are left out. ``path`` is the set's folder, or the data file,
    ``sha256`` what the run's manifest says of its files.
    """

    path: Path
    original: dict[str, AskedQuestion]
    edits: dict[str, pd.DataFrame]
    sha256: Mapping[str, str] = field(default_factory=dict)

    def rewritten(self) -> dict[str, AskedQuestion]:
        """Return the variants of the set by id, read now: most breakdowns do without them."""
        return _read(self.path / "perturbed.json") if self.edits else self.original


def locate(
    run: Run, given: Mapping[str, Path], home: Path, here: Callable[[str], Path | None]
) -> dict[str, Path | None]:
    """Return where each of the run's sets lies: as ``given``, where the run found it, else under ``home``.

    ``here`` says where a data set that is called by name lies, None where it does not
    (``catalogue.here``). None where a set is in none of these places; under ``home``
    (``$ROBUST_HOME/sets``) and by name only the very set counts.
    """
    found: dict[str, Path | None] = {}
    for name, about in run.manifest["sets"].items():
        noted = Path(about["path"]) if about.get("path") else None
        if name in given:
            found[name] = given[name]
        elif noted is not None and noted.exists():
            found[name] = noted
        else:
            guess = home / name if is_set(home / name) else here(name)
            found[name] = guess if guess is not None and differing(guess, about) is None else None
    return found


def which_set(run: Run, path: Path) -> str:
    """Return the name of the run's set whose files are those at ``path``; UserError where none is."""
    sets: dict[str, dict[str, Any]] = run.manifest["sets"]
    if not path.exists():
        raise UserError(f"{path}: no such set; expected the folder or file of one of: {', '.join(sets)}")
    same = [name for name, about in sets.items() if differing(path, about) is None]
    if not same:
        raise UserError(
            f"{path}: not the files that this run was made on ({', '.join(sets)}), by their SHA-256; name "
            "the set as it was then, or evaluate again: robust eval --set"
        )
    return path.name if path.name in same else same[0]


def differing(path: Path, about: Mapping[str, Any]) -> Path | None:
    """Return the first file at ``path`` that is not the one that a run's manifest names; None where all are.

    ``path`` is a set's folder or a data file.
    """
    for name, digest in about["sha256"].items():
        file = path / name if path.is_dir() else path
        if not file.is_file() or sha256_file(file) != digest:
            return file
    return None


def read_material(path: Path, about: Mapping[str, Any]) -> Material:
    """Return what the set at ``path`` asked; ``about`` is what the run's manifest says of it.

    Raises UserError where a file is missing or not the one the run was made on.
    """
    if not path.exists():
        raise UserError(f"{path}: no such set; expected the one that the run was made on, name it with --set")
    changed = differing(path, about)
    if changed is not None:
        raise UserError(
            f"{changed}: not the file that this run was made on (its SHA-256 differs, or it is missing); "
            "name the set as it was then with --set, or leave it out with --scores-only"
        )
    if not path.is_dir():
        asked = {q.id: AskedQuestion(q.text, q.context, q.title, q.answerable) for q in read_questions(path)}
        return Material(path, asked, {}, about["sha256"])
    folders = {MAIN: path}
    for name in about["sha256"]:
        if name.startswith("controls/"):
            folders[name.split("/")[1]] = (path / name).parent
    edits = {arm: _edits(folder) for arm, folder in folders.items()}
    return Material(path, _read(path / "original.json"), edits, about["sha256"])


def _read(file: Path) -> dict[str, AskedQuestion]:
    """Return the questions of a file of a built set: its SHA-256 is known, nothing need be checked again."""
    data = json.loads(file.read_bytes())["data"]
    return {
        qa["id"]: AskedQuestion(
            qa["question"], paragraph["context"], article["title"], not qa.get("is_impossible", False)
        )
        for article in data
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    }


def _edits(folder: Path) -> pd.DataFrame:
    import pandas as pd
    from pyarrow import parquet

    manifest = read_manifest(folder)
    own = dict(manifest.get("sha256") or {}).get("edits")
    check_files(folder, {"sha256": {"edits": own} if own else {}})
    table = parquet.read_table(folder / "edits.parquet", columns=list(_EDITS))
    # as plain objects: Python goes over them one by one
    columns = {name: table.column(name).to_numpy() for name in _EDITS}
    kept = columns["before"] != columns["after"]
    return pd.DataFrame(
        {name: pd.Series(values[kept], dtype=values.dtype) for name, values in columns.items()}
    )
