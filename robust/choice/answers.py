"""Choices of another system, from a file.

One item a line, ids as in the file of arguments, copies too; JSON lines ``{"id": "a1", "label": 1}`` or
``{"id": "a1", "scores": [-3.2, -2.9]}`` (the higher one is chosen), or tab-separated ``id label`` or
``id score0 score1``, with or without a first line of names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from robust.choice.asking import Given
from robust.choice.records import Item
from robust.choice.scorers import Scores, higher
from robust.errors import UserError
from robust.files import sha256_file
from robust.squad.source import lines, objects

_EXPECTED = (
    'expected JSON lines {"id": ..., "label": 0 or 1} or {"id": ..., "scores": [a, b]}, or tab-separated '
    "id and label, or id and two scores"
)
# characters of a wrong value that a message repeats
_SHOWN = 60


def read_choices(path: Path, items: Sequence[Item]) -> Given:
    """Return the choice of each item and its scores (None where a label was given).

    Raises UserError for a line of another form, an id that comes twice, and where an item has no choice. Ids
    of other items are passed over.
    """
    found: dict[str, tuple[int | None, Scores | None]] = {}
    for number, identifier, value in _rows(path):
        if identifier in found:
            raise UserError(
                f"{path}: line {number}: id {identifier!r} is there already; expected one line an item"
            )
        found[identifier] = _choice(path, number, value)
    missing = [item.id for item in items if item.id not in found]
    if missing:
        raise UserError(
            f"{path}: {len(missing)} of the {len(items)} items have no choice, the first is {missing[0]!r}; "
            "expected one for every id, those of negated copies too"
        )
    chosen = [found[item.id] for item in items]
    about = {"name": path.name, "sha256": sha256_file(path)}
    return Given([choice for choice, _ in chosen], [scores for _, scores in chosen], about)


def _rows(path: Path) -> Iterator[tuple[int, str, Any]]:
    """Yield (line number, id, what was chosen: a label or a list of scores)."""
    _, first = next(lines(path), (1, ""))
    if first.lstrip().startswith("{"):
        for number, row in objects(path, _EXPECTED):
            given = [key for key in ("label", "scores") if key in row]
            if not isinstance(row.get("id"), str) or len(given) != 1:
                raise UserError(f"{path}: line {number}: {', '.join(row) or 'nothing'} given, {_EXPECTED}")
            yield number, row["id"], row[given[0]]
        return
    for number, line in lines(path):
        fields = [field.strip() for field in line.rstrip("\r\n").split("\t")]
        if number == 1 and fields[0].lower() in ("id", "#id"):
            continue
        if len(fields) not in (2, 3):
            raise UserError(f"{path}: line {number}: {len(fields)} fields, {_EXPECTED}")
        yield number, fields[0], fields[1] if len(fields) == 2 else fields[1:]


def _choice(path: Path, number: int, value: Any) -> tuple[int | None, Scores | None]:
    if isinstance(value, list):
        scores = _two_numbers(value)
        if scores is None:
            raise UserError(f"{path}: line {number}: scores {_shown(value)}, expected two finite numbers")
        return higher(scores), scores
    if isinstance(value, bool) or str(value) not in ("0", "1"):
        raise UserError(f"{path}: line {number}: label {_shown(value)}, expected 0 or 1 (which warrant)")
    return int(value), None


def _two_numbers(value: Sequence[Any]) -> Scores | None:
    """Return the scores; None where they are not two, no numbers, or none that a result can hold as JSON."""
    if len(value) != 2 or any(isinstance(one, bool) for one in value):
        return None
    try:
        first, second = map(float, value)
    except (TypeError, ValueError, OverflowError):  # OverflowError: a whole number of 400 digits
        return None
    return (first, second) if math.isfinite(first) and math.isfinite(second) else None


def _shown(value: Any) -> str:
    """Return a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
