"""The tables of ``robust why``, made from the rows of ``robust.breakdown``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robust.breakdown.curves import BY_EDITS, WORST_OF
from robust.breakdown.flips import FLIPS, FLIPS_NULL_OFF
from robust.breakdown.levels import AGAINST_REST, NONE
from robust.breakdown.threshold_drift import DRIFT, NULL_ODDS, THRESHOLDS
from robust.breakdown.validity import ADJUSTED, VALID_ONLY
from robust.report.grid import Grid
from robust.report.numbers import as_share, interval, signed
from robust.stats.multiplicity import benjamini_hochberg
from robust.stats.power import minimum_detectable
from robust.stats.student import t_quantile, two_sided_p

if TYPE_CHECKING:
    import pandas as pd

# levels with fewer questions say next to nothing; they are in --json
LEAST = 20
_APART = (FLIPS, FLIPS_NULL_OFF, BY_EDITS, WORST_OF, DRIFT, NULL_ODDS, THRESHOLDS, ADJUSTED, "answerable")
_SPAN, _KEPT, _ALL = "HasAns_span_exact", "HasAns_exact", "exact"


def why_grids(frame: pd.DataFrame, heading: str) -> list[Grid]:
    """Return the tables of one set and arm: answers, threshold, kinds of question, validity, curves."""
    rows = list(frame.itertuples(index=False))
    made = [
        *_flips(rows, heading + _drop(rows)),
        _drift(rows),
        _strata(rows),
        _adjusted(rows),
        _curve(rows, BY_EDITS, "accuracy by number of edits, clean and perturbed, of the same questions"),
        _curve(rows, WORST_OF, "still right where the worst of the question and k variants counts"),
    ]
    return [grid for grid in made if grid is not None and grid.rows]


def _drop(rows: Sequence[Any]) -> str:
    """Return the drop on answerable questions and what could have been seen; "" without an interval."""
    for row in rows:
        if (row.breakdown, row.level, row.figure) == ("answerable", "HasAns", "exact"):
            if row.low is None or row.low != row.low:
                return ""
            least = minimum_detectable(_error(row), row.clusters - 1)
            return (
                f": answerable EM drop {signed(row.value)} {_interval(row, '+.1f')}; least seen {least:.1f} "
                "(the true drop that such data show with 80 % power)"
            )
    return ""


def _error(row: Any) -> float:
    """Return the standard error that the row's interval was made of."""
    return float(row.high - row.low) / 2 / t_quantile(0.975, row.clusters - 1)


def _flips(rows: Sequence[Any], heading: str) -> list[Grid | None]:
    grids: list[Grid | None] = []
    for half, word in (("HasAns", "answerable"), ("NoAns", "unanswerable")):
        for breakdown, also in ((FLIPS, ""), (FLIPS_NULL_OFF, ", null switched off")):
            own = list(_by_level(rows, breakdown, f"{half}_share").values())
            if not own:
                continue
            changed = [row for row in own if len(set(row.level.split(" -> "))) > 1]
            of_right = _by_level(rows, breakdown, f"{half}_share_of_right")
            lines = [
                (
                    row.level,
                    f"{row.value:.1f}",
                    _share(row),
                    *_plain(of_right.get(row.level)),
                )
                for row in _largest(changed)
            ]
            title = f"{word} questions whose answer changed{also}: % of the {own[0].questions:,}"
            head = ("", "%", "95 % interval", "% of the right", "95 % interval")
            grids.append(Grid(f"{heading}\n{title}" if not grids else title, head, tuple(lines)))
    return grids


def _drift(rows: Sequence[Any]) -> Grid | None:
    own = _of_breakdown(rows, DRIFT)
    if not own:
        return None
    figures = [f for f in (_ALL, _KEPT, "NoAns_exact") if f in {row.figure for row in own}]
    by = {figure: _by_level(rows, DRIFT, figure) for figure in figures}
    lines = [
        (level, *(cell for figure in figures for cell in _signed(by[figure].get(level))))
        for level in dict.fromkeys(row.level for row in own)
    ]
    names = {_ALL: "EM drop", _KEPT: "HasAns EM", "NoAns_exact": "NoAns EM"}
    head = ("", *(cell for figure in figures for cell in (names[figure], "95 % interval")))
    odds = {row.figure: row for row in _of_breakdown(rows, NULL_ODDS)}
    told = [
        f"{words} {odds[figure].value:+.2f} {_interval(odds[figure], '+.2f')}"
        for figure, words in (
            ("HasAns_null_odds", "null odds rise on answerable"),
            ("NoAns_null_odds", "on unanswerable"),
            ("null_odds_gap", "the first less the second"),
        )
        if figure in odds
    ]
    return Grid("the no-answer threshold: drops in points", head, tuple(lines), "; ".join(told))


