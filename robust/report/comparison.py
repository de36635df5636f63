"""A comparison as people and programs read it: grids, CSV, JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from robust.evaluation.changed import SHARE, SHARE_DIFFERENCE
from robust.evaluation.compare import (
    CLEAN_DIFFERENCE,
    DROP,
    DROP_DIFFERENCE,
    FLIPS,
    STUDENT,
    Comparison,
)
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.inert import csv_cell
from robust.report.grid import Grid, escaped, grids
from robust.report.numbers import as_share, interval, number, signed
from robust.report.table import RISES, SHARE_NAMES, figure_name

if TYPE_CHECKING:
    import pandas as pd

NOTE = (
    "Points; intervals 95 %, clustered: by article (t, articles - 1 degrees of freedom; beside it the "
    "bootstrap-t) and by paragraph (t). p: two-sided, {test}; Holm: p corrected for "
    "all tests of its kind here ({families}). mid-p: McNemar's, of questions as if independent. Least seen: "
    "the true effect that such data would show with 80 % power."
)
_TESTS = {
    FLIPS: "by flipping whole articles' signs (approximate randomisation)",
    STUDENT: "Student's t by article, as sign flips can show nothing among so many tests",
}
_MARK = " (!)"
SEEDS_NOTE = " Other seeds too: the interval with the spread over seeds added."


def comparison_grids(found: Comparison) -> list[Grid]:
    """Return two grids for each set and arm: the models one by one, and each pair of them."""
    parts = []
    for (name, arm), rows in _risen(found.rows).groupby(["set", "arm"], sort=False):
        label = f"{name}" if arm == MAIN else f"{name}, control arm {arm}"
        if (rows["kind"] == SHARE).any():
            parts += [grid for grid in (_shares(label, rows), _share_pairs(label, rows)) if grid]
            continue
        floors = {model: why for (of, model), why in found.floors.items() if of == name}
        parts += [grid for grid in (_models(label, rows, floors), _pairs(label, rows)) if grid]
    if parts:
        last = parts[-1]
        parts[-1] = replace(last, note=" ".join(said for said in (last.note, _note(found)) if said))
    return parts


def as_markdown(found: Comparison) -> str:
    """Return the grids and the notes as markdown."""
    notes = "".join(f"- {escaped(note)}\n" for note in found.notes)
    return grids(comparison_grids(found), "markdown") + (f"\nNotes:\n\n{notes}" if notes else "")


def as_latex(found: Comparison) -> str:
    r"""Return the grids as LaTeX tables, to be taken in with \input; they need booktabs and graphicx."""
    head = "% in the preamble: \\usepackage{booktabs,graphicx} \\usepackage[T1]{fontenc}\n"
    return head + grids(comparison_grids(found), "latex")


def as_csv(found: Comparison) -> str:
    """Return the rows as CSV: a head of the columns' names, empty cells where nothing is said."""
    named = found.rows.map(lambda cell: csv_cell(cell) if isinstance(cell, str) else cell)
    return str(named.to_csv(index=False, lineterminator="\n"))


def as_json(found: Comparison) -> str:
    """Return the comparison as one JSON object (``Comparison.to_json``)."""
    return json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


# format -> how it is written; the ending of a file that chooses it
FORMATS: dict[str, Callable[[Comparison], str]] = {
    "markdown": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "latex": as_latex,
}
ENDINGS = {".md": "markdown", ".csv": "csv", ".json": "json", ".tex": "latex"}


def _models(label: str, rows: pd.DataFrame, floors: Mapping[str, str]) -> Grid:
    """Return clean, perturbed and drop of every model, figure by figure; those of ``floors`` marked."""
    wide = bool((rows["seeds"] > 1).any())
    paired = bool((rows["kind"] == DROP).any())
    of_seeds = ("other seeds too",) if wide else ()
    if paired:
        resampled = bool(rows["low_bootstrap"].notna().any())
        more = ("bootstrap",) if resampled else ()
        head = ("", "clean", "pert.", "drop", "by article", *more, "by paragraph", *of_seeds)
        head += ("p", "Holm", "mid-p", "least seen")
    else:
        head = ("", "score", "by article", "by paragraph", *of_seeds)
    lines: list[tuple[str, ...]] = []
    for figure, of_figure in rows[rows["other"] == ""].groupby("figure", sort=False):
        lines.append((_heading(str(figure), of_figure),))
        for model, own in of_figure.groupby("model", sort=False):
            kind = own.set_index("kind")
            shown: Any = kind.loc[DROP] if paired else kind.loc[CLEAN]
            level: Any = kind["value"]
            cells = [f"{level[CLEAN]:.1f}"]
            if paired:
                cells += [f"{level[PERTURBED]:.1f}", signed(shown["value"])]
            form = "+.1f" if paired else ".1f"
            cells += _intervals(shown, wide=wide, form=form, resampled=paired and resampled)
            mark = _MARK if model in floors else ""
            lines.append((f"{model}{mark}", *cells, *(_tests(shown, mid_p=True) if paired else ())))
    told = "; ".join(f"{model} {why}" for model, why in floors.items())
    note = f"{_MARK.strip()} its drop says nothing, as it has nothing to lose: {told}." if told else ""
    return Grid(f"{label}: each model", head, tuple(lines), note)


