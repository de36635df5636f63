"""``robust convert``: pickled weights become safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robust.cli.output import console, emit_json, out
from robust.errors import UserError, quoted


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A checkpoint's folder with pytorch_model.bin.")
    ],
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for the converted checkpoint.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write a pickled checkpoint as safetensors; the pickle is read without running what is in it."""
    if not source.expanduser().exists():  # before torch is imported, which takes seconds
        raise UserError(f"{source}: no such folder; expected the folder of a Hugging Face checkpoint")
    with console.status(f"converting {source}"):
        from robust.zoo.convert import convert as write

        done = write(source.expanduser(), output.expanduser())
    if as_json:
        emit_json(done)
        return
    out.print(
        f"{done['out']}: {done['kind']}, {done['tensors']} tensors, {done['bytes'] / 1e6:.1f} MB "
        f"({done['renamed']} renamed, {done['untied']} untied)",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if done["kind"] == "reader":
        out.print(f"next: robust eval --model {quoted(done['out'])}", markup=False, soft_wrap=True)
    else:
        out.print(
            f"next: robust finetune {quoted(done['out'])} --data squad2:train --out my-reader",
            markup=False,
            soft_wrap=True,
        )
