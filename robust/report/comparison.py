"""A comparison as people and programs read it: grids, CSV, JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from robust.evaluation.compare import (
    CLEAN_DIFFERENCE,
    DROP,
    DROP_DIFFERENCE,
    Comparison,
)
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.evaluation.sets import MAIN
from robust.report.grid import Grid, grids
from robust.report.table import RISES, figure_name

if TYPE_CHECKING:
    import pandas as pd

NOTE = (
    "Points; intervals 95 %, clustered: by article (t, articles - 1 degrees of freedom) and by paragraph. "
    "p: two-sided, by flipping whole articles' signs (approximate randomisation); Holm: p corrected for "
    "all tests of its kind here ({families}). mid-p: McNemar's, of questions as if independent. Least seen: "
    "the true effect that such data would show with 80 % power."
)
SEEDS_NOTE = " Other seeds too: the interval with the spread over seeds added."


def comparison_grids(found: Comparison) -> list[Grid]:
    """Return two grids for each set and arm: the models one by one, and each pair of them."""
    parts = []
    for (name, arm), rows in _risen(found.rows).groupby(["set", "arm"], sort=False):
        label = f"{name}" if arm == MAIN else f"{name}, control arm {arm}"
        parts += [grid for grid in (_models(label, rows), _pairs(label, rows)) if grid]
    if parts:
        last = parts[-1]
        parts[-1] = Grid(last.title, last.head, last.rows, _note(found))
    return parts


def as_markdown(found: Comparison) -> str:
    """Return the grids and the notes as markdown."""
    notes = "".join(f"- {note}\n" for note in found.notes)
    return grids(comparison_grids(found), "markdown") + (f"\nNot compared:\n\n{notes}" if notes else "")


def as_latex(found: Comparison) -> str:
    r"""Return the grids as LaTeX tables, to be taken in with \input; they need booktabs and graphicx."""
    head = "% in the preamble: \\usepackage{booktabs,graphicx} \\usepackage[T1]{fontenc}\n"
    return head + grids(comparison_grids(found), "latex")


def as_csv(found: Comparison) -> str:
    """Return the rows as CSV: a head of the columns' names, empty cells where nothing is said."""
    return str(found.rows.to_csv(index=False, lineterminator="\n"))


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


def _models(label: str, rows: pd.DataFrame) -> Grid:
    """Return clean, perturbed and drop of every model, figure by figure."""
    wide = bool((rows["seeds"] > 1).any())
    paired = bool((rows["kind"] == DROP).any())
    of_seeds = ("other seeds too",) if wide else ()
    if paired:
        head = ("", "clean", "pert.", "drop", "by article", "by paragraph", *of_seeds)
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
                cells += [f"{level[PERTURBED]:.1f}", _signed(shown["value"])]
            cells += _intervals(shown, wide=wide, style="+.1f" if paired else ".1f")
            lines.append((str(model), *cells, *(_tests(shown, mid_p=True) if paired else ())))
    return Grid(f"{label}: each model", head, tuple(lines))


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
            cells = [f"{_signed(clean['value'])} {_interval(clean['low'], clean['high'])}"]
            cells += _tests(clean, mid_p=True)[:3]
            if paired:
                drops: Any = kind.loc[DROP_DIFFERENCE]
                cells += [_signed(drops["value"]), *_intervals(drops, wide=wide), *_tests(drops, mid_p=False)]
            lines.append((f"{model} - {other}", *cells))
    what = "differences of clean scores and of drops" if paired else "differences"
    return Grid(f"{label}: {what}, question by question", head, tuple(lines))


def _risen(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the drops of rates that rise (``RISES``) turned: "+" is worse everywhere."""
    turned = rows["figure"].isin(RISES) & rows["kind"].isin([DROP, DROP_DIFFERENCE])
    found = rows.copy()
    found.loc[turned, "value"] = -rows.loc[turned, "value"]
    for end in ("", "_paragraph", "_seeds"):
        for to, of in (("low", "high"), ("high", "low")):
            found.loc[turned, f"{to}{end}"] = -rows.loc[turned, f"{of}{end}"]
    return found


def _heading(figure: str, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{figure_name(figure)} ({first['questions']:,} questions, {first['clusters']} articles)"


def _note(found: Comparison) -> str:
    families = [str(name) for name in found.rows["family"].dropna().unique()]
    note = NOTE.format(families="; ".join(families) or "none")
    return note + (SEEDS_NOTE if (found.rows["seeds"] > 1).any() else "")


def _intervals(row: Any, *, wide: bool, style: str = "+.1f") -> list[str]:
    """Return the intervals by article and by paragraph, and for other seeds where any row has several."""
    ends = ["", "_paragraph", *(["_seeds"] if wide else [])]
    return [_interval(row[f"low{end}"], row[f"high{end}"], style) for end in ends]


def _tests(row: Any, *, mid_p: bool) -> list[str]:
    """Return p, corrected p, mid-p if asked for, and the least effect that would be seen."""
    least = "-" if _nothing(row["minimum_detectable"]) else f"{row['minimum_detectable']:.1f}"
    return [_p(row["p"]), _p(row["p_adjusted"]), *([_p(row["mid_p"])] if mid_p else []), least]


def _nothing(value: Any) -> bool:
    return value is None or math.isnan(value)


def _interval(low: Any, high: Any, style: str = "+.1f") -> str:
    if _nothing(low) or _nothing(high):
        return "-"
    return f"[{round(low, 1) + 0.0:{style}}, {round(high, 1) + 0.0:{style}}]"  # no "-0.0"


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}"


def _p(value: Any) -> str:
    if _nothing(value):
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"
