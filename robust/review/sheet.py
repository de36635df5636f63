"""The spreadsheet that raters fill: CSV that Excel and LibreOffice open as it is meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from robust.inert import FORMULA, csv_cell
from robust.review.items import Item

COLUMNS = (
    *("item", "variant_id", "question", "rewritten", "changes", "answers", "paragraph", "meaning"),
    *("verdict", "reason", "note", "rater", "rater_kind", "set_sha256"),
)
NO_ANSWER = "(the paragraph holds no answer)"

# A cell's greatest length in Excel is 32,767 UTF-16 units.
_CELL = 16_000


def render_sheet(items: Iterable[Item], set_sha256: str, glosses: Mapping[str, str]) -> str:
    """Return the items as CSV text with a byte order mark, verdicts left blank.

    ``glosses`` maps synsets to definitions; others are left out. A cell that a spreadsheet would take for
    a formula gets an apostrophe in front (OWASP, "CSV Injection"), one too long for Excel is cut.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n", restval="")
    writer.writeheader()
    for item in items:
        writer.writerow({name: _cell(value) for name, value in _row(item, set_sha256, glosses).items()})
    return "\ufeff" + text.getvalue()


def gold_texts(item: Item) -> list[str]:
    """Return the distinct gold answers, in their order."""
    return list(dict.fromkeys(answer.text for answer in item.rewritten.answers))


def read_cell(value: str) -> str:
    """Return a cell's text as it was before an apostrophe was put in front of it."""
    return value[1:] if value.startswith("'") and value[1:].lstrip(" \xa0").startswith(FORMULA) else value


def _row(item: Item, set_sha256: str, glosses: Mapping[str, str]) -> dict[str, str]:
    return {
        "item": item.code,
        "variant_id": item.variant_id,
        "question": item.original.text,
        "rewritten": item.rewritten.text,
        "changes": "; ".join(f"{edit.before} → {edit.after}" for edit in item.edits),
        "answers": " | ".join(gold_texts(item)) or NO_ANSWER,
        "paragraph": item.rewritten.context,
        "meaning": "; ".join(glosses[sense] for sense in item.senses if sense in glosses),
        "set_sha256": set_sha256,
    }


def _cell(value: str) -> str:
    if len(value) > _CELL:
        value = value[:_CELL] + " […]"
    return csv_cell(value)
