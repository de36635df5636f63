"""The terminal tables of a run, made from its summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from robust.report.numbers import as_share, interval, signed

# figure -> how the table calls it
_NAMES = {
    "exact": "EM",
    "f1": "F1",
    "HasAns_exact": "HasAns EM",
    "HasAns_f1": "HasAns F1",
    "NoAns_exact": "NoAns EM",
    "NoAns_f1": "NoAns F1",
    "HasAns_abstained": "HasAns abstained",
    "HasAns_span_exact": "HasAns EM, span only",
    "HasAns_span_f1": "HasAns F1, span only",
    "best_exact": "EM, oracle threshold",
    "best_f1": "F1, oracle threshold",
}
# Shown as a rise, perturbed minus clean, here and beside the controls: "+" is worse, as in a drop.
RISES = {"HasAns_abstained"}
# where several seeds were trained: their standard deviation, and the interval for other seeds as well
_SEED_COLUMNS = ("sd of seeds", "other seeds too")
_ARM_NAMES = {"main": "the set"}


def figure_name(figure: str) -> str:
    """Return what tables call a figure; of one whose drop they show as a rise, that too."""
    return _NAMES.get(figure, figure) + (", rise" if figure in RISES else "")


def set_table(name: str, summary: Mapping[str, Any], heading: str = "") -> RenderableType:
    """Return the tables of one set: clean, perturbed, drop with its interval; controls below."""
    if "changed" in summary:
        return Group(*_lines(name, summary, heading), *_changed(summary))
    if "original" not in summary:
        return Group(*_lines(name, summary, heading), _plain(summary))
    parts: list[RenderableType] = [*_lines(name, summary, heading), _paired(summary)]
    if worst := summary.get("worst"):
        parts.append(
            Text(f"worst of a question and its variants: EM {worst['exact']:.1f}, F1 {worst['f1']:.1f}")
        )
    if controls := summary.get("controls"):
        parts += [Text(""), _controls(controls)]
    return Group(*parts)


def _lines(name: str, summary: Mapping[str, Any], heading: str) -> list[Text]:
    if "original" in summary or "changed" in summary:
        count = f"{summary['questions']:,} questions in {summary['articles']} articles"
        if summary["variants"] != summary["questions"]:
            count += f", {summary['variants']:,} variants"
        if (coverage := summary.get("coverage")) is not None:
            count += f" ({100 * coverage:.1f} % of the {summary['asked']:,} asked)"
    else:
        count = f"{summary['total']:,} questions"
    lines = [Text(f"{name}: {count}", style="bold")]
    return lines + ([Text(heading)] if heading else [])


# share of ``robust.evaluation.changed`` -> how tables call it
SHARE_NAMES = {
    "kept": "keeps the old answer",
    "abstained": "abstains",
    "other": "gives another answer",
    "span_kept": "keeps the old answer, span only",
    "span_other": "gives another answer, span only",
}
EXPECTED = {"abstain": "to abstain", "other": "another answer"}


def _changed(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return what a reader does where something else is asked; there is no drop to speak of."""
    table = _new("", "share", "95 % interval")
    shares = summary["changed"]
    for key, label in SHARE_NAMES.items():
        if key in shares:
            bounds = as_share(summary["changed_interval"].get(key))
            table.add_row(label, f"{shares[key]:.1f}", interval(bounds, ".1f"))
    said = (
        f"these questions ask for something else; right is {EXPECTED[summary['expected']]}. Of the "
        f"{summary['right']:,} that it got right when clean\n(EM {summary['clean_exact']:.1f}; span only: "
        f"{summary['span_right']:,}), percent; keeping the old answer is wrong, lower is better:"
    )
    return [Text(said), table]


def _plain(summary: Mapping[str, Any]) -> Table:
    seeds = summary.get("seeds")
    table = _new("", "score", "95 % interval", *(_SEED_COLUMNS if seeds else ()))
    for key, label in _NAMES.items():
        if key in summary:
            spread = _spread(seeds["sd"], seeds["interval"].get(key), key, ".1f") if seeds else ()
            bounds = interval(summary.get("interval", {}).get(key), ".1f")
            table.add_row(label, f"{summary[key]:.2f}", bounds, *spread)
    return table


def _paired(summary: Mapping[str, Any]) -> Table:
    seeds = summary.get("seeds")
    table = _new("", "clean", "perturbed", "drop", "95 % interval", *(_SEED_COLUMNS if seeds else ()))
    before, after, drop = summary["original"], summary["perturbed"], summary["drop"]
    intervals = summary.get("drop_interval", {})
    for key, label in _NAMES.items():
        if key in drop:
            name, change, bounds = label, drop[key], intervals.get(key)
            wider = seeds["interval"].get(key) if seeds else None
            if key in RISES:
                name, change = f"{label}, rise", -change
                bounds, wider = _turned(bounds), _turned(wider)
            spread = _spread(seeds["sd"]["drop"], wider, key, "+.1f") if seeds else ()
            row = (f"{before[key]:.1f}", f"{after[key]:.1f}", signed(change), interval(bounds, "+.1f"))
            table.add_row(name, *row, *spread)
    return table


def _controls(controls: Mapping[str, Any]) -> RenderableType:
    if not controls["arms"]:
        return Text("controls: no question is in every arm; nothing to compare")
    title = Text(
        f"beside its controls, on the {controls['questions']:,} questions that all arms rewrite: EM before "
        "and after,\ndrops, EM drop on answerable questions, rise of their abstention rate"
    )
    table = _new("", "clean", "pert.", "EM drop", "95 % interval", "F1 drop", "HasAns", "abst.")
    for name, arm in controls["arms"].items():
        drop = arm["drop"]
        table.add_row(
            Text(_ARM_NAMES.get(name, name)),
            f"{arm['original']['exact']:.1f}",
            f"{arm['perturbed']['exact']:.1f}",
            signed(drop["exact"]),
            interval(arm["drop_interval"].get("exact"), "+.1f"),
            signed(drop["f1"]),
            signed(drop.get("HasAns_exact")),
            signed(-drop["HasAns_abstained"] if "HasAns_abstained" in drop else None),
        )
    return Group(title, table)


def _new(first: str, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _spread(
    deviations: Mapping[str, float], bounds: list[float] | None, key: str, style: str
) -> tuple[str, str]:
    """Return the cells of ``_SEED_COLUMNS``."""
    return f"{deviations[key]:.1f}", interval(bounds, style)


def _turned(bounds: list[float] | None) -> list[float] | None:
    return [-bound for bound in reversed(bounds)] if bounds else None
