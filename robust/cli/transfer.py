"""``robust transfer``: how readers fare on the questions that a search found against others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.build import Json
from robust.errors import UserError


def transfer(
    *,
    sets: Annotated[list[Path], typer.Argument(metavar="SET", help="Folders made by robust attack.")],
    models: Annotated[
        list[str], typer.Option("--model", "-m", help="A reader: name, folder or hub id; repeatable.")
    ],
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            help="Null odds above which it abstains: own, cross-fit (to clean questions of other "
            "articles) or a number. [default: own, else cross-fit]",
        ),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    dtype: Annotated[str, typer.Option("--dtype", help="float32, or bfloat16.")] = "float32",
    as_json: Json = False,
) -> None:
    """Ask readers the questions that a search found against one of them: the transfer matrix."""
    from robust.cli.output import console, counting_bar, emit_json
    from robust.reader.threshold import check_rule
    from robust.zoo.lookup import check_known

    check_rule(threshold)
    for model in models:
        check_known(model)
    if len(set(models)) < len(models):
        raise UserError("--model: the same reader twice; expected different ones")
    called = [Path(model).name or model for model in models]
    with console.status("loading"):
        from robust.evaluation.evaluate import check_threshold
        from robust.evaluation.transfer import check_names, open_adversarial, transfer_row
        from robust.reader.predict import PredictSettings
        from robust.zoo.checkpoints import load_reader

        settings = PredictSettings(device=device, dtype=dtype).resolve()  # type: ignore[arg-type] # it checks
        check_names(called, "reader")
        check_names([folder.resolve().name for folder in sets], "set")
        opened = [open_adversarial(folder) for folder in sets]
    cells: list[dict[str, Any]] = []
    read: dict[str, str] = {}
    for model, name in zip(models, called, strict=True):
        reader = load_reader(model)
        if reader.sha256 in read:
            raise UserError(
                f"--model {model}: the same weights as {read[reader.sha256]}; expected another reader"
            )
        read[reader.sha256] = model
        check_threshold(threshold, reader)
        with counting_bar("questions answered") as progress:
            cells += transfer_row(reader, name, opened, settings, threshold=threshold, progress=progress)
    if as_json:
        emit_json({"cells": cells})
    else:
        _print(cells)


def _print(cells: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    names = list(dict.fromkeys(cell["set"] for cell in cells))
    first = {cell["set"]: cell for cell in reversed(cells)}
    heads = [
        f"{name}\nagainst {first[name]['attacked']}\n{first[name]['questions']:,} questions" for name in names
    ]
    table = Table("exact match on", *map(escape, heads), title_justify="left")
    for model in dict.fromkeys(cell["model"] for cell in cells):
        row = {cell["set"]: cell for cell in cells if cell["model"] == model}
        table.add_row(escape(model), *(_cell(row[name]) for name in names))
    out.print(table)
    out.print("asked as they were -> in the words that fooled the reader attacked (95 % by article)")


def _cell(cell: dict[str, Any]) -> str:
    clean, perturbed = cell["clean"], cell["perturbed"]
    span = "" if perturbed["low"] is None else f" ({perturbed['low']:.1%} to {perturbed['high']:.1%})"
    return f"{clean['exact']:.1%} -> {perturbed['exact']:.1%}{span}"
