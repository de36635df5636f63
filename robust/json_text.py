"""JSON from outside, read so that nothing in it is worse than a ValueError."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parse_json(
    text: str | bytes, *, parse_constant: Callable[[str], Any] | None = None, once: str = ""
) -> Any:
    """Return the value of a JSON document.

    ``once`` is what an object's keys are called where each may stand but once. Raises ValueError where it
    is none, lists within lists by the thousand included, for which ``json`` raises RecursionError, and bytes
    that are not UTF-8 (UnicodeDecodeError).
    """

    def held(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"{once} {name!r} stands there twice")
            found[name] = value
        return found

    try:
        return json.loads(text, parse_constant=parse_constant, object_pairs_hook=held if once else None)
    except RecursionError:
        raise ValueError("lists or objects within one another, too deep to be read") from None


def read_json(path: Path, *, once: str = "") -> Any:
    """Return the value of a JSON file in UTF-8; ValueError where it is none, OSError where it is absent.

    A byte order mark, which editors on Windows write, is passed over, as it is in data files.
    """
    return parse_json(path.read_text(encoding="utf-8-sig"), once=once)
