"""``robust report``: a run, or several, as one page that needs no network."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from robust.cli.output import console, emit_json, out, uncollected
from robust.errors import UserError


def report(
    *,
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run folders of robust eval.")],
    page: Annotated[Path, typer.Option("--out", "-o", help="The page to write.")] = Path("report.html"),
    sets: Annotated[
        list[Path] | None,
        typer.Option(
            "--set", "-s", help="Where a set is, if it has moved, or its name (addsent:dev); repeatable."
        ),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--plots", help="A folder for the plots as SVG and PNG.")
    ] = None,
    card: Annotated[
        Path | None, typer.Option("--card", help="A model card in markdown to write beside it.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="The page's title. [default: the readers]")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write one HTML page: the headline, tables, plots, every question, and how it was made."""
    from robust.files import write_text
    from robust.home import sets_home
    from robust.report.html.open import open_runs, open_sets
    from robust.report.html.page import make_report
    from robust.squad.catalogue import here

    if page.is_dir():
        raise UserError(f"{page}: a folder; expected a file to write, such as {page / 'report.html'}")
    opened = open_runs(runs)
    with uncollected():
        found, notes = open_sets(opened, sets or (), sets_home(), here)
        command = "robust " + shlex.join(sys.argv[1:])
        made = make_report(opened, found, title=title, command=command, notes=notes)
    write_text(page, made.html)
    written = [page]
    if figures is not None:
        from robust.report.html.drawing import write_drawings

        written += write_drawings(figures, made.drawings)
    if card is not None:
        from robust.report.model_card import model_card

        write_text(card, model_card(opened, made.stories))
        written.append(card)
    if json:
        said = [
            {"model": s.model, "set": s.set, "says": s.sentence, "cautions": list(s.warnings)}
            for s in made.stories
        ]
        emit_json({"report": str(page), "written": [str(path) for path in written], "headlines": said})
        return
    for s in made.stories:
        out.print(f"{s.set}: {s.sentence}", highlight=False, markup=False)
        for warning in s.warnings:
            out.print(f"  caution: {warning}", highlight=False, markup=False)
    for note in made.notes:
        console.print(note, style="yellow", highlight=False, markup=False)
    for path in written:
        console.print(f"written: {path}", highlight=False, markup=False)
