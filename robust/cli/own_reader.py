"""The user's own model on the command line: ``robust eval --endpoint URL`` and ``--reader MODULE:OBJECT``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.output import console, counting_bar
from robust.errors import UserError, first_line

if TYPE_CHECKING:
    from robust.evaluation.sets import EvaluationSet
    from robust.reader.own.protocol import Reader

# The options that name such a model, of every command that asks one.
Endpoint = Annotated[
    str | None,
    typer.Option("--endpoint", help="A model behind HTTP that answers {id: text}, as SQuAD files do."),
]
ReaderObject = Annotated[
    str | None,
    typer.Option("--reader", help="A model of your own in Python, MODULE:OBJECT (docs/own_model.md)."),
]
ReaderVersion = Annotated[
    str | None,
    typer.Option(
        "--reader-version",
        help="What you call this version of --endpoint or --reader: its answers are kept, and each question "
        "is asked once.",
    ),
]
Batch = Annotated[
    int | None,
    typer.Option("--request-size", min=1, help="Questions in a request to --endpoint. [default: 1]"),
]


def own_reader(endpoint: str | None, reader: str | None, batch: int | None) -> Reader:
    """Return the reader that ``--endpoint`` or ``--reader`` names, asked ``batch`` questions at a time."""
    if endpoint is not None:
        from robust.reader.own.endpoint import from_endpoint

        return from_endpoint(endpoint, batch=batch or 1)
    if batch is not None:
        raise UserError(
            "--request-size: goes with --endpoint; a --reader says itself how many it takes (batch)"
        )
    return load_object(reader or "")


def load_object(name: str) -> Reader:
    """Return the reader at ``module:object``, looked for in the current folder too.

    The object is a reader, a class of readers that needs no arguments, or a function of question and context.
    Raises UserError where there is no such module or object, or it is neither.
    """
    from robust.reader.own.callable import from_callable
    from robust.reader.own.protocol import Reader

    module, colon, path = name.partition(":")
    if not module or not colon or not path:
        raise UserError(f"--reader {name}: expected MODULE:OBJECT, such as my_model:answer")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if module == missing or module.startswith(f"{missing}."):
            raise UserError(
                f"--reader {name}: no module {missing} here or installed; run it where {missing}.py lies"
            ) from error
        raise UserError(
            f"--reader {name}: {module} imports {missing}, which is not installed; pip install it"
        ) from error
    for part in path.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, dir(found), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else "; correct the name behind the colon"
            raise UserError(f"--reader {name}: {module} has no {part}{hint}")
        found = getattr(found, part)
    if isinstance(found, type):
        try:
            found = found()
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise  # from inside the class: its traceback says where
            raise UserError(
                f"--reader {name}: cannot be made without arguments ({first_line(error)}); name an object "
                "or a function instead"
            ) from error
    if isinstance(found, Reader):
        return found
    if callable(found):
        return from_callable(found, name)
    raise UserError(
        f"--reader {name}: is a {type(found).__name__}; expected a function of question and context, or what "
        "has a name and a method answer (robust.Reader)"
    )


def evaluate_own(
    reader: Reader, sets: Sequence[EvaluationSet], endpoint: str | None, **how: Any
) -> dict[str, Any]:
    """Evaluate a reader of the user's own, with a progress bar on stderr."""
    from robust.evaluation.own import evaluate

    # a run folder is for passing on: what stands behind the ? of an address may be a key
    words = sys.argv[1:]
    if endpoint:  # in a word of its own, or behind --endpoint=
        words = [word.replace(endpoint, getattr(reader, "address", "")) for word in words]
    with counting_bar("questions answered") as progress:
        return evaluate(
            reader,
            sets,
            command="robust " + shlex.join(words),
            progress=progress,
            notice=lambda message: console.print(message, style="yellow", highlight=False, markup=False),
            **how,
        )
