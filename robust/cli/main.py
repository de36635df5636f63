"""The ``robust`` command: registers the commands, and turns a user's mistake into one line and exit 2."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer

from robust.errors import UserError

# command -> (module, function); the modules import nothing heavy at their top.
COMMANDS = {
    "demo": ("demo", "demo"),
    "build-qads": ("build_qads", "build_qads"),
    "build": ("build", "build"),
    "finetune": ("finetune", "finetune"),
    "eval": ("evaluate", "evaluate"),
    "wsd-eval": ("wsd_eval", "wsd_eval"),
    "doctor": ("doctor", "doctor"),
    "list": ("list_", "list_things"),
}


def _version(show: bool) -> None:
    if show:
        from robust import __version__

        typer.echo(f"robust {__version__}")
        raise typer.Exit


def create_app() -> typer.Typer:
    """Return the typer application with every command registered."""
    app = typer.Typer(
        name="robust",
        help="How far does a reading-comprehension model fall when the question is asked in other words?",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root(
        version: Annotated[
            bool,
            typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True),
        ] = False,
    ) -> None:
        """How far does a reading-comprehension model fall when the question is asked in other words?"""

    for command, (module, function) in COMMANDS.items():
        app.command(command)(_interruptible(getattr(import_module(f"robust.cli.{module}"), function)))
    return app


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command, saying on Ctrl-C that it can go on: typer alone would exit without a word."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            print("robust: interrupted; run the same command again to continue", file=sys.stderr)
            raise typer.Exit(130) from None

    return wrapped


def main() -> None:
    """Run the command line; exit 2 on a user's mistake, 130 on Ctrl-C."""
    try:
        create_app()()
    except UserError as error:
        print(f"robust: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
