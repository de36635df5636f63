"""``--engine`` and ``--address``: on which machines a command's work is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from robust.errors import UserError

if TYPE_CHECKING:
    from robust.scale.machines import Machines

Engine = Annotated[
    str,
    typer.Option("--engine", help="local, or ray: on a Ray cluster. Changes no figure. See docs/scale.md."),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        help="HOST:PORT of the cluster's head. [default: RAY_ADDRESS, a cluster here, or this machine]",
    ),
]
# What torchrun and accelerate set (torch.distributed.is_torchelastic_launched), looked for without torch.
_LAUNCHED = "TORCHELASTIC_RUN_ID"
# What the noted command leaves out, each with a value behind it.
_OPTIONS = ("--engine", "--address")


def check_engine(engine: str, address: str | None) -> None:
    """Raise UserError for an engine that there is not, or an address without one."""
    if engine not in ("local", "ray"):
        raise UserError(f"--engine {engine}: no such engine; expected local or ray")
    if address is not None and engine == "local":
        raise UserError(f"--address {address}: goes with --engine ray; leave it out, or add --engine ray")


@contextmanager
def machines(engine: str, address: str | None) -> Iterator[Machines | None]:
    """Yield the cluster's machines, or the processes torchrun started; None where this process works alone.

    Of torchrun's processes only the first gets here; the others serve it, then leave the command.
    """
    check_engine(engine, address)
    if _LAUNCHED in os.environ:
        if engine != "local":
            raise UserError(f"--engine {engine}: a launcher started this command; use one or the other")
        from robust.scale.launched import joined

        with joined() as processes:
            if not processes.first:
                processes.serve()
                raise typer.Exit
            yield processes
        return
    if engine == "local":
        yield None
        return
    from robust.scale.on_ray import connected

    with connected(address or os.environ.get("RAY_ADDRESS") or None) as found:
        yield found


def noted_command(words: Sequence[str] | None = None) -> list[str]:
    """Return the command's words without --engine and --address, which change nothing that it makes."""
    found = list(sys.argv[1:] if words is None else words)
    kept: list[str] = []
    while found:
        word = found.pop(0)
        if word in _OPTIONS:
            del found[:1]
        elif not word.startswith(tuple(f"{option}=" for option in _OPTIONS)):
            kept.append(word)
    return kept
