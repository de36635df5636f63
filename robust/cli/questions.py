"""The questions that a command works on: ``--data``, what of it is asked for, and the line noting both."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robust.build import Source
    from robust.squad.records import Question

# A file of fewer bytes holds too few questions for several processes.
_MANY_QUESTIONS = 1_000_000


def open_questions(data: str, *, side_by_side: bool = False) -> tuple[Sequence[Question], Source]:
    """Return the questions that ``--data`` names, and where they came from, as a manifest notes it.

    ``side_by_side``: workers begin to load what they need while these are read. Raises UserError where there
    is no such data.
    """
    from robust.build import Source, prepare_workers
    from robust.cli.data import resolve_data
    from robust.files import sha256_file
    from robust.squad.catalogue import find_split
    from robust.squad.io import read_packed

    file = resolve_data(data)
    if side_by_side and file.stat().st_size > _MANY_QUESTIONS:
        prepare_workers()
    is_path = Path(data).exists() and find_split(data) is None
    return read_packed(file), Source(Path(data).name if is_path else data, sha256_file(file))


def select_questions(
    questions: Sequence[Question], answerable_only: bool, limit: int | None, seed: int
) -> Sequence[Question]:
    """Return those of the questions that the options ask for."""
    from robust.build import stratified_sample
    from robust.squad.packed import Packed

    chosen = Packed(q for q in questions if q.answerable) if answerable_only else questions
    return chosen if limit is None else stratified_sample(chosen, limit, seed)


def set_command(
    words: Sequence[str], data: str, selection: Mapping[str, Any], seed: int, controls: bool
) -> str:
    """Return the command that makes the set again, without what does not change it (--out, --workers)."""
    parts = ["robust", *words, "--data", data, "--seed", str(seed)]
    parts += ["--answerable-only"] if selection["answerable_only"] else []
    parts += ["--limit", str(selection["limit"])] if selection["limit"] is not None else []
    parts += [] if controls else ["--no-controls"]
    return shlex.join(parts)
