"""The tables of words and sentences that attacks carry with them, in robust/attack/data."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of a table that are neither blank nor a remark (``#``)."""
    text = resources.files("robust.attack").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


@cache
def rows(name: str) -> dict[str, tuple[str, ...]]:
    """Return a table of lines ``kind: one; another``."""
    pairs = (line.partition(":") for line in lines(name))
    return {kind: tuple(one.strip() for one in rest.split(";")) for kind, _, rest in pairs}


@cache
def sections(name: str) -> dict[str, tuple[str, ...]]:
    """Return a table of sections: a line ``[kind]``, then its members over lines, separated by commas."""
    parts = re.split(r"^\[(.+)\]$", "\n".join(lines(name)), flags=re.MULTILINE)[1:]
    return {
        kind: tuple(" ".join(one.split()) for one in members.split(","))
        for kind, members in zip(parts[::2], parts[1::2], strict=True)
    }
