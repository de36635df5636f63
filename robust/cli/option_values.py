"""A command whose help says FILE or N where a value of an option goes, and no type of Python's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_type_hints

from typer.core import TyperCommand

# What stands for an option's value in the help, where its type says too little.
_VALUES = {
    "--address": "HOST:PORT",
    "--budget": "TIME",
    "--constraint": "RULE",
    "--data": "DATA",
    "--endpoint": "URL",
    "--exclude": "DATA",
    "--export": "FILE",
    "--figure": "FIGURE",
    "--into": "FILE",
    "--judged": "FILE",
    "--lexicon": "FILE",
    "--log-to": "TRACKER",
    "--masked-lm": "MODEL",
    "--model": "MODEL",
    "--offers": "FILE",
    "--predictions": "FILE",
    "--reader": "MODULE:OBJECT",
    "--reader-version": "TEXT",
    "--set": "SET",
    "--setting": "NAME=VALUE",
    "--shape": "NAME=VALUE",
    "--strategy-setting": "NAME=VALUE",
    "--swap": "PART=OTHER",
    "--swords": "FILE",
    "--threshold": "ODDS",
    "--title": "TEXT",
    "--tokens": "AMOUNT",
    "--with": "DATA",
}
_BY_TYPE = {int: "N", float: "X", Path: "PATH", str: "NAME"}


class Command(TyperCommand):
    """A command that shows what stands for each value."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        types = get_type_hints(self.callback) if self.callback is not None else {}
        for one in self.params:
            if one.metavar is None and one.name in types:
                one.metavar = (
                    one.name.upper()
                    if one.param_type_name == "argument"
                    else next(
                        (_VALUES[name] for name in one.opts if name in _VALUES), _by_type(types[one.name])
                    )
                )

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what stands in the usage line; what must be given without braces, which mean a choice."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what the command takes; an argument without its type, which its name and help tell."""
        records = [(one.param_type_name, one.get_help_record(ctx)) for one in self.get_params(ctx)]
        for kind, heading in (("argument", "Arguments"), ("option", "Options")):
            rows = [found for of, found in records if of == kind and found is not None]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(
                        [(_untyped(name) if kind == "argument" else name, said) for name, said in rows]
                    )


def _by_type(of: Any) -> str | None:
    """Return what stands for a value of a type, of a list of it, or of it or None; None for a switch."""
    return _BY_TYPE.get(of) or next((name for one in get_args(of) if (name := _by_type(one))), None)


def _untyped(name: str) -> str:
    """Return an argument's name in the help without <str> or <list[Path]>; choices stay."""
    bare, _, kind = name.partition(" <")
    return name if "|" in kind else bare
