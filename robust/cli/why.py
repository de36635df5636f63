"""``robust why``: where in a run's questions the drop comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.output import console, emit_json, out, uncollected

if TYPE_CHECKING:
    import pandas as pd

    from robust.runs import Run

SCHEMA = "robust-why/1"


def why(
    *,
    run: Annotated[Path, typer.Argument(help="A run folder that robust eval wrote.", show_default=False)],
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            help="A set the run was made on, by name, folder or file; repeatable. "
            "[default: where the run found them, else under ROBUST_HOME/sets]",
        ),
    ] = None,
    accepted: Annotated[
        list[Path] | None,
        typer.Option(
            "--accepted",
            help="What raters accepted of a set: a folder of robust review import; repeatable.",
        ),
    ] = None,
    scores_only: Annotated[
        bool, typer.Option("--scores-only", help="Leave out what needs the questions and the edits.")
    ] = False,
    controls: Annotated[
        bool, typer.Option("--controls/--no-controls", help="Show the tables of the controls, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say where a reader fell: which answers changed, on what questions and edits, what the threshold did."""
    from robust.breakdown.accepted import reviewed_set
    from robust.breakdown.breakdown import breakdown
    from robust.breakdown.material import locate, which_set
    from robust.errors import UserError
    from robust.evaluation.changed import changed_sets
    from robust.home import sets_home
    from robust.runs import read_run
    from robust.squad.catalogue import here

    if scores_only and (sets or accepted):
        raise UserError("--scores-only: needs no --set and no --accepted; leave out one or the other")
    read = read_run(run, predictions=False)
    places = [_place(name) for name in sets or ()]
    given = {which_set(read, place): place for place in places}
    judged = {reviewed_set(read, path): path for path in accepted or ()}
    found = {} if scores_only else locate(read, given, sets_home(), here)
    with uncollected():
        frame = breakdown(read, found, judged)
    apart = list(changed_sets(read.scores))
    missing = [name for name in read.manifest["sets"] if found.get(name) is None and name not in apart]
    if frame.empty and apart:
        raise UserError(
            f"{run}: {', '.join(apart)} asks for something else than the clean questions, so there is no "
            "drop to break down; see what the reader does there: robust compare RUN"
        )
    if frame.empty:
        raise UserError(f"{run}: nothing was perturbed in it; evaluate a built set: robust eval")
    if as_json:
        emit_json(_json(run, read, frame, missing))
        return
    _print(read, frame, controls)
    for name in apart:
        console.print(
            f"{name}: asks for something else than the clean questions, so it has no drop; what the reader "
            "does there: robust compare RUN",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    for name in () if scores_only else missing:
        console.print(
            f"{name}: the set itself is not at hand, so what hangs on questions and edits is left out; "
            "name its folder: robust why --set FOLDER",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _place(name: str) -> Path:
    """Return the folder or file that a --set names."""
    from robust.cli.data import resolve_data
    from robust.home import sets_home

    path = Path(name).expanduser()
    if path.exists():
        return path
    return sets_home() / name if (sets_home() / name).is_dir() else resolve_data(name)


def _json(run: Path, read: Run, frame: pd.DataFrame, missing: list[str]) -> dict[str, Any]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {
        "schema": SCHEMA,
        "run": str(run),
        "model": read.summary.get("model"),
        "missing": missing,
        "rows": rows,
    }


def _print(read: Run, frame: pd.DataFrame, controls: bool) -> None:
    from robust.evaluation.sets import MAIN
    from robust.report.grid import terminal
    from robust.report.why import why_grids

    for (name, arm), rows in frame.groupby(["set", "arm"], sort=False):
        if arm != MAIN and not controls:
            continue
        heading = f"{read.summary.get('model', '')} on {name}" + ("" if arm == MAIN else f", control {arm}")
        for grid in why_grids(rows, heading):
            out.print(terminal(grid), highlight=False)
            out.print()
