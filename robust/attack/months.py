"""The months of the year, in full and in short: February and Feb."""

from __future__ import annotations

from collections.abc import Sequence

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# As style guides have them; the short names are written in full.
SHORT = {month: f"{month[:3]}." for month in MONTHS if len(month) > 5} | {"September": "Sept."}
# What people write besides: March and June are cut short by some.
LONG = {short.rstrip("."): month for month, short in SHORT.items()} | {"Sep": "September"}
_CUT = LONG | {month[:3]: month for month in MONTHS if len(month) > 3}
LOWER = frozenset(month.lower() for month in MONTHS)


def full_month(written: str) -> str:
    """Return the month that ``written`` stands for, in full ("Feb.": "February"); "" where it is none."""
    return written if written in MONTHS else _CUT.get(written.rstrip("."), "")


def month_in_short(texts: Sequence[str], index: int) -> str:
    """Return the month in full where the token ``index`` is the short form of one, else "".

    A short form may be a name as well (*Jan van Riebeeck*): it is a month beside a number (*Feb 2010*,
    *4 Sept.*), or after *in* at the end of its phrase.
    """
    month = _CUT.get(texts[index].rstrip("."), "")
    if not month:
        return ""
    before = texts[index - 1].lower() if index else ""
    after = texts[index + 1] if index + 1 < len(texts) else ""
    beside = before[:1].isdigit() or after[:1].isdigit()
    return (
        month
        if beside or (before == "in" and not after[:1].isalnum() and after[:1] not in ("'", "’"))
        else ""
    )
