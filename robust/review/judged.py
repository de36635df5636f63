"""A judged sample of an attack: JSON lines of ids, edits and labels, and the shares they give.

A row has ``variant_id``, the edits, ``attack`` and ``settings_hash`` (not in the oldest samples),
and a column ``rater_NAME`` for each rater; the labels are those of
``robust.review.labels``: right, wrong_sense, bad_grammar, answer_changed, answer_kept, other, unsure. Where
the answer should stay, *right* is: asks the same, in good English, and has the same answer. Where it should
not, *right* is: in good English, and the old answer is wrong now; *answer_kept* is that it is still right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robust.attack.base import Attack
from robust.errors import UserError
from robust.json_text import parse_json
from robust.review.labels import read_label
from robust.review.measured import share
from robust.squad.source import lines

Row = dict[str, Any]
RATER = "rater_"
KIND = "rater_kind"
# Reasons that say of a variant that it does not mean what it should.
CHANGED = ("wrong sense", "answer changed", "answer kept")


def read_judged(path: Path) -> list[Row]:
    """Return the rows of a judged sample; UserError with the line where one is not as described above."""
    rows: list[Row] = []
    for number, line in lines(path):
        place = f"{path}: line {number}"
        try:
            row = parse_json(line)
        except ValueError as error:
            raise UserError(f"{place}: not JSON ({error}); expected one object a line") from None
        if not isinstance(row, dict) or not raters(row):
            raise UserError(f"{place}: no column {RATER}NAME, expected one for each rater with a label")
        for name in raters(row):
            if not isinstance(row[name], str) or read_label(row[name]) is None:
                raise UserError(f"{place}: {name} {row[name]!r}, expected a label such as right or other")
        rows.append(row)
    if not rows:
        raise UserError(f"{path}: empty, expected judged variants; see robust review collect")
    return rows


def check_attack(path: Path, rows: Sequence[Row], attack: Attack) -> None:
    """Raise UserError where rows are of another attack or of other settings; older ones do not say."""
    for row in rows:
        name, settings = row.get("attack", attack.name), str(row.get("settings_hash", ""))
        if name != attack.name:
            raise UserError(
                f"{path}: judged of {name}, expected variants of {attack.name}; name its own sample"
            )
        if not attack.settings_hash().startswith(settings):
            raise UserError(
                f"{path}: judged of {attack.name} with other settings ({settings}), expected those of "
                f"{attack.settings_hash()[:12]}; give the settings it was drawn with, or have it judged anew"
            )


def raters(row: Mapping[str, Any]) -> list[str]:
    """Return the names of a row's columns of labels."""
    return [name for name in row if name.startswith(RATER) and name != KIND]


def judged_shares(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the counts and shares of a judged sample with Wilson's 95 % intervals, as JSON values.

    ``valid``: more than half of those who judged it say right. ``changed``: at least half give one of
    ``CHANGED``; ``bad_grammar`` likewise. ``agreement`` is the share of variants on which all who judged say
    right, or none does; None where nobody judged one twice.
    """
    votes = [[label for name in raters(row) if (label := read_label(row[name])) != ("", "")] for row in rows]
    judged = [[label for label in found if label is not None] for found in votes if found]
    valid = [sum(verdict == "accept" for verdict, _ in found) * 2 > len(found) for found in judged]
    twice = [[verdict == "accept" for verdict, _ in found] for found in judged if len(found) > 1]
    return {
        "items": len(rows),
        "judged": len(judged),
        "raters": sorted({name.removeprefix(RATER) for row in rows for name in raters(row)}),
        "rater_kind": sorted({str(row[KIND]) for row in rows if row.get(KIND)}),
        "valid": share(sum(valid), len(judged)),
        "changed": share(_at_least_half(judged, CHANGED), len(judged)),
        "bad_grammar": share(_at_least_half(judged, ("bad grammar",)), len(judged)),
        "agreement": round(sum(len(set(found)) == 1 for found in twice) / len(twice), 4) if twice else None,
    }


def _at_least_half(judged: Sequence[Sequence[tuple[str, str]]], reasons: Sequence[str]) -> int:
    return sum(2 * sum(reason in reasons for _, reason in found) >= len(found) for found in judged)
