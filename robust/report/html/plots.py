"""Which plots a report has, and what is drawn in each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.breakdown.curves import BY_EDITS, WORST_OF
from robust.breakdown.flips import FLIPS
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.report.html.breakdowns import bounds
from robust.report.html.drawing import Drawing
from robust.report.html.figures import NARROW, Bar, Series, curve, drops, matrix
from robust.report.html.tables import ARMS, in_order
from robust.report.numbers import as_share
from robust.runs import Run
from robust.stats.wilson import wilson

if TYPE_CHECKING:
    import pandas as pd

_BANDS = 10
# a threshold beyond this is no odds: the reader always, or never, abstains (viewer.js has the same)
NEVER = 1e5
_FLIPS = {"HasAns": ("right", "wrong span", "abstained"), "NoAns": ("right", "answered")}
_HALVES = {"HasAns": "answerable questions", "NoAns": "unanswerable questions"}


# breakdown -> name of the plot, figure -> its line, the axis, the title, how many points make a curve
_CURVES: dict[str, tuple[str, dict[str, str], str, str, int]] = {
    BY_EDITS: (
        "edits",
        {
            "HasAns_span_exact_clean": "best span of answerable questions, clean",
            "HasAns_span_exact_perturbed": "best span, perturbed",
        },
        "words replaced in the question",
        "exact match by number of edits",
        2,
    ),
    WORST_OF: (
        "worst",
        {"HasAns_span_exact": "best span, answerable", "exact": "all questions"},
        "variants of which the worst counts (0: none)",
        "worst of k variants",
        3,
    ),
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with what is written under it; ``narrow`` is the same plot for a phone."""

    drawing: Drawing
    narrow: Drawing
    caption: str

    @property
    def svg(self) -> Any:
        """The plot as markup, its texts escaped."""
        from markupsafe import Markup

        return Markup(self.drawing.svg())

    @property
    def narrow_svg(self) -> Any:
        """The plot for a phone as markup."""
        from markupsafe import Markup

        return Markup(self.narrow.svg())


def _plot(draw: Callable[..., Drawing], caption: str, name: str, *what: Any, **how: Any) -> Plot:
    """Return a plot drawn for a page and for a phone."""
    return Plot(draw(name, *what, **how), draw(f"{name}-narrow", *what, **how, width=NARROW), caption)


def overview_plots(runs: Mapping[str, Run], names: Sequence[str]) -> tuple[Plot, ...]:
    """Return the drops of every reader on every set."""
    bars: list[Bar] = []
    figure = _headline_figure(
        [run.summary["sets"][n] for run in runs.values() for n in names if n in run.summary["sets"]]
    )
    for name in names:
        for series, (model, run) in enumerate(runs.items()):
            summary = run.summary["sets"].get(name, {})
            if figure in summary.get("drop", {}):
                bars.append(_bar(name, model, series, summary, figure))
    if not bars:
        return ()
    caption = "Points right of 0 are losses; the whiskers are 95 % intervals by article."
    return (_plot(drops, caption, "drops", "Drop on every set", bars, f"drop in {_said(figure)}, points"),)


def set_plots(
    anchor: str,
    name: str,
    summaries: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, pd.DataFrame],
    broken: Mapping[str, pd.DataFrame],
) -> tuple[Plot, ...]:
    """Return the plots of one set: arms, flips, edit curve, calibration; all that is given is by reader."""
    plots: list[Plot] = []
    bars: list[Bar] = []
    for model, summary in summaries.items():
        controls = summary.get("controls") or {"arms": {}}
        figure = _headline_figure(list(controls["arms"].values()))
        for series, arm in enumerate(in_order(controls["arms"])):
            found = controls["arms"][arm]
            bars.append(_bar(model, ARMS.get(arm, arm), min(series, 1), found, figure))
    if bars:
        plots.append(
            _plot(
                drops,
                "The same words of the same questions in every arm, with 95 % intervals by article.",
                f"{anchor}-arms",
                f"{name} beside its controls",
                bars,
                f"drop in {_said(figure)}, points",
            )
        )
    for i, (model, frame) in enumerate(broken.items()):
        for half, states in _FLIPS.items():
            if (counts := _flips(frame, half, states)) is not None:
                title = f"{model}: {_HALVES[half]}"
                plots.append(
                    _plot(
                        matrix,
                        "Rows: what the answer was before. Columns: what it is after, with the row’s share.",
                        f"{anchor}-flips-{i}-{half.lower()}",
                        title,
                        states,
                        counts,
                        "after the change",
                    )
                )
    plots += _curves(anchor, broken)
    bands_of = {model: _calibration(scored) for model, scored in rows.items()}
    reach = _reach([one for bands in bands_of.values() for one in bands])
    for i, (model, scored) in enumerate(rows.items()):
        if (bands := bands_of[model]) and (limit := _limit(scored)) is not None:
            dashed = "; the reader abstains right of the dashed line" if limit else ""
            plots.append(
                _plot(
                    curve,
                    "Unanswerable questions in each band of null odds, percent, with 95 % Wilson intervals. "
                    f"It should rise{dashed}.",
                    f"{anchor}-odds-{i}",
                    f"{model}: what its null odds mean",
                    bands,
                    "null odds, mean of a tenth of the questions",
                    "unanswerable questions in the tenth, percent",
                    verticals=limit,
                    reach=reach,
                )
            )
    return tuple(plots)


