"""The data sets we know by name: where each comes from, and where it lies on this machine.

``datasets/<name>/dataset.toml`` describes one data set. A split's file is looked for beside that file
(what we ship), then in ``ROBUST_DATA``, then in our cache, and is then downloaded.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from robust.errors import UserError, first_line
from robust.files import sha256_file
from robust.home import data_home, robust_home, shipped_datasets
from robust.squad import hub
from robust.squad.download import Progress, download
from robust.squad.io import read_questions
from robust.squad.records import Question
from robust.squad.validate import Place, fetch, optional, short

_AS_IN = "see datasets/squad2/dataset.toml"
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Split:
    """One file of a data set.

    ``name`` is ``<data set>:<split>``; ``file`` is relative to a data home (or, if shipped, to the
    dataset.toml); ``address``, ``sha256`` and ``bytes`` are None where there is no public copy or it is
    unknown. ``also`` holds the SHA-256 of other files that may stand in for it, with a note on each.
    """

    name: str
    description: str
    file: str
    folder: Path
    address: str | None
    sha256: str | None
    bytes: int | None
    also: tuple[tuple[str, str], ...]

    def find(self) -> Path | None:
        """Return where this split lies on this machine, or None."""
        return next((place for place in self.places() if place.is_file()), None)

    def places(self) -> list[Path]:
        """Return where this split may lie, in the order of looking."""
        home = data_home()
        in_data_home = [home / self.file] if home else []
        return [self.folder / self.file, *in_data_home, cache_folder() / self.file]


@dataclass(frozen=True, slots=True)
class DataSet:
    """What a dataset.toml says; ``default`` is the split that the bare name stands for."""

    name: str
    title: str
    homepage: str
    licence: str
    citation: str
    default: str
    splits: tuple[Split, ...]

    def split(self, name: str) -> Split | None:
        """Return the split of this name (``dev``), or None."""
        return next((split for split in self.splits if split.name == f"{self.name}:{name}"), None)


def cache_folder() -> Path:
    """Return the folder that downloads go to."""
    return robust_home() / "datasets"


def entries() -> list[DataSet]:
    """Return all data sets of the catalogue, by name."""
    return sorted(_entries(shipped_datasets()), key=lambda entry: entry.name)


@lru_cache(maxsize=4)
def _entries(folder: Path) -> tuple[DataSet, ...]:
    return tuple(read_entry(path) for path in sorted(folder.glob("*/dataset.toml")))


def read_entry(path: Path) -> DataSet:
    """Return the data set that a dataset.toml describes; raises UserError where it is malformed."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise UserError(f"{path}: malformed ({first_line(error)}); {_AS_IN}") from None
    place = Place(str(path))
    tables = fetch(table, "splits", dict, place)
    name, title, homepage, licence, citation = (
        fetch(table, key, str, place) for key in ("name", "title", "homepage", "licence", "citation")
    )
    if not tables:
        raise place.fault(f"[splits] is empty, expected one at least; {_AS_IN}")
    splits = tuple(
        _split(f"{name}:{key}", value, path.parent, replace(place, article=f"split {short(key)}"))
        for key, value in tables.items()
    )
    default = optional(table, "default", str, place) or next(iter(tables))
    if default not in tables:
        raise place.fault(f"default {short(default)} is none of its splits; {_AS_IN}")
    return DataSet(name, title, homepage, licence, citation, default, splits)


