"""The tables of ``robust choice``: accuracies on both halves of a negated set, and cues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from robust.report.grid import Grid
from robust.report.numbers import interval, number

_ROWS = {
    "original": "right: original claims",
    "negated": "right: negated claims",
    "both": "right: both together",
    "pair": "right on both of a pair",
    "flipped": "choice changes with the claim",
}


def choice_grid(result: Mapping[str, Any]) -> Grid:
    """Return the table of a model's choices, as ``robust.choice.figures`` has them."""
    rows: list[tuple[str, ...]] = []
    if result["pairs"] < result["items"]:
        rows.append(("right: all original claims", *_cells(result["all"])))
    rows += [(words, *_cells(result[key])) for key, words in _ROWS.items() if result[key] is not None]
    if (drop := result["drop"]) is not None:
        rows.append(("drop, points", number(drop["points"]), interval(drop["interval"], ".1f")))
    title = (
        f"{_name(result['scorer'])}: {result['items']:,} items in {result['debates']:,} debates, "
        f"{result['pairs']:,} with a negated copy"
    )
    return Grid(title, ("", "%", "95 %"), tuple(rows), _note(result))


def cues_grid(rows: Sequence[Mapping[str, Any]], items: int) -> Grid:
    """Return the table of cues, as ``robust choice cues --json`` has them."""
    head = ("word", "applicable", "right", "productivity %", "95 %", "coverage %")
    return Grid(
        f"words in one warrant only, of {items:,} items",
        head,
        tuple(
            (
                row["word"],
                str(row["applicable"]),
                str(row["right"]),
                number(row["productivity"]),
                interval(row["interval"], ".1f"),
                number(row["coverage"]),
            )
            for row in rows
        ),
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, str]:
    return number(row["rate"]), interval(row["interval"], ".1f")


def _name(scorer: Mapping[str, Any]) -> str:
    words = [scorer["name"], repr(scorer["word"]) if "word" in scorer else scorer.get("masked_lm", "")]
    if scorer.get("beside", "both") != "both":
        words.append(f"(warrant and {scorer['beside']})")
    return " ".join(word for word in words if word)


def _note(result: Mapping[str, Any]) -> str:
    said = []
    if result["undecided"]:
        said.append(f"No choice for {result['undecided']:,} originals: counted as half right.")
    if result["both"] is not None and result["both"]["interval"] is None:
        said.append("Both together: one of every pair is right, as always where only the warrants are read.")
    return " ".join(said)
