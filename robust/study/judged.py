"""What raters said of a set's variants, read from the JSON lines of a judged sample."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from robust.errors import UserError
from robust.squad.source import objects

RIGHT = "right"


def right_variants(paths: Iterable[Path]) -> set[str]:
    """Return the ids of the variants that every rater, in whatever file, called right.

    Raises UserError where a line has no ``variant_id``, or no label of a rater.
    """
    right: dict[str, bool] = {}
    for path in paths:
        for number, line in objects(path, "what raters said of a variant"):
            labels = [
                value for key, value in line.items() if key.startswith("rater_") and key != "rater_kind"
            ]
            if "variant_id" not in line or not labels:
                raise UserError(f"{path}: line {number}: expected variant_id and a label for each rater_NAME")
            name = str(line["variant_id"])
            right[name] = right.get(name, True) and all(label == RIGHT for label in labels)
    return {name for name, agreed in right.items() if agreed}
