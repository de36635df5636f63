"""A table that can be shown on a terminal, as markdown and as LaTeX: the same cells everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from robust.inert import visible

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
# figures, signs and the brackets of intervals: no letters, nothing that markdown could read as its own
_FIGURE = re.compile(r"[\d .,+−–%→-]*(?:\[[\d .,+−–-]*\])?")
# as wide as it is, or as the text where it is wider
_FITTING = r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}{"


@dataclass(frozen=True, slots=True)
class Grid:
    """A title, the columns' heads, and rows of cells as they are shown; a row of one cell heads those below.

    The first column is text and stands to the left; the others are figures, to the right. ``note`` says
    below the table what its figures are.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def terminal(grid: Grid) -> RenderableType:
    """Return the grid for a rich console."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(grid.head[0], overflow="fold")
    for name in grid.head[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in grid.rows:
        heads = len(row) == 1 < len(grid.head)
        first = Text(row[0], style="bold") if heads else Text(f"  {row[0]}" if _indented(grid) else row[0])
        table.add_row(first, *(Text(cell) for cell in row[1:]))
    below = [Text(grid.note, style="dim")] if grid.note else []
    return Group(Text(grid.title, style="bold"), table, *below)


def markdown(grid: Grid) -> str:
    """Return the grid as a markdown section: heading, table, note."""
    lines = [
        "| " + " | ".join(map(escaped, grid.head)) + " |",
        "|---" + "|---:" * (len(grid.head) - 1) + "|",
    ]
    for row in grid.rows:
        cells = [escaped(row[0]), *map(_cell, row[1:])]
        if len(row) == 1 < len(grid.head):
            cells = [f"**{cells[0]}**", *[""] * (len(grid.head) - 1)]
        lines.append("| " + " | ".join(cells) + " |")
    parts = [f"### {escaped(grid.title)}", "\n".join(lines), escaped(grid.note)]
    return "\n\n".join(part for part in parts if part) + "\n"


def latex(grid: Grid) -> str:
    """Return the grid as a LaTeX table; its document needs the packages booktabs and graphicx."""
    columns = len(grid.head)
    lines = [
        r"\begin{table}",
        r"\centering\footnotesize",
        rf"\caption{{{_latex(grid.title)}}}",
        _FITTING + "%",
        rf"\begin{{tabular}}{{l{'r' * (columns - 1)}}}",
        r"\toprule",
        " & ".join(map(_latex, grid.head)) + r" \\",
        r"\midrule",
    ]
    for row in grid.rows:
        if len(row) == 1 < columns:
            lines.append(rf"\multicolumn{{{columns}}}{{l}}{{\textbf{{{_latex(row[0])}}}}} \\")
        else:
            # a cell that begins with a bracket would be taken for the argument of the line break before it
            lines.append(
                " & ".join(f"{{{cell}}}" if cell.startswith("[") else cell for cell in map(_latex, row))
                + r" \\"
            )
    lines += [r"\bottomrule", r"\end{tabular}}"]
    if grid.note:
        lines += ["", rf"\smallskip {_latex(grid.note)}\par"]
    return "\n".join([*lines, r"\end{table}", ""])


def _indented(grid: Grid) -> bool:
    return any(len(row) == 1 for row in grid.rows)


def escaped(text: str) -> str:
    """Return text that markdown shows as it is, in one line: names may hold anything.

    No entity, no link (a bare address stays one, as its readers see it), no HTML, nothing that steers a
    terminal.
    """
    return re.sub(r"([\\`*_|<>\[\]#~&])", r"\\\1", visible(" ".join(text.split())))


def code_span(text: str) -> str:
    """Return text as code in markdown, whatever backticks are in it."""
    plain = visible(" ".join(text.split()))
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    room = " " if "`" in plain else ""
    return f"{fence}{room}{plain}{room}{fence}"


def _cell(text: str) -> str:
    """Return a cell beyond the first column: a figure and its interval stay as they are."""
    return text if _FIGURE.fullmatch(text) else escaped(text)


def _latex(text: str) -> str:
    """Return text as LaTeX prints it; a minus before a digit is a minus, not a hyphen."""
    shown = "".join(_LATEX.get(sign, sign) for sign in visible(" ".join(text.split())))
    return re.sub(r"(?<![\w.)])-(?=\d)", "$-$", shown)


def grids(parts: Sequence[Grid], form: str) -> str:
    """Return several grids one below the other, as "markdown" or "latex"."""
    return "\n".join({"markdown": markdown, "latex": latex}[form](grid) for grid in parts)
