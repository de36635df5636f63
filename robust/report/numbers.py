"""Figures as they are shown: rounded, never "-0.0", a dash where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NONE = "-"


def number(value: float | None, form: str = ".1f") -> str:
    """Return a figure in ``form`` (as of ``format``); "-" where it is None or NaN."""
    if value is None or value != value:  # noqa: PLR0124  NaN is not itself
        return NONE
    return f"{round(value, int(form[form.index('.') + 1 : -1])) + 0.0:{form}}"


def signed(value: float | None) -> str:
    """Return a difference with its sign and one digit."""
    return number(value, "+.1f")


def interval(bounds: Sequence[float | None] | None, form: str = "+.1f") -> str:
    """Return "[low, high]" in ``form``; "-" where there is none, or an end is None or NaN."""
    ends = [number(bound, form) for bound in bounds or (None,)]
    return NONE if NONE in ends else f"[{', '.join(ends)}]"


def drop_interval(summary: Mapping[str, Any], figure: str) -> list[float] | None:
    """Return the 95 % interval of a figure's drop that is told in words; None where there is none.

    Of several seeds it is the one that takes seeds as a further level: that over articles alone is of these
    very weights, and too narrow for what is said of the model.
    """
    held = summary["seeds"]["interval"] if "seeds" in summary else summary["drop_interval"]
    bounds: list[float] | None = held.get(figure)
    return bounds


def over_seeds(summary: Mapping[str, Any]) -> str:
    """Return ", mean of N seeds", which goes with figures of several; "" of one."""
    return f", mean of {len(summary['seeds']['numbers'])} seeds" if "seeds" in summary else ""


def as_share(bounds: Sequence[float] | None) -> tuple[float, float] | None:
    """Return an interval of a percentage cut to [0, 100]: nothing lies beyond."""
    return None if bounds is None else (min(max(bounds[0], 0.0), 100.0), max(min(bounds[1], 100.0), 0.0))
