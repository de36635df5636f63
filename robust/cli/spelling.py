"""How options are spelled: the names that some had before, and what stands for a value in the help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_type_hints

from typer.core import TyperCommand

# command -> an option as it was once -> as it is now. Lines that people kept, and runs noted, still work; the
# help shows them no more.
OLD: Mapping[str, Mapping[str, str]] = {
    "build": {"-s": "--setting"},
    "attack": {"-s": "--setting", "--budget": "--query-budget"},
    "validity": {"-s": "--setting", "--beside": "--offers", "--questions": "--data"},
    "choice eval": {"-s": "--scorer"},
    "probe": {"-t": "--task"},
    "eval": {"--batch": "--request-size"},
    "checklist": {"--batch": "--request-size"},
    "pretrain": {"--keep": "--keep-checkpoints"},
    "corpus pack": {"--n": "--ngram"},
    "corpus overlap": {"--n": "--ngram"},
    "wsd-eval": {"--method": "--sense", "--neighbours": "--sentences-around"},
    "review export": {"--controls": "--control-items"},
    "report": {"--figures": "--plots"},
    "study": {"--run": ""},
}
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
    """A command that knows its options' old names, and shows FILE or N where a value goes."""

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

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words of a command, old names of options as what they are called now."""
        return super().parse_args(ctx, current(ctx.command_path.partition(" ")[2], args))


def current(command: str, words: Sequence[str]) -> list[str]:
    """Return the words behind a command with every option under the name that it has now."""
    old = dict(OLD.get(command, {}))
    if command == "validity":
        old |= _data_of_validity(words)
    found: list[str] = []
    for number, word in enumerate(words):
        if word == "--":
            return [*found, *words[number:]]
        name, equals, value = word.partition("=")
        if name in old:
            found += [f"{old[name]}{equals}{value}"] if old[name] else []
        elif word[:2] in old and not word.startswith("--"):  # -sedits=2
            found += [old[word[:2]], word[2:]]
        else:
            found.append(word)
    return found


def _data_of_validity(words: Sequence[str]) -> dict[str, str]:
    """Return what --data was: SWORDS, by the file's name, or where --questions named questions."""
    given = dict(pairwise(words)) | dict(word.split("=", 1) for word in words if "=" in word)
    swords = "--questions" in given or Path(given.get("--data", "")).name.startswith("swords")
    return {"--data": "--swords"} if swords else {}


def _by_type(of: Any) -> str | None:
    """Return what stands for a value of a type, of a list of it, or of it or None; None for a switch."""
    return _BY_TYPE.get(of) or next((name for one in get_args(of) if (name := _by_type(one))), None)


def _untyped(name: str) -> str:
    """Return an argument's name in the help without <str> or <list[Path]>; choices stay."""
    bare, _, kind = name.partition(" <")
    return name if "|" in kind else bare