def _curves(anchor: str, broken: Mapping[str, pd.DataFrame]) -> list[Plot]:
    """Return exact match against the number of edits, and against the number of variants tried."""
    plots = []
    for breakdown, (name, figures, across, title, least) in _CURVES.items():
        found: dict[str, list[Series]] = {}
        for model, frame in broken.items():
            part = frame[(frame["arm"] == MAIN) & (frame["breakdown"] == breakdown)]
            series = [
                Series(label, points)
                for figure, label in figures.items()
                if len(points := _points(part[part["figure"] == figure])) > 1
            ]
            found[model] = series if max((len(s.points) for s in series), default=0) >= least else []
        reach = _reach([one for own in found.values() for one in own])
        for i, (model, series) in enumerate(found.items()):
            if series:
                plots.append(
                    _plot(
                        curve,
                        "Percent right, with 95 % intervals by article.",
                        f"{anchor}-{name}-{i}",
                        f"{model}: {title}",
                        series,
                        across,
                        "percent right",
                        whole=True,
                        reach=reach,
                    )
                )
    return plots


def _reach(series: Sequence[Series]) -> tuple[float, float]:
    """Return 0 and the highest percentage of any reader: one axis for plots side by side."""
    return 0.0, max((b for one in series for p in one.points for b in p[1:] if b is not None), default=100.0)


def _points(rows: pd.DataFrame) -> tuple[tuple[float, float, float | None, float | None], ...]:
    """Return (level, value, low, high) in percent, of levels that begin with a number: 1, 2, 4 or more."""
    found = []
    row: Any
    for row in rows.itertuples():
        if (begins := re.match(r"\d+", str(row.level))) is not None:
            low, high = as_share(bounds(row.low, row.high)) or (None, None)
            found.append((float(begins[0]), float(row.value), low, high))
    return tuple(sorted(found, key=lambda point: point[0]))


def _headline_figure(summaries: Sequence[Mapping[str, Any]]) -> str:
    """Return the figure that every summary has, best span first."""
    wanted = ("HasAns_span_exact", "HasAns_exact")
    return next((key for key in wanted if all(key in s.get("drop", {}) for s in summaries)), "exact")


def _said(figure: str) -> str:
    return {
        "HasAns_span_exact": "right best spans of answerable questions",
        "HasAns_exact": "right answers to answerable questions",
    }.get(figure, "exact match")


def _bar(group: str, label: str, series: int, summary: Mapping[str, Any], figure: str) -> Bar:
    low, high = summary["drop_interval"].get(figure) or (None, None)
    return Bar(group, label, series, summary["drop"][figure], low, high)


def _flips(frame: pd.DataFrame, half: str, states: Sequence[str]) -> list[list[int]] | None:
    own = frame[(frame["arm"] == MAIN) & (frame["breakdown"] == FLIPS) & (frame["figure"] == f"{half}_share")]
    if own.empty:
        return None
    counts = dict(zip(own["level"], own["value"] / 100 * own["questions"], strict=True))
    return [[round(counts.get(f"{was} -> {became}", 0)) for became in states] for was in states]


def _calibration(rows: pd.DataFrame) -> list[Series]:
    """Return the share of unanswerable questions by band of null odds, clean and perturbed."""
    found = []
    own = rows[(rows["arm"] == MAIN) & (rows["seed"] == rows["seed"].min())]
    for condition in (CLEAN, PERTURBED):
        part = own[own["condition"] == condition]
        odds = part["null_odds"].to_numpy(dtype=np.float64)
        refused = ~part["answerable"].to_numpy(dtype=bool)
        if len(odds) < 2 * _BANDS or np.isnan(odds).any() or refused.all() or not refused.any():
            continue
        order = np.argsort(odds, kind="stable")
        points = []
        for band in np.array_split(order, _BANDS):
            low, high = wilson(int(refused[band].sum()), len(band))
            points.append(
                (float(odds[band].mean()), 100 * float(refused[band].mean()), 100 * low, 100 * high)
            )
        found.append(Series(condition, tuple(points)))
    return found


def _limit(rows: pd.DataFrame) -> list[tuple[float, str]] | None:
    """Return the threshold as a dashed line, none where it is beyond all odds; None without one."""
    limits = rows["threshold"].dropna()
    if limits.empty:
        return None
    if limits.abs().max() > NEVER:
        return []
    low, high = float(limits.min()), float(limits.max())
    label = "threshold" if low == high else "threshold, mean of folds"
    return [(float(limits.mean()), label)]
