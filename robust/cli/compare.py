"""``robust compare``: readers side by side on the same questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robust.cli.output import console, emit_json, emit_text, out
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.evaluation.compare import Comparison


def compare(
    *,
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders that robust eval wrote.", show_default=False)
    ],
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", "-s", help="Only these sets; repeatable. [default: all shared ones]"),
    ] = None,
    figures: Annotated[
        list[str] | None,
        typer.Option(
            "--figure",
            help="A figure, such as HasAns_f1; repeatable. p is corrected for every test. "
            "[default: HasAns_span_exact, HasAns_exact, exact, f1]",
        ),
    ] = None,
    controls: Annotated[
        bool, typer.Option("--controls/--no-controls", help="Compare on the sets' controls, too.")
    ] = False,
    form: Annotated[
        str, typer.Option("--format", help="table, markdown, csv, json or latex.", show_default=True)
    ] = "table",
    file: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", help="Write it here as well: .md, .csv, .json or .tex; repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Settles the randomisation behind p.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Compare runs question by question: clean scores, drops and their differences, with intervals and p."""
    from robust.evaluation.compare import FIGURES_COMPARED, NEEDED
    from robust.evaluation.compare import compare as compared
    from robust.report.comparison import ENDINGS, FORMATS
    from robust.runs import read_run

    if form != "table" and form not in FORMATS:
        raise UserError(f"--format {form}: no such format; expected table, {', '.join(FORMATS)}")
    for path in file or ():
        if path.suffix.lower() not in ENDINGS:
            raise UserError(f"--out {path}: unknown ending; expected {', '.join(ENDINGS)}")
    _check_different(runs)
    read = [read_run(path, predictions=False, columns=NEEDED) for path in runs]
    found = compared(
        read,
        sets=sets,
        figures=figures or FIGURES_COMPARED,
        seed=seed,
        controls=controls,
        names=_names(
            runs, [str(run.summary.get("model", path.name)) for path, run in zip(runs, read, strict=True)]
        ),
    )
    for path in file or ():
        _write(path, FORMATS[ENDINGS[path.suffix.lower()]](found))
    if json or form == "json":
        emit_json(found.to_json())
    elif form == "table":
        _print(found)
    else:
        emit_text(FORMATS[form](found))


def _check_different(runs: list[Path]) -> None:
    seen: list[Path] = []
    for path in runs:
        if path.resolve() in seen:
            raise UserError(f"{path}: named twice; expected different runs")
        seen.append(path.resolve())


def _names(runs: list[Path], models: list[str]) -> list[str]:
    """Return what to call each run: its model, or its folder where models are called alike."""
    names = [
        f"{model} ({path.resolve().name})" if models.count(model) > 1 else model
        for path, model in zip(runs, models, strict=True)
    ]
    return [str(path) if names.count(name) > 1 else name for path, name in zip(runs, names, strict=True)]


def _write(path: Path, text: str) -> None:
    from robust.files import atomic_write

    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _print(found: Comparison) -> None:
    from robust.report.comparison import comparison_grids
    from robust.report.grid import terminal

    for grid in comparison_grids(found):
        out.print(terminal(grid), highlight=False)
        out.print()
    for note in found.notes:
        console.print(f"note: {note}", highlight=False, markup=False)
