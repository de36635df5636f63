"""The tables of words and sentences that attacks carry with them, in robust/attack/data."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a table that are neither blank nor a remark (``#``)."""
    text = resources.files("robust.attack").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
