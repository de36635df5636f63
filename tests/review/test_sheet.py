"""The spreadsheet: opens as it is meant, and nothing in it is run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robust.review.items import MAIN, Item, Reviewable
from robust.review.sheet import COLUMNS, NO_ANSWER, render_sheet
from tests.review.conftest import rows_of


def item_with(found: Reviewable, text: str) -> Item:
    item = found.of_arm(MAIN)[0]
    return replace(item, rewritten=replace(item.rewritten, text=text))


def test_the_sheet_has_all_a_rater_needs_and_blank_verdicts(found: Reviewable) -> None:
    items = found.of_arm(MAIN)
    text = render_sheet(items, found.sha256, {items[0].senses[0]: "what it means, in words"})
    assert text.startswith("\ufeff"), "without the mark Excel takes UTF-8 for another encoding"
    rows = rows_of(text)
    assert tuple(rows[0]) == COLUMNS
    assert [row["item"] for row in rows] == [item.code for item in items]
    first, item = rows[0], items[0]
    assert (first["question"], first["rewritten"]) == (item.original.text, item.rewritten.text)
    assert first["changes"] == "; ".join(f"{e.before} → {e.after}" for e in item.edits)
    assert first["paragraph"] == item.rewritten.context
    assert "what it means, in words" in first["meaning"]
    assert {row["set_sha256"] for row in rows} == {found.sha256}
    assert {row["verdict"] + row["reason"] + row["note"] + row["rater"] for row in rows} == {""}
    unanswerable = next(n for n, item in enumerate(items) if not item.original.answerable)
    assert rows[unanswerable]["answers"] == NO_ANSWER


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(found: Reviewable, start: str) -> None:
    text = start + 'HYPERLINK("x","y"), and more'
    row = rows_of(render_sheet([item_with(found, text)], found.sha256, {}))[0]
    assert row["rewritten"] == "'" + text


def test_a_cell_too_long_for_excel_is_cut(found: Reviewable) -> None:
    row = rows_of(render_sheet([item_with(found, "🍋" * 40_000)], found.sha256, {}))[0]
    assert len(row["rewritten"].encode("utf-16-le")) // 2 < 32_767
    assert row["rewritten"].endswith("[…]")
