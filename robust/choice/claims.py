"""Negated claims written by hand, for what the rule leaves, or in place of it.

A table of two columns, claim and negated claim, separated by commas (CSV) or tabs, as the ``claim_map.csv``
of Niven & Kao 2019; a first line ``original,negated`` is a heading.
"""

from __future__ import annotations

import csv
from pathlib import Path

from robust.errors import UserError
from robust.squad.source import lines


def read_claims(path: Path) -> dict[str, str]:
    """Return claim -> negated claim; UserError with the line at the first fault."""
    found: dict[str, str] = {}
    for number, line in lines(path):
        row = line.rstrip("\r\n")
        try:
            (fields,) = csv.reader([row], delimiter="\t" if "\t" in row else ",", strict=True)
        except (csv.Error, ValueError) as error:
            raise UserError(f"{path}: line {number}: {error}; expected claim,negated claim as CSV") from None
        if len(fields) != 2:
            raise UserError(
                f"{path}: line {number}: {len(fields)} fields, expected two: claim and negated claim; "
                "put a claim that holds a comma into quotation marks"
            )
        claim, negated = (field.strip() for field in fields)
        if number == 1 and (claim, negated) == ("original", "negated"):
            continue
        if not claim or not negated or claim == negated:
            raise UserError(
                f"{path}: line {number}: {claim!r}, {negated!r}: expected a claim and its opposite"
            )
        if found.setdefault(claim, negated) != negated:
            raise UserError(
                f"{path}: line {number}: claim {claim!r} has another negated claim above, {found[claim]!r}"
            )
    return found
