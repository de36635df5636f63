"""``robust list models|attacks|datasets``: what can be named on the command line, and what is here."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from robust.cli.output import console, emit_json, out
from robust.errors import UserError

Row = dict[str, Any]


class What(StrEnum):
    """What can be listed."""

    MODELS = "models"
    ATTACKS = "attacks"
    DATASETS = "datasets"


def list_things(
    what: Annotated[What, typer.Argument(help="What to list.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the models, attacks or data sets that can be named, and where they are on this machine."""
    rows, columns, hint = {
        What.MODELS: (_models, ("name", "shape", "encoder", "reader", "here", "note"), _MODELS_HINT),
        What.ATTACKS: (_attacks, ("name", "expected", "about"), _ATTACKS_HINT),
        What.DATASETS: (_datasets, ("name", "licence", "here", "about"), _DATASETS_HINT),
    }[what]
    found = rows()
    if json:
        emit_json({what.value: found})
        return
    _print_table(found, columns)
    console.print(hint, style="dim", highlight=False)


_MODELS_HINT = (
    "robust eval --model NAME; or make a reader: robust finetune NAME --data squad2:train --out DIR"
)
_ATTACKS_HINT = "robust build NAME --data squad2:dev --out DIR"
_DATASETS_HINT = "Looked for in ROBUST_DATA, then the cache; fetched if missing. Also: a path, hf:OWNER/NAME"


def _models() -> list[Row]:
    from robust.zoo.catalogue import MODELS
    from robust.zoo.lookup import local_readers

    here = {name: str(path) for name, path in local_readers().items()}
    rows: list[Row] = [
        {
            "name": model.name,
            "shape": f"{model.shape.family} {model.shape.layers} x {model.shape.hidden}",
            "encoder": model.encoder and model.encoder.id,
            "reader": model.reader and model.reader.id,
            "here": here.pop(model.name, None),
            "note": model.note,
        }
        for model in MODELS.values()
    ]
    made = [
        {
            "name": name,
            "shape": "",
            "encoder": None,
            "reader": None,
            "here": path,
            "note": "a reader on this machine",
        }
        for name, path in sorted(here.items())
    ]
    return made + rows


def _attacks() -> list[Row]:
    from robust.attack import registry

    rows: list[Row] = []
    for name in registry.names():
        try:
            attack = registry.get(name)
            about = (attack.__doc__ or "").strip().partition("\n")[0]
            rows.append({"name": name, "expected": attack.expected, "about": about})
        except UserError as error:  # one broken plug-in must not hide the others
            rows.append({"name": name, "expected": None, "about": f"broken: {error}"})
    return rows


def _datasets() -> list[Row]:
    from robust.squad.catalogue import entries

    return [
        {
            "name": split.name,
            "default": split.name == f"{data_set.name}:{data_set.default}",
            "title": data_set.title,
            "about": f"{data_set.title}: {split.description}",
            "licence": data_set.licence,
            "homepage": data_set.homepage,
            "citation": data_set.citation,
            "address": split.address,
            "sha256": split.sha256,
            "bytes": split.bytes,
            "here": str(path) if (path := split.find()) else None,
        }
        for data_set in entries()
        for split in data_set.splits
    ]


def _print_table(rows: list[Row], columns: tuple[str, ...]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for row in rows:
        table.add_row(*(escape(str(row[column] or "-")) for column in columns))
    out.print(table)
