"""``robust leaderboard``: a folder of results, one file a model and set, as tables and a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robust.cli.output import console, emit_json, out


def leaderboard(
    *,
    folder: Annotated[Path, typer.Argument(help="The folder of the entries.", show_default=False)],
    add: Annotated[
        list[Path] | None,
        typer.Option(
            "--add",
            help="A run folder to take in; repeatable. Refused where an entry, or another run here, has the "
            "same model's name and other answers (an entry: see --replace).",
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Let --add replace an entry of the same name."),
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Settles the randomisation behind the ranks.")
    ] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Rank models by how far they fall; writes leaderboard.md and leaderboard.html into the folder.

    Models that cannot be told apart share a rank; readers that have nothing to lose have none.
    """
    from robust.errors import UserError
    from robust.files import atomic_write
    from robust.folders import sole
    from robust.report.grid import grids, terminal
    from robust.report.leaderboard import check_new, entries_of, read_entries, write_entry
    from robust.report.leaderboard_page import leaderboard_grids, leaderboard_html
    from robust.report.ranks import RULE, ranked_json
    from robust.runs import check_whole, read_run

    new = []
    for run in add or ():
        check_whole(run, "a leaderboard entry")
        read = read_run(run, predictions=False)
        try:
            found = entries_of(read)
        except UserError as error:
            raise UserError(f"{run}: {error}") from error
        new += [(str(run), entry) for entry in found]
    with sole(folder):
        # all are read and checked before any is written
        check_new(folder, new, replace=replace)
        for _, entry in new:
            write_entry(folder, entry)
        entries = read_entries(folder)
        pages = {
            "leaderboard.md": grids(leaderboard_grids(entries, seed=seed), "markdown"),
            "leaderboard.html": leaderboard_html(entries, seed=seed),
        }
        for name, text in pages.items():
            with atomic_write(folder / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
    if json:
        emit_json({"schema": "robust-ranks/1", "rule": RULE, "sets": ranked_json(entries, seed=seed)})
        return
    for grid in leaderboard_grids(entries, seed=seed):
        out.print(terminal(grid), highlight=False)
        out.print()
    console.print(
        f"written: {', '.join(str(folder / name) for name in pages)}", highlight=False, markup=False
    )
