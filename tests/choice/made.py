"""Arguments for tests."""

from __future__ import annotations

from pathlib import Path

from robust.choice.records import Item
from robust.choice.table import COLUMNS


def item(number: int = 1, **changes: object) -> Item:
    """Return an argument whose second warrant is right, changed as told."""
    values: dict[str, object] = {
        "id": f"a{number}",
        "warrants": ("rain is good", "rain is not good"),
        "label": 1,
        "reason": "It is raining.",
        "claim": "We should stay at home",
        "debate": "Rain?",
        "about": "On rain.",
    }
    return Item(**(values | changes))  # type: ignore[arg-type]


def table(path: Path, *rows: str, first: str = "\t".join(COLUMNS)) -> Path:
    """Write a file of arguments as it stands and return its path."""
    path.write_text("\n".join([first, *rows]) + "\n", encoding="utf-8")
    return path


ROW = "a1\train is good\train is not good\t1\tIt is raining.\tWe should stay at home\tRain?\tOn rain."
