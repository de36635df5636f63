"""Amounts as people write them: 20m, 16M."""

from __future__ import annotations

import math

from robust.errors import UserError

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_NUMBERS = {"k": 1e3, "m": 1e6, "b": 1e9}


def seconds(text: str) -> float:
    """Return seconds for ``90``, ``90s``, ``20m`` or ``1.5h``; UserError for anything else (--budget)."""
    return _read(text, _SECONDS, f"--budget {text}: expected a time such as 90s, 20m or 1.5h")


def tokens(text: str) -> int:
    """Return the number for ``5000``, ``500k``, ``16M`` or ``1B``; UserError for anything else (--tokens)."""
    return round(_read(text, _NUMBERS, f"--tokens {text}: expected a number such as 500k, 16M or 1B"))


def check_threshold(value: float | None) -> None:
    """Raise UserError for a threshold that is no number, such as nan (--threshold); None is none given."""
    if value is not None and not math.isfinite(value):
        raise UserError(f"--threshold {value}: expected a number")


def _read(text: str, units: dict[str, float], otherwise: str) -> float:
    unit = units.get(text[-1:].lower())
    try:
        value = float(text[:-1] if unit else text) * (unit or 1.0)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise UserError(otherwise)
    return value
