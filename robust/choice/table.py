r"""The tab-separated files of the task: one argument a line, columns named in the first line.

``#id warrant0 warrant1 correctLabelW0orW1 reason claim debateTitle debateInfo`` is the layout of Habernal et
al. 2018; the files of Niven & Kao 2019 have the columns in another order and ``adversarial`` (True, False)
as the last, originals first, then the copies, whose ids end in ``-adversarial``. Columns are found by name.
A field may be quoted as in CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from robust.choice.records import SUFFIX, Item, Pair
from robust.errors import UserError
from robust.files import write_text
from robust.squad.source import lines

COLUMNS = (
    "#id",
    "warrant0",
    "warrant1",
    "correctLabelW0orW1",
    "reason",
    "claim",
    "debateTitle",
    "debateInfo",
)
ADVERSARIAL = "adversarial"
_LAYOUT = (
    f"the columns {' '.join(COLUMNS)} with tabs between, as in the argument reasoning comprehension files"
)
_NEEDED = COLUMNS[:6]
_LABELS = {"0": 0, "1": 1, "false": 0, "true": 1}  # "not label" of a copy, as pandas wrote it
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": False}


def read_items(path: Path) -> list[Item]:
    """Return the arguments of a file, in its order; it may be packed by gzip or xz.

    Raises UserError with the line at the first fault: a missing column, a line of another length, an empty
    text, a label that is none, an id that was there before, two warrants that are the same.
    """
    if path.is_file() and not path.stat().st_size:
        raise UserError(f"{path}: the file is empty, expected {_LAYOUT}")
    rows = lines(path)
    _, first = next(rows, (1, ""))
    names = _fields(path, 1, first)
    missing = [name for name in _NEEDED if name not in names]
    if missing or len(set(names)) != len(names):
        what = f"column {missing[0]} is missing" if missing else "a column is named twice"
        raise UserError(f"{path}: line 1: {what}, expected {_LAYOUT}")
    found: list[Item] = []
    ids: dict[str, int] = {}
    for number, line in rows:
        fields = _fields(path, number, line, len(names))
        if len(fields) != len(names):
            raise UserError(
                f"{path}: line {number}: {len(fields)} fields, expected {len(names)} with tabs between, as "
                "line 1 has; put a field that holds a tab or a quotation mark into quotation marks"
            )
        item = _item(path, number, dict(zip(names, fields, strict=True)))
        if item.id in ids:
            raise UserError(
                f"{path}: line {number}: #id {item.id!r} is in line {ids[item.id]} already; ids must differ"
            )
        ids[item.id] = number
        found.append(item)
    if not found:
        raise UserError(f"{path}: no argument after line 1, expected one a line")
    return found


def _fields(path: Path, number: int, line: str, many: int = 0) -> list[str]:
    """Return the fields of a line, as they stand where that gives ``many``, or where no quoting is right.

    The files of 2018 were written without quoting, those of 2019 with it.
    """
    line = line.rstrip("\r\n")
    if "\r" in line:
        raise UserError(f"{path}: line {number}: a carriage return inside the line; end lines with \\n")
    plain = line.split("\t")
    try:
        (fields,) = csv.reader([line], delimiter="\t", strict=True)
    except (csv.Error, ValueError):
        return plain
    return plain if len(fields) != many == len(plain) else fields


def _item(path: Path, number: int, row: Mapping[str, str]) -> Item:
    texts = {name: value.strip() for name, value in row.items()}
    place = f"{path}: line {number}"
    for name in _NEEDED:
        if not texts[name]:
            raise UserError(f"{place}: {name} is empty, expected text")
    label = _LABELS.get(texts["correctLabelW0orW1"].lower())
    if label is None:
        raise UserError(
            f"{place}: correctLabelW0orW1 {texts['correctLabelW0orW1']!r}, expected 0 or 1, the right warrant"
        )
    if texts["warrant0"] == texts["warrant1"]:
        raise UserError(f"{place}: both warrants are {texts['warrant0']!r}, expected two")
    told = _BOOLEANS.get(texts.get(ADVERSARIAL, "").lower())
    if told is None:
        raise UserError(f"{place}: {ADVERSARIAL} {texts[ADVERSARIAL]!r}, expected True or False")
    suffixed = texts["#id"].endswith(SUFFIX)
    if told and not suffixed:
        raise UserError(
            f"{place}: {ADVERSARIAL} is True, but #id {texts['#id']!r} does not end in {SUFFIX}; "
            "a copy's id is its original's with this behind it"
        )
    return Item(
        texts["#id"],
        (texts["warrant0"], texts["warrant1"]),
        label,
        texts["reason"],
        texts["claim"],
        texts.get("debateTitle", ""),
        texts.get("debateInfo", ""),
        negated=suffixed,
    )


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write arguments with all columns and ``adversarial``, whole or not at all; the order is kept."""
    write_text(path, table_text(items))


def table_text(items: Iterable[Item]) -> str:
    """Return the text of a file of these arguments; ``read_items`` gives them back."""
    rows: list[Sequence[str]] = [(*COLUMNS, ADVERSARIAL)]
    rows += [
        (i.id, *i.warrants, str(i.label), i.reason, i.claim, i.debate, i.about, str(i.negated)) for i in items
    ]
    return "".join("\t".join(map(_quoted, row)) + "\n" for row in rows)


def _quoted(field: str) -> str:
    field = " ".join(field.splitlines())  # a row is a line
    return '"' + field.replace('"', '""') + '"' if '"' in field or "\t" in field else field


def pairs_of(path: Path, items: Sequence[Item]) -> tuple[list[Item], list[Pair]]:
    """Return the originals of a file and, for those that have one, the original with its negated copy.

    Raises UserError where a copy has no original, or is no negated copy of it: other warrants (a file of
    swapped warrants is not such a set), the same label, or the same claim.
    """
    originals = {item.id: item for item in items if not item.negated}
    pairs: list[Pair] = []
    for copy in items:
        if not copy.negated:
            continue
        original = originals.get(copy.original_id)
        wrong = (
            f"no original {copy.original_id!r} in the file"
            if original is None
            else "other warrants than its original (swapped?)"
            if copy.warrants != original.warrants
            else "the label of its original"
            if copy.label == original.label
            else "the claim of its original"
            if copy.claim == original.claim
            else ""
        )
        if wrong or original is None:
            raise UserError(
                f"{path}: copy {copy.id!r} has {wrong}, expected the same item with its claim negated and "
                "the other label; make such a set with: robust choice negate FILE --out FOLDER"
            )
        pairs.append(Pair(original, copy))
    return list(originals.values()), pairs
