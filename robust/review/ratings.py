"""Reading what raters said: the spreadsheet, the form's download, or JSON lines; checked against the set."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robust.errors import UserError
from robust.review.items import MAIN, Item, Reviewable
from robust.review.labels import REASONS, VERDICTS, read_label, read_reason
from robust.review.sheet import read_cell
from robust.squad.source import objects, read_text

KINDS = ("person", "model")
# A rater's own column, in files that hold several raters side by side.
_OF_RATER = "rater_"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rating:
    """What one rater said of one item; ``verdict`` "" where nothing. ``kind`` is person or model."""

    item: str
    rater: str
    kind: str
    verdict: str
    reason: str = ""
    note: str = ""
    place: str = ""


def read_ratings(
    path: Path, found: Reviewable, *, rater: str | None = None, kind: str | None = None
) -> list[Rating]:
    """Return the ratings of a file, checked against the set.

    ``rater`` and ``kind`` stand where the file's own columns ``rater`` and ``rater_kind`` are blank, and
    must not contradict them. A row is matched by ``item``; without one, as in earlier rounds (docs/judged),
    by its edit. Raises UserError with the line at the first fault: a file of another set, an item that the
    set does not have, an unknown label, a rater or kind that nobody named.
    """
    ratings: list[Rating] = []
    for number, row in _rows(path):
        if not any(cell.strip() for cell in row.values()):
            continue  # a spreadsheet leaves such rows below the last one filled
        place = f"{path}: line {number}"
        item = _item(row, found, place)
        for name, label, reason in _labels(row, rater, place):
            read = read_label(label)
            if read is None:
                raise UserError(
                    f"{place}: verdict {label!r}, expected {', '.join(VERDICTS)} or nothing; correct it"
                )
            why = read_reason(reason)
            if why is None:
                raise UserError(
                    f"{place}: reason {reason!r}, expected {', '.join(REASONS)} or nothing; "
                    "correct it (the column 'note' is free)"
                )
            if (read[0] == "accept" and why) or (read[1] and why not in ("", read[1])):
                raise UserError(
                    f"{place}: verdict {label.strip()!r} with the reason {reason.strip()!r}, expected no "
                    "reason beside accept, and no other one beside a reason; correct one of the two"
                )
            said = _agree(
                row.get("rater_kind", "").strip().lower(), kind, "rater_kind", "--rater-kind", place
            )
            if said not in KINDS:
                raise UserError(
                    f"{place}: rater kind {said!r}, expected {' or '.join(KINDS)}; say who or what rated "
                    "with --rater-kind"
                )
            note = read_cell(row.get("note", "")).strip()
            ratings.append(Rating(item.code, name, said, read[0], read[1] or why, note, place))
    if not any(rating.verdict for rating in ratings):
        raise UserError(f"{path}: holds no verdict, expected {', '.join(VERDICTS)} in the column 'verdict'")
    return ratings


def merge(files: Sequence[Sequence[Rating]]) -> list[Rating]:
    """Return the ratings of all files by item and rater, those without a verdict included.

    Raises UserError where a rater judged an item twice, or is a person here and a model there.
    """
    merged: dict[tuple[str, str], Rating] = {}
    kinds: dict[str, Rating] = {}
    for rating in (rating for ratings in files for rating in ratings):
        known = kinds.setdefault(rating.rater, rating)
        if known.kind != rating.kind:
            raise UserError(
                f"{rating.place}: rater {rating.rater!r} is a {rating.kind}, but a {known.kind} at "
                f"{known.place}; expected one kind for a rater"
            )
        before = merged.get((rating.item, rating.rater))
        if before and before.verdict and rating.verdict:
            raise UserError(
                f"{rating.place}: rater {rating.rater!r} judged item {rating.item} already at "
                f"{before.place}; keep one of the two"
            )
        if not before or rating.verdict:
            merged[rating.item, rating.rater] = rating
    return [merged[key] for key in sorted(merged)]


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield line number and cells by column, all text."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _json_rows(path)
        return
    if not path.is_file():
        raise UserError(f"{path}: no such file, expected a sheet of ratings as CSV; check the path")
    if not path.stat().st_size:
        raise UserError(f"{path}: empty, expected the sheet made by robust review export, filled in")
    text = read_text(path)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # what Excel writes depends on the country
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="", strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise UserError(f"{path}: line 1: not CSV ({error}); save the sheet as CSV UTF-8") from None
    reader.fieldnames = names
    if "verdict" not in names and not any(name.startswith(_OF_RATER) for name in names):
        raise UserError(
            f"{path}: line 1: no column 'verdict' among {', '.join(names)[:200]!r}, expected the sheet "
            "made by robust review export, saved as CSV"
        )
    try:
        for row in reader:
            if None in row:
                raise UserError(
                    f"{path}: line {reader.line_num}: more cells than columns; save the sheet as CSV again"
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise UserError(
            f"{path}: line {reader.line_num}: not CSV ({error}); save the sheet as CSV UTF-8"
        ) from None


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    for number, row in objects(path, "one with item and verdict"):
        yield number, {key: "" if value is None else str(value) for key, value in row.items()}


def _labels(row: Row, rater: str | None, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield rater, label and reason of a row: one, or one for each rater's own column."""
    own = [name for name in row if name.startswith(_OF_RATER) and name != "rater_kind"]
    if "verdict" in row or not own:
        name = _agree(read_cell(row.get("rater", "").strip()).strip(), rater, "rater", "--rater", place)
        if not name:
            raise UserError(f"{place}: names no rater; fill the column 'rater' or give --rater NAME")
        yield name, row.get("verdict", ""), row.get("reason", "")
        return
    for name in own:
        yield name.removeprefix(_OF_RATER), row[name], ""


def _agree(cell: str, given: str | None, column: str, option: str, place: str) -> str:
    """Return what the file says or, where it is silent, what the option says."""
    if cell and given is not None and cell != given:
        raise UserError(f"{place}: {column} {cell!r}, but {option} {given}; expected the same, leave out one")
    return cell or given or ""


def _item(row: Row, found: Reviewable, place: str) -> Item:
    """Return the item that a row judges; raises UserError where the set has none such."""
    named = row.get("set_sha256", "").strip()
    if named and named != found.sha256:
        raise UserError(
            f"{place}: rates the set {named[:12]}…, expected {found.sha256[:12]}… ({found.path}); name the "
            "set that was exported"
        )
    code = row.get("item", "").strip()
    if not code:
        return _edited(row, found, place)
    if not named:
        raise UserError(
            f"{place}: no set_sha256, expected the one that robust review export wrote; restore it"
        )
    if code not in found.items:
        raise UserError(
            f"{place}: item {code!r} is not in {found.path}, expected one that robust review export wrote"
        )
    return found.items[code]


def _edited(row: Row, found: Reviewable, place: str) -> Item:
    """Return the item whose only edit a row describes by variant_id, start, before and after."""
    wanted = (row.get("variant_id", ""), row.get("start", ""), row.get("before", ""), row.get("after", ""))
    item = next((item for item in found.of_arm(MAIN) if item.variant_id == wanted[0]), None)
    edits = [(str(edit.start), edit.before, edit.after) for edit in item.edits] if item else []
    if item is None or edits != [wanted[1:]]:
        raise UserError(
            f"{place}: names no item, and {wanted[0]!r} with {wanted[2]!r} → {wanted[3]!r} at {wanted[1]!r} "
            f"is not a variant of {found.path} with that edit alone; expected a file of robust review export"
        )
    return item
