"""The tables of the report as plain text in cells, ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from robust.evaluation.paired import by_question, difference, select
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.report.numbers import as_share
from robust.report.table import SHARE_NAMES
from robust.stats.clustered import clustered_mean

if TYPE_CHECKING:
    import pandas as pd

# heading -> (figure, label, what it means)
_GROUPS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "All questions": (
        ("exact", "exact match", ""),
        ("f1", "F1", ""),
    ),
    "Answerable (HasAns)": (
        ("HasAns_exact", "exact match", "right span, and not held back"),
        ("HasAns_f1", "F1", ""),
        ("HasAns_wrong", "wrong span, rise", "answered with a span that is none of the gold answers"),
        ("HasAns_abstained", "abstained, rise", "answered with “no answer”"),
        ("HasAns_span_exact", "best span, exact match", "abstaining switched off: no threshold moves it"),
        ("HasAns_span_f1", "best span, F1", ""),
    ),
    "Unanswerable (NoAns)": (("NoAns_exact", "abstained, which is right", ""),),
    "Oracle threshold: a bound, not a result": (
        ("best_exact", "exact match", "the threshold that is best for these very questions"),
        ("best_f1", "F1", ""),
    ),
}
# shown as perturbed minus clean, so that a plus is a worse reader in every line
RISES = frozenset({"HasAns_wrong", "HasAns_abstained"})
ARMS = {
    "main": "the set itself",
    "identity": "identity: nothing changed",
    "first-sense": "synonym of the first sense",
    "random-sense": "synonym of a random sense",
    "non-synonym": "unrelated word, as frequent",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its label, what it means, and its cells."""

    label: str
    hint: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a heading of their own (empty: none)."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its caption, the headings of its columns, its blocks; ``words``: its cells are text."""

    caption: str
    columns: tuple[str, ...]
    blocks: tuple[Block, ...]
    words: bool = False
    note: str = ""


def number(value: float | None, form: str = ".1f") -> str:
    """Return a figure as text with a true minus sign; a dash where there is none."""
    if value is None or isnan(value):
        return "–"
    text = format(0.0 + round(value, 6), form)
    return (text if text.strip("+-0.") else text.lstrip("+-")).replace("-", "−")


def interval(bounds: Sequence[float] | None, form: str = "+.1f") -> str:
    """Return an interval as text; a dash where it is unknown."""
    return "–" if bounds is None else f"{number(bounds[0], form)} to {number(bounds[1], form)}"


def main_table(caption: str, summary: Mapping[str, Any], wrong: Mapping[str, Any] | None) -> Table:
    """Return clean, perturbed and change with both intervals, under ``caption``.

    ``wrong`` is what ``wrong_spans`` says.
    """
    seeds = summary.get("seeds")
    columns = ["figure", "clean", "perturbed", "drop", "95 % by article", "95 % by paragraph"]
    columns += ["sd of seeds", "other seeds too"] if seeds else []
    blocks = []
    for heading, figures in _GROUPS.items():
        lines = []
        for key, label, hint in figures:
            found = wrong if key == "HasAns_wrong" else _figure(summary, key)
            if found is None:
                continue
            sign = -1 if key in RISES else 1
            cells = [
                number(found["clean"]),
                number(found["perturbed"]),
                number(sign * found["drop"], "+.1f"),
                interval(turned(found["article"], sign)),
                interval(turned(found["paragraph"], sign)),
            ]
            if seeds:
                cells.append(number(seeds["sd"]["drop"].get(key)))
                cells.append(interval(turned(seeds["interval"].get(key), sign)))
            lines.append(Line(label, hint, tuple(cells)))
        if lines:
            blocks.append(Block(heading, tuple(lines)))
    if worst := summary.get("worst"):
        rest = ("–",) * (len(columns) - 3)
        hint = "the worst of a question and its variants"
        said = Line("exact match", hint, ("–", number(worst["exact"]), *rest))
        blocks.append(Block("Worst case (Jia & Liang 2017)", (said,)))
    return Table(caption, tuple(columns), tuple(blocks))