def _pairs(label: str, rows: pd.DataFrame) -> Grid | None:
    """Return the differences of every pair of models, figure by figure; None of a model alone."""
    pairs = rows[rows["other"] != ""]
    if not len(pairs):
        return None
    wide = bool((pairs["seeds"] > 1).any())
    paired = bool((pairs["kind"] == DROP_DIFFERENCE).any())
    head = ("", "clean", "p", "Holm", "mid-p")
    if paired:
        of_seeds = ("other seeds too",) if wide else ()
        head += ("drops", "by article", "by paragraph", *of_seeds, "p", "Holm", "least seen")
    lines: list[tuple[str, ...]] = []
    for figure, of_figure in pairs.groupby("figure", sort=False):
        lines.append((figure_name(str(figure)),))
        for (model, other), own in of_figure.groupby(["model", "other"], sort=False):
            kind = own.set_index("kind")
            clean: Any = kind.loc[CLEAN_DIFFERENCE]
            cells = [f"{signed(clean['value'])} {interval((clean['low'], clean['high']))}"]
            cells += _tests(clean, mid_p=True)[:3]
            if paired:
                drops: Any = kind.loc[DROP_DIFFERENCE]
                cells += [signed(drops["value"]), *_intervals(drops, wide=wide), *_tests(drops, mid_p=False)]
            lines.append((f"{model} - {other}", *cells))
    what = "differences of clean scores and of drops" if paired else "differences"
    return Grid(f"{label}: {what}, question by question", head, tuple(lines))


def _shares(label: str, rows: pd.DataFrame) -> Grid:
    """Return what each model does where something else is asked; such sets have no drop."""
    wide = bool((rows["seeds"] > 1).any())
    lines: list[tuple[str, ...]] = []
    for figure, of_figure in rows[rows["kind"] == SHARE].groupby("figure", sort=False):
        lines.append((SHARE_NAMES[str(figure)],))
        for _, row in of_figure.iterrows():
            ends = [as_share((row[f"low{end}"], row[f"high{end}"])) for end in ("", "_paragraph")]
            cells = [f"{row['value']:.1f}", *(interval(b, ".1f") for b in ends), f"{row['questions']:,}"]
            lines.append((str(row["model"]), *cells))
    note = (
        f"{label} asks for something else than the clean questions: of those that a model got right when "
        "clean, percent. Keeping the old answer is wrong: lower is better."
    )
    note += " Means over seeds." if wide else ""
    head = ("", "share", "by article", "by paragraph", "questions")
    return Grid(f"{label}: where something else is asked", head, tuple(lines), note)


def _share_pairs(label: str, rows: pd.DataFrame) -> Grid | None:
    """Return the differences of every pair of models; None of a model alone."""
    pairs = rows[rows["kind"] == SHARE_DIFFERENCE]
    if not len(pairs):
        return None
    lines: list[tuple[str, ...]] = []
    for figure, of_figure in pairs.groupby("figure", sort=False):
        lines.append((SHARE_NAMES[str(figure)],))
        for _, row in of_figure.iterrows():
            cells = [signed(row["value"]), *_intervals(row, wide=False), *_tests(row, mid_p=False)]
            lines.append((f"{row['model']} - {row['other']}", *cells, f"{row['questions']:,}"))
    head = ("", "difference", "by article", "by paragraph", "p", "Holm", "least seen", "questions")
    return Grid(f"{label}: differences, on questions that both got right when clean", head, tuple(lines))


def _risen(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the drops of rates that rise (``RISES``) turned: "+" is worse everywhere."""
    turned = rows["figure"].isin(RISES) & rows["kind"].isin([DROP, DROP_DIFFERENCE])
    found = rows.copy()
    found.loc[turned, "value"] = -rows.loc[turned, "value"]
    for end in ("", "_bootstrap", "_paragraph", "_seeds"):
        for to, of in (("low", "high"), ("high", "low")):
            found.loc[turned, f"{to}{end}"] = -rows.loc[turned, f"{of}{end}"]
    return found


def _heading(figure: str, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{figure_name(figure)} ({first['questions']:,} questions, {first['clusters']} articles)"


def _note(found: Comparison) -> str:
    families = [str(name) for name in found.rows["family"].dropna().unique()]
    note = NOTE.format(test=_TESTS[found.test], families="; ".join(families) or "none")
    return note + (SEEDS_NOTE if (found.rows["seeds"] > 1).any() else "")


def _intervals(row: Any, *, wide: bool, form: str = "+.1f", resampled: bool = False) -> list[str]:
    """Return the intervals by article and by paragraph, and for other seeds where any row has several."""
    ends = ["", *(["_bootstrap"] if resampled else []), "_paragraph", *(["_seeds"] if wide else [])]
    return [interval((row[f"low{end}"], row[f"high{end}"]), form) for end in ends]


def _tests(row: Any, *, mid_p: bool) -> list[str]:
    """Return p, corrected p, mid-p if asked for, and the least effect that would be seen."""
    least = number(row["minimum_detectable"])
    return [_p(row["p"]), _p(row["p_adjusted"]), *([_p(row["mid_p"])] if mid_p else []), least]


def _nothing(value: Any) -> bool:
    return value is None or math.isnan(value)


def _p(value: Any) -> str:
    if _nothing(value):
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
