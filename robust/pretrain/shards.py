"""Writing a pack's shards, so that a killed run goes on from the last whole one.

``unfinished.json`` says, after each shard, what was asked for and where in the stream of tokens the shards
end: after so many whole documents and so many tokens of the next. To go on, those documents are read again
but not tokenised. The shards that follow are those of an undisturbed run, byte for byte.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from robust.errors import UserError
from robust.files import atomic_write, cannot_write, sha256_file, write_text
from robust.folders import is_empty, is_leftover
from robust.json_text import read_json
from robust.pretrain.word_table import Counts, Ids

MANIFEST = "manifest.json"
UNFINISHED = "unfinished.json"
_SHARD = "windows-{:05}.npy"
_SHARDS = "windows-*.npy"


@dataclass(frozen=True, slots=True)
class Done:
    """The shards on disk (name, windows, SHA-256), ending ``into`` tokens after so many ``documents``."""

    shards: tuple[dict[str, Any], ...] = ()
    documents: int = 0
    into: int = 0


def begin(out: Path, wanted: Mapping[str, Any]) -> Done:
    """Return what a killed run with the settings ``wanted`` left in ``out``, made where it is not there.

    Without sources in ``wanted`` nobody can know that the text is the same: the work starts anew. So it does
    where a shard is broken, or the note of how far it was. Raises UserError where ``out`` holds something
    else or cannot be written.
    """
    file = out / UNFINISHED
    try:
        out.mkdir(parents=True, exist_ok=True)
        empty = is_empty(out)
    except OSError as error:
        raise cannot_write(out, error) from error
    done = Done()
    if not empty:
        found = _noted(file) if file.is_file() else None
        if found is None and not (file.is_file() and all(map(_is_ours, out.iterdir()))):
            raise UserError(f"{out}: exists and is not a packed corpus; choose another --out")
        if found is not None:
            before, known = found
            check_same(out, before, wanted)
            if wanted["sources"] and all(_is_whole(out, shard) for shard in known.shards):
                done = known
    note(out, wanted, done)
    if not done.shards:
        for shard in out.glob(_SHARDS):  # of other text, perhaps, and more than there will be
            shard.unlink()
    return done


def check_same(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise UserError, naming what differs, where ``folder`` holds a pack of other settings."""
    differing = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
    if differing:
        told = (
            f"{name} {found.get(name)}, not {wanted.get(name)}"
            if isinstance(wanted.get(name), int)
            else f"other {name}"
            for name in differing
        )
        raise UserError(
            f"{folder}: holds a corpus packed with {' and '.join(told)}; remove it or choose another --out"
        )


def note(out: Path, wanted: Mapping[str, Any], done: Done) -> None:
    """Write down how far it is."""
    state = {"wanted": wanted, "shards": done.shards, "documents": done.documents, "into": done.into}
    write_text(out / UNFINISHED, json.dumps(state, indent=1, sort_keys=True) + "\n")


def clear(out: Path) -> None:
    """Take away what was begun in ``out``."""
    for file in [*out.glob(_SHARDS), out / UNFINISHED]:
        file.unlink(missing_ok=True)
    shutil.rmtree(out / "tokenizer", ignore_errors=True)
    with suppress(OSError):  # not there, or something of others in it
        out.rmdir()


class ShardWriter:
    """Takes the stream of tokens and writes it as shards of ``rows`` windows into ``out``.

    ``edges`` are the tokens that every window of ``length`` begins and ends with; ``whole`` is called with
    what is done after each shard. ``done`` is what is on disk already: ``put`` takes what follows.
    """

    def __init__(
        self,
        out: Path,
        *,
        length: int,
        rows: int,
        edges: tuple[int, int],
        kind: type[np.uint16] | type[np.uint32],
        done: Done,
        whole: Callable[[Done], None],
    ) -> None:
        self._out, self._length, self._rows, self._edges, self._kind = out, length, rows, edges, kind
        self._whole = whole
        self.done = done
        self._skip = done.into
        self._lengths = np.zeros(0, np.int64)  # of the documents that do not lie in the shards whole
        self._into = done.into  # tokens of the first of them that do
        self._parts: list[Ids] = []
        self._held = 0

    @property
    def written(self) -> int:
        """Tokens of the stream that lie on disk."""
        windows: int = sum(shard["windows"] for shard in self.done.shards)
        return windows * (self._length - 2)

    def put(self, flat: Ids, lengths: Counts) -> None:
        """Take the tokens of some documents, whose lengths are ``lengths``, and write what fills a shard."""
        self._lengths = np.concatenate([self._lengths, lengths])
        start = min(self._skip, len(flat))  # of the document that lies on disk in part
        self._skip -= start
        self._parts.append(flat[start:])
        self._held += len(flat) - start
        size = self._rows * (self._length - 2)
        while self._held >= size:
            self._write(self._rows)

    def finish(self) -> None:
        """Write what is left, as far as it fills windows."""
        if rows := self._held // (self._length - 2):
            self._write(rows)

    def _write(self, rows: int) -> None:
        tokens = np.concatenate(self._parts)
        used = rows * (self._length - 2)
        windows = np.empty((rows, self._length), self._kind)
        windows[:, 0], windows[:, -1] = self._edges
        windows[:, 1:-1] = tokens[:used].reshape(rows, -1)
        file = self._out / _SHARD.format(len(self.done.shards))
        with atomic_write(file) as temporary, temporary.open("wb") as stream:
            np.save(stream, windows)
        self._parts, self._held = [tokens[used:]], len(tokens) - used
        ends = np.cumsum(self._lengths)
        upto = self._into + used
        whole = int(np.searchsorted(ends, upto, side="right"))
        self._into = upto - (int(ends[whole - 1]) if whole else 0)
        self._lengths = self._lengths[whole:]
        shard = {"name": file.name, "windows": rows, "sha256": sha256_file(file)}
        self.done = Done((*self.done.shards, shard), self.done.documents + whole, self._into)
        self._whole(self.done)


def _noted(file: Path) -> tuple[dict[str, Any], Done] | None:
    """Return what ``note`` wrote: settings, and how far it is; None where a crash left it empty or broken."""
    try:
        found = read_json(file)
        keys = ("name", "windows", "sha256")
        shards = tuple({key: shard[key] for key in keys} for shard in found["shards"])
        return dict(found["wanted"]), Done(shards, found["documents"], found["into"])
    except (ValueError, KeyError, TypeError):
        return None


def _is_ours(path: Path) -> bool:
    return path.name in (UNFINISHED, "tokenizer") or path.match(_SHARDS) or is_leftover(path)


def _is_whole(out: Path, shard: Mapping[str, Any]) -> bool:
    file = out / shard["name"]
    return file.is_file() and sha256_file(file) == str(shard["sha256"])
