"""JSON from outside, read so that nothing in it is worse than a ValueError."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def parse_json(text: str | bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Return the value of a JSON document.

    Raises ValueError where it is none, lists within lists by the thousand included, for which ``json``
    raises RecursionError, and bytes that are not UTF-8 (UnicodeDecodeError).
    """
    try:
        return json.loads(text, parse_constant=parse_constant)
    except RecursionError:
        raise ValueError("lists or objects within one another, too deep to be read") from None


def read_json(path: Path) -> Any:
    """Return the value of a JSON file in UTF-8; ValueError where it is none, OSError where it is absent."""
    return parse_json(path.read_text(encoding="utf-8"))
