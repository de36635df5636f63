"""Figures as they are shown: rounded, never "-0.0", a dash where there is none."""

from __future__ import annotations

from collections.abc import Sequence

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


def as_share(bounds: Sequence[float] | None) -> tuple[float, float] | None:
    """Return an interval of a percentage cut to [0, 100]: nothing lies beyond."""
    return None if bounds is None else (min(max(bounds[0], 0.0), 100.0), max(min(bounds[1], 100.0), 0.0))