def _figure(summary: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    if key not in summary["drop"]:
        return None
    return {
        "clean": summary["original"][key],
        "perturbed": summary["perturbed"][key],
        "drop": summary["drop"][key],
        "article": summary.get("drop_interval", {}).get(key),
        "paragraph": summary.get("drop_interval_paragraph", {}).get(key),
    }


def wrong_spans(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Return clean, perturbed and drop of the share of answerable questions with a wrong span, in percent.

    ``rows`` are those of one set and model; None where no question is answerable. With its 95 % intervals by
    ``article`` and ``paragraph``.
    """
    own = rows[rows["arm"] == MAIN]
    clean, perturbed = (by_question(own[own["condition"] == one]) for one in (CLEAN, PERTURBED))
    drops = select(difference(clean, perturbed), "HasAns")
    if drops.empty:
        return None
    values = -100 * (drops["em"] + drops["abstained"]).to_numpy(dtype=float)
    shares = [select(one, "HasAns") for one in (clean, perturbed)]
    before, after = (100 * float((1 - one["em"] - one["abstained"]).mean()) for one in shares)
    bounds = {}
    for name, column in (("article", "article"), ("paragraph", "paragraph_id")):
        found = clustered_mean(values, drops[column].tolist())
        bounds[name] = None if found.low is None or found.high is None else [found.low, found.high]
    return {"clean": before, "perturbed": after, "drop": before - after} | bounds


def in_order(arms: Iterable[str]) -> list[str]:
    """Return arms in the order in which they are shown: the set itself first."""
    order = list(ARMS)
    return sorted(arms, key=lambda arm: (order.index(arm) if arm in order else len(order), arm))


def control_table(model: str, controls: Mapping[str, Any]) -> Table:
    """Return the set and its control arms on the questions that all of them rewrite."""
    columns = ("arm", "clean EM", "perturbed EM", "EM drop", "95 % by article", "F1 drop", "best span drop")
    lines = []
    for name in in_order(controls["arms"]):
        arm = controls["arms"][name]
        drop = arm["drop"]
        cells = (
            number(arm["original"]["exact"]),
            number(arm["perturbed"]["exact"]),
            number(drop["exact"], "+.1f"),
            interval(arm["drop_interval"].get("exact")),
            number(drop["f1"], "+.1f"),
            number(drop.get("HasAns_span_exact"), "+.1f"),
            interval(arm["drop_interval"].get("HasAns_span_exact")),
        )
        lines.append(Line(ARMS.get(name, name.replace("-", " ")), "", cells))
    caption = f"{model}, on the {controls['questions']:,} questions that every arm rewrites"
    return Table(caption, (*columns, "95 % by article"), (Block("", tuple(lines)),))


def changed_table(caption: str, summary: Mapping[str, Any]) -> Table:
    """Return what a reader does on a set that asks for something else, under ``caption``."""
    lines = [
        Line(label, "", (number(summary["changed"][key]), interval(as_share(bounds), ".1f")))
        for key, label in SHARE_NAMES.items()
        if key in summary["changed"]
        for bounds in (summary["changed_interval"].get(key),)
    ]
    heading = f"of {summary['right']:,} right when clean"
    return Table(caption, ("it", "share", "95 % by article"), (Block(heading, tuple(lines)),))


def plain_table(caption: str, summary: Mapping[str, Any]) -> Table:
    """Return the official scores of a plain data file, under ``caption``."""
    blocks = []
    for heading, figures in _GROUPS.items():
        lines = [
            Line(
                label.removesuffix(", rise"), hint, (number(summary[key]), interval(as_share(bounds), ".1f"))
            )
            for key, label, hint in figures
            if key in summary
            for bounds in (summary.get("interval", {}).get(key),)
        ]
        if lines:
            blocks.append(Block(heading, tuple(lines)))
    return Table(caption, ("figure", "score", "95 % by article"), tuple(blocks))


def turned(bounds: Sequence[float] | None, sign: int) -> Sequence[float] | None:
    """Return an interval as it is, or of a negative ``sign`` that of the rise where it was of the drop."""
    return bounds if bounds is None or sign > 0 else (0.0 - bounds[1], 0.0 - bounds[0])