def _strata(rows: Sequence[Any]) -> Grid | None:
    own = [row for row in rows if row.breakdown not in _APART]
    lines: list[tuple[str, ...]] = []
    hidden = apart = 0
    tests: list[float] = []
    first = _SPAN if any(row.figure == _SPAN for row in own) else _KEPT
    shown = [row for row in own if row.figure == first]
    if not shown:
        return None
    for breakdown in dict.fromkeys(row.breakdown for row in shown):
        here = [row for row in shown if row.breakdown == breakdown and row.level != NONE]
        large = [row for row in here if row.questions >= LEAST]
        hidden += len(here) - len(large)
        rest, kept = (_by_level(rows, breakdown, figure) for figure in (first + AGAINST_REST, _KEPT))
        if not large or (len(here) == 1 and breakdown != VALID_ONLY):
            continue
        lines.append((breakdown,))
        for row in _largest(large):
            against = rest.get(row.level)
            if against is not None and against.low == against.low and breakdown != VALID_ONLY:
                tests.append(two_sided_p(against.value / _error(against), against.clusters - 1))
                apart += not against.low <= 0 <= against.high
            lines.append(
                (
                    row.level,
                    *_signed(row),
                    *_signed(against),
                    *_signed(kept.get(row.level)),
                    f"{row.questions:,}",
                )
            )
    left = sum(p <= 0.05 for p in benjamini_hochberg(tests))
    name = "span EM drop" if first == _SPAN else "EM drop"
    head = ("", name, "95 %", "vs rest", "95 %", "HasAns EM drop", "95 %", "questions")
    told = f"; {name} is that of the best span, null switched off" if first == _SPAN else ""
    note = (
        f"answerable questions{told}. Of {len(tests)} differences from the rest {apart} exclude 0; chance "
        f"alone gives about {len(tests) / 20:.0f}. Corrected by Benjamini and Hochberg, {left} do at 5 %."
    )
    if hidden:
        note += f" {hidden} levels under {LEAST} questions are in --json only."
    return Grid("where it fell, largest drop first", head, tuple(lines), note)


def _adjusted(rows: Sequence[Any]) -> Grid | None:
    own = _of_breakdown(rows, ADJUSTED)
    if not own:
        return None
    figures = [figure for figure in (_SPAN, _KEPT, _ALL) if figure in {row.figure for row in own}]
    by = {figure: _by_level(rows, ADJUSTED, figure) for figure in figures}
    lines = [
        (level, *(cell for figure in figures for cell in _signed(by[figure].get(level))))
        for level in dict.fromkeys(row.level for row in own if row.figure in figures)
    ]
    names = {_SPAN: "span EM drop", _KEPT: "HasAns EM drop", _ALL: "EM drop"}
    head = ("", *(cell for figure in figures for cell in (names[figure], "95 % interval")))
    shares = [
        f"{row.value:.0f} % {_share(row, '.0f')} of {row.questions} judged for {names[figure]}"
        for figure in figures
        for row in own
        if row.figure == f"{figure}_valid_share"
    ]
    return Grid("the drop on valid edits alone", head, tuple(lines), "valid: " + "; ".join(shares))


def _curve(rows: Sequence[Any], breakdown: str, title: str) -> Grid | None:
    own = _of_breakdown(rows, breakdown)
    levels = list(dict.fromkeys(row.level for row in own))
    named = list(dict.fromkeys(row.figure for row in own))
    if len(levels) < (3 if breakdown == WORST_OF else 2):  # one variant a question has no curve
        return None
    figures = [figure for figure in named if not figure.startswith(("exact", "HasAns_exact"))]
    figures = figures or named[:2]
    by = {figure: _by_level(rows, breakdown, figure) for figure in figures}
    lines = [
        (
            level,
            *(cell for figure in figures for cell in _plain(by[figure].get(level))),
            f"{max(by[f][level].questions for f in figures if level in by[f]):,}",
        )
        for level in levels
        if any(level in by[figure] for figure in figures)
    ]
    head = ("", *(cell for figure in figures for cell in (figure, "95 %")), "questions")
    return Grid(title, head, tuple(lines))


def _largest(rows: Sequence[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: -row.value)


def _of_breakdown(rows: Sequence[Any], breakdown: str) -> list[Any]:
    return [row for row in rows if row.breakdown == breakdown]


def _by_level(rows: Sequence[Any], breakdown: str, figure: str) -> dict[str, Any]:
    return {row.level: row for row in rows if row.breakdown == breakdown and row.figure == figure}


def _plain(row: Any) -> tuple[str, str]:
    return ("-", "-") if row is None else (f"{row.value:.1f}", _share(row))


def _signed(row: Any) -> tuple[str, str]:
    return ("-", "-") if row is None else (signed(row.value), _interval(row, "+.1f"))


def _share(row: Any, form: str = ".1f") -> str:
    return interval(as_share((row.low, row.high)) if row.low == row.low else None, form)


def _interval(row: Any, form: str = ".1f") -> str:
    return interval((row.low, row.high), form)
