"""Results that are kept until the whole is there: a second run does only the pieces that are missing.

Each lies in a file of JSON that is named by the SHA-256 of all it depends on, so one of other settings is
never taken for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from robust.attack.base import canonical_json
from robust.files import write_text
from robust.scale.machines import Given, Machines, Work


def results(
    machines: Machines,
    work: Work[Given, Any],
    pieces: Sequence[Given],
    *,
    key: Any,
    name: Callable[[Given], Any],
    folder: Path | None,
) -> list[Any]:
    """Return what is made of each piece, in their order; all of it JSON values.

    ``key`` is what a result depends on beside its piece, which ``name`` tells from others; both are JSON
    values. What is made goes to ``folder``, where what is there already is taken from; None keeps nothing.
    """
    if folder is None:
        return [made for _, made in machines.run(work, pieces, in_order=True)]
    files = [folder / f"{_digest([key, name(piece)])}.json" for piece in pieces]
    found: dict[int, Any] = {}
    for number, file in enumerate(files):
        with suppress(OSError, ValueError):  # not there, or cut off by a crash
            found[number] = json.loads(file.read_text(encoding="utf-8"))
    missing = [number for number in range(len(pieces)) if number not in found]
    for place, made in machines.run(work, [pieces[number] for number in missing]):
        number = missing[place]
        write_text(files[number], json.dumps(made, ensure_ascii=True))
        found[number] = made
    return [found[number] for number in range(len(pieces))]


def in_pieces(whole: Sequence[Given], size: int) -> list[Sequence[Given]]:
    """Return a sequence cut into pieces of ``size``, the last one shorter."""
    return [whole[first : first + size] for first in range(0, len(whole), size)]


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:32]
