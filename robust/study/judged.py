"""What raters said of a set's variants, read from the JSON lines of a judged sample."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from robust.errors import UserError
from robust.review.judged import raters, read_judged
from robust.review.labels import read_label


def right_variants(paths: Iterable[Path]) -> set[str]:
    """Return the ids of the variants that every rater who judged them, in whatever file, called right.

    Raises UserError where a row has no ``variant_id``, no label of a rater, or one that is none.
    """
    right: dict[str, bool] = {}
    for path in paths:
        for row in read_judged(path):
            if "variant_id" not in row:
                raise UserError(f"{path}: a row without variant_id ({sorted(row)}), expected one in each")
            name = str(row["variant_id"])
            labels = [read_label(row[rater]) for rater in raters(row)]
            given = [label[0] for label in labels if label is not None and label[0]]
            if given:
                right[name] = right.get(name, True) and all(verdict == "accept" for verdict in given)
    return {name for name, agreed in right.items() if agreed}