def _split(name: str, table: Any, folder: Path, place: Place) -> Split:
    """Return a split; UserError where its file would lie outside its folder, or a download go unchecked."""
    description, file = (fetch(table, key, str, place) for key in ("description", "file"))
    within = PurePosixPath(file)
    # backslashes and colons lead elsewhere on Windows
    if within.is_absolute() or ".." in within.parts or not within.name or re.search(r"[\\:\0]", file):
        raise place.fault(f"file {short(file)}, expected a path within the folder of data; {_AS_IN}")
    address, sha256 = (optional(table, key, str, place) for key in ("address", "sha256"))
    size = optional(table, "bytes", int, place)
    also = tuple(
        (fetch(entry, "sha256", str, place), fetch(entry, "note", str, place))
        for entry in optional(table, "also", list, place) or ()
    )
    for digest in (sha256, *(digest for digest, _ in also)):
        if digest is not None and not _SHA256.fullmatch(digest):
            raise place.fault(f"sha256 {short(digest)}, expected 64 hexadecimal digits; {_AS_IN}")
    if address is not None and not (address.startswith(("https://", "http://")) and sha256 is not None):
        raise place.fault(f"address {short(address)}, expected https:// and a sha256 beside it; {_AS_IN}")
    if size is not None and size < 0:
        raise place.fault(f"bytes {size}, expected 0 or more; {_AS_IN}")
    return Split(name, description, file, folder, address, sha256, size, also)


def find_split(name: str) -> Split | None:
    """Return the split called ``name`` (``squad2:dev``, or ``squad2`` for its default), or None."""
    data_set_name, _, split_name = name.partition(":")
    for entry in entries():
        if entry.name == data_set_name:
            return entry.split(split_name or entry.default)
    return None


def here(name: str) -> Path | None:
    """Return where the data set of this name lies on this machine, None where it does not: no download."""
    split = find_split(name)
    return split.find() if split is not None else None


def resolve(name_or_path: str | Path, *, progress: Progress | None = None) -> Path:
    """Return the file that a name or path stands for, downloading it where need be.

    A catalogue name goes before a path of the same spelling (write ``./demo`` for the latter); a built
    robustness set stands for its ``original.json``; ``hf:OWNER/NAME[@REVISION][:SPLIT]`` is fetched from
    the Hugging Face hub. Raises UserError where nothing is found, with the nearest names.
    """
    name = str(name_or_path)
    if hub.is_hub_name(name):
        return hub.resolve(name, cache_folder() / "hf")
    if isinstance(name_or_path, str) and (split := find_split(name)) is not None:
        return _locate(split, progress)
    path = Path(name_or_path)
    if path.is_dir():
        if (path / "original.json").is_file():
            return path / "original.json"
        raise UserError(f"{path}: is a folder without original.json, so no built set; name a data file in it")
    if path.exists():
        return path
    known = [split.name for entry in entries() for split in entry.splits]
    near = difflib.get_close_matches(name, known, n=3)
    advice = f"did you mean {' or '.join(near)}?" if near else f"the catalogue has {', '.join(known)}"
    raise UserError(f"{name}: no such file, nor a data set of that name; {advice}")


def load(name_or_path: str | Path, *, progress: Progress | None = None) -> list[Question]:
    """Return the questions of a path, a catalogue name or a hub name; see ``resolve``."""
    return read_questions(resolve(name_or_path, progress=progress))


def _locate(split: Split, progress: Progress | None) -> Path:
    found = split.find()
    if found is not None:
        _check(split, found)
        return found
    target = cache_folder() / split.file
    looked = ", ".join(str(place) for place in split.places()[1:])
    if split.address is None:
        raise UserError(
            f"{split.name}: not found (looked for {looked}) and it has no public address; "
            "set ROBUST_DATA to the folder that holds it, or name the file by its path"
        )
    try:
        return download(split.address, target, sha256=split.sha256, size=split.bytes, progress=progress)
    except UserError as error:
        raise UserError(
            f"{split.name}: not found (looked for {looked}), and not to be had: {error}; "
            "or fetch it by hand and put it in one of these places"
        ) from None


def _check(split: Split, path: Path) -> None:
    """Raise UserError where the file is not what the catalogue means by this name."""
    accepted = {sha for sha in (split.sha256, *(sha for sha, _ in split.also)) if sha}
    if accepted and (found := sha256_file(path)) not in accepted:
        raise UserError(
            f"{path}: is not {split.name} ({path.stat().st_size:,} bytes, SHA-256 {found}, expected "
            f"{split.sha256}); remove it to have it fetched, or name it by its path to use it as it is"
        )
