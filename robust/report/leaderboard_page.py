"""The leaderboard as people read it: grids for terminal and markdown, one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from robust.report.grid import Grid
from robust.report.leaderboard import Entry
from robust.report.numbers import interval, number, signed
from robust.report.ranks import RULE, Standing, figure_ranked, groups, interval_of, least_seen, standings
from robust.report.table import figure_name
from robust.stats.clustered import mean_of_sums

_HEAD = ("model", "rank", "clean", "pert.", "drop", "by article", "least seen", "abstains", "")
_LEAST = "Least seen: the true drop that such data would show with 80 % power."
_WIDTH = 160  # of an interval's picture, in pixels


def leaderboard_grids(entries: Sequence[Entry], *, seed: int = 0) -> list[Grid]:
    """Return a grid for each set (and each choice of its questions), the rule of the ranks below the last."""
    found = groups(entries)
    return [
        Grid(
            _title(group),
            _HEAD,
            tuple(
                (one.entry.model, *_cells(one, figure_ranked(group)), _note(one))
                for one in standings(group, seed=seed)
            ),
            f"Points; intervals 95 %. {_LEAST} {RULE}" if group is found[-1] else "",
        )
        for group in found
    ]


def leaderboard_html(entries: Sequence[Entry], title: str = "Leaderboard", *, seed: int = 0) -> str:
    """Return one HTML page with every set's table, intervals drawn; all text of the entries is escaped."""
    style = (files("robust.report") / "leaderboard.css").read_text(encoding="utf-8")
    tables = "\n".join(_table(group, seed) for group in groups(entries))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n<p>How far readers fall when questions are asked in other words. Scores "
        "are percentages, drops are points (clean minus perturbed), intervals 95 %.</p>\n"
        f"{tables}\n<h2>Ranks</h2>\n<p>{escape(f'{RULE} {_LEAST}')}</p>\n</main>\n</body>\n</html>\n"
    )


def _title(group: Sequence[Entry]) -> str:
    first, figure = group[0], figure_ranked(group)
    articles = len(first.figures[figure].questions)
    used = sum(first.figures[figure].questions.values())
    return (
        f"{first.set}: {figure_name(figure)}, {used:,} of {first.questions:,} questions, {articles} articles"
    )


def _cells(standing: Standing, figure: str) -> tuple[str, ...]:
    entry, sums = standing.entry, standing.entry.figures[figure]
    drop = mean_of_sums(sums.drop())
    return (
        "-" if standing.rank is None else str(standing.rank),
        f"{sums.score():.1f}",
        f"{sums.score(perturbed=True):.1f}",
        signed(drop.mean),
        interval(interval_of(drop)),
        number(least_seen(drop)),
        "-" if entry.abstained is None else f"{entry.abstained:.0f} %",
    )


def _note(standing: Standing) -> str:
    seeds = f"mean of {standing.entry.seeds} seeds" if standing.entry.seeds > 1 else ""
    return "; ".join(said for said in (standing.floor, seeds) if said)


def _table(group: Sequence[Entry], seed: int) -> str:
    figure = figure_ranked(group)
    drops = [mean_of_sums(entry.figures[figure].drop()) for entry in group]
    ends = [end for drop in drops for end in interval_of(drop) or [drop.mean]]
    low, high = min(0.0, *ends), max(1.0, *ends)
    head = "".join(
        f'<th scope="col">{escape(name)}</th>' for name in (*_HEAD[:5], "95 %", *_HEAD[5:-1], "note")
    )
    lines = []
    for one in standings(group, seed=seed):
        cells = list(_cells(one, figure))
        cells = [f"<td>{escape(cell)}</td>" for cell in cells]
        cells.insert(4, f"<td>{_picture(one.entry, figure, low, high)}</td>")
        note = f'<td class="floor">{escape(_note(one))}</td>'
        lines.append(f'<tr><th scope="row">{escape(one.entry.model)}</th>{"".join(cells)}{note}</tr>')
    return (
        f'<div class="wide"><table>\n<caption>{escape(_title(group))}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(lines) + "\n</tbody>\n</table></div>"
    )


def _picture(entry: Entry, figure: str, low: float, high: float) -> str:
    """Return the drop and its interval by article as a small drawing; its text is the interval's."""
    found = mean_of_sums(entry.figures[figure].drop())
    drop, bounds = found.mean, interval_of(found)
    start, end = bounds or (drop, drop)

    def place(value: float) -> str:
        return f"{4 + (_WIDTH - 8) * (value - low) / (high - low):.1f}"

    return (
        f'<svg width="{_WIDTH}" height="16" role="img" aria-label="drop {signed(drop)}, {interval(bounds)}">'
        f'<line class="zero" x1="{place(0)}" x2="{place(0)}" y1="0" y2="16"/>'
        f'<line x1="{place(start)}" x2="{place(end)}" y1="8" y2="8"/>'
        f'<circle cx="{place(drop)}" cy="8" r="3.5"/></svg>'
    )
