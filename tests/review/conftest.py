"""A small built set with its controls, and its items."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from robust.attack.registry import control_arms
from robust.build import build
from robust.review.items import Item, Reviewable, read_reviewable
from robust.review.sheet import COLUMNS, render_sheet
from tests.test_build import ATTACK, many_questions


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("review") / "small"
    build(
        many_questions(3, 4), ATTACK, out, controls=control_arms(ATTACK), workers=1, command="robust build x"
    )
    return out


@pytest.fixture(scope="session")
def found(folder: Path) -> Reviewable:
    return read_reviewable(folder)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def fill(
    file: Path, found: Reviewable, items: Iterable[Item], verdicts: Mapping[str, str], **cells: str
) -> Path:
    """Write a sheet as a rater would leave it: ``verdicts`` by item code, ``cells`` in every row."""
    rows = rows_of(render_sheet(items, found.sha256, {}))
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for row in rows:
            verdict, _, reason = verdicts.get(row["item"], "").partition("/")
            writer.writerow(row | {"verdict": verdict, "reason": reason} | cells)
    return file
