"""``robust study``: a whole study from its recipe: sets, evaluations, and every table and figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.output import console, emit_json, out
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.study.recipe import Recipe
    from robust.study.steps import Step


def study(
    recipe: Annotated[
        Path, typer.Argument(help="The recipe, a TOML file (docs/study.md).", metavar="RECIPE")
    ],
    *,
    folder: Annotated[
        Path, typer.Option("--out", "-o", help="The study's folder: sets, runs, tables and figure.")
    ],
    tables_only: Annotated[
        bool,
        typer.Option("--tables-only", help="Run nothing: make the tables from the runs that are there."),
    ] = False,
    into: Annotated[
        Path | None, typer.Option("--into", help="A page to put the tables into, between its marks.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Write small copies of the runs here: scores and manifests, no texts."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the command lines that are still to be run, and stop.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Run a study: build its sets, evaluate its readers, and make every table and figure from the runs.

    Run the same command again after an interruption: what is finished is not done twice.
    """
    from robust.study.recipe import read_recipe
    from robust.study.steps import check_study_out, has_every_set, missing, run_steps, runs_folder

    found = read_recipe(recipe)
    check_study_out(folder)
    if tables_only and not plan:
        for one in found.runs:
            if not has_every_set(made := runs_folder(folder, one.name), one):
                raise UserError(f"{made}: no finished run of every set; leave out --tables-only")
    else:
        steps = missing(found, folder)
        _check_lines(steps)
        if plan:
            for step in steps:
                out.print(str(step), highlight=False, markup=False, soft_wrap=True)
            return
        say = lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True)  # noqa: E731
        run_steps(steps, folder, say)
    _write(found, folder, into=into, keep=keep, json=json)


def _check_lines(steps: Sequence[Step]) -> None:
    """Raise UserError for a line with an option that its command does not have, before any is run."""
    from typer.main import get_command

    from robust.cli.main import UsageError, create_app

    commands: Any = get_command(create_app())
    for step in steps:
        try:
            commands.commands[step.words[0]].make_context(step.words[0], list(step.words[1:]))
        except UsageError as error:
            said = str(getattr(error, "format_message")()).rstrip(".")  # noqa: B009 (see UsageError)
            raise UserError(f"{step}: {said}; mend the recipe") from error


def _write(recipe: Recipe, folder: Path, *, into: Path | None, keep: Path | None, json: bool) -> None:
    from json import dumps

    from robust.files import atomic_write, write_text
    from robust.inert import json_safe
    from robust.report.grid import terminal
    from robust.study.cells import HOW_TO_READ
    from robust.study.figure import FIGURES, drops_figure
    from robust.study.kept import keep as keep_run
    from robust.study.material import Material
    from robust.study.page import as_markdown, put
    from robust.study.steps import runs_folder
    from robust.study.tables import study_tables

    material = Material.read(recipe, folder)
    tables = study_tables(material)
    result = {
        "format": "robust-study/1",
        "title": recipe.title,
        "tables": {table.name: list(table.rows) for table in tables},
    }
    text = dumps(result, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(folder / "study.json", json_safe(text) + "\n")
    write_text(folder / "study.md", f"# {recipe.title}\n\n{as_markdown(tables)}")
    for table in tables:
        if (name := FIGURES.get(table.name)) is not None:
            figure = drops_figure(material, table)
            write_text(folder / f"{name}.svg", figure.standalone() + "\n")
            with atomic_write(folder / f"{name}.png") as temporary:
                figure.png(temporary)
    if keep is not None:
        for run in recipe.runs:
            keep_run(runs_folder(folder, run.name), keep / run.name)
    if into is not None:
        put(tables, into)
    if json:
        emit_json(result)
        return
    for table in tables:
        out.print(terminal(table.grid), highlight=False)
        out.print()
    out.print(HOW_TO_READ.replace("*", ""), highlight=False, markup=False)
    console.print(
        f"written: {folder}: study.md, study.json, figures as SVG and PNG", highlight=False, markup=False
    )
