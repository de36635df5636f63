"""One name and one letter for one thing, in every command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from robust.cli.main import create_app

# The options with a letter. Every command that has the option has its letter; no letter stands for two.
LETTERS = {
    "--attack": "-a",
    "--capability": "-c",
    "--data": "-d",
    "--help": "-h",
    "--limit": "-l",
    "--model": "-m",
    "--out": "-o",
    "--questions": "-n",
    "--set": "-s",
    "--test": "-t",
    "--word": "-w",
}


def commands(found: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command that runs, by its words behind robust."""
    found = found or get_command(create_app())
    inside = getattr(found, "commands", None)
    if inside is None:
        yield " ".join(path), found
    for name, one in (inside or {}).items():
        yield from commands(one, (*path, name))


COMMANDS = dict(commands())


def options(command: str) -> list[Any]:
    return [one for one in COMMANDS[command].params if one.param_type_name == "option"]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_has_the_letter_that_it_has_everywhere(command):
    for one in options(command):
        long = [name for name in one.opts if name.startswith("--")]
        assert len(long) == 1, "one name for one thing"
        assert [name for name in one.opts if name not in long] == [
            letter for name, letter in LETTERS.items() if name in long
        ]


def test_no_letter_stands_for_two_things():
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_options_of_one_name_take_the_same_kind_of_value():
    kinds = defaultdict(set)
    for command in COMMANDS:
        for one in options(command):
            kinds[one.opts[0]].add("a switch" if one.is_flag else one.metavar)
    assert not {name: found for name, found in kinds.items() if len(found) > 1}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_what_an_option_takes_and_no_type_of_python(command):
    shown = COMMANDS[command].get_help(COMMANDS[command].make_context(command, [], resilient_parsing=True))
    for one in options(command):
        assert f"{one.opts[0]} " in shown
    assert not [word for word in ("<str>", "<int", "<float", "list[", "<path>") if word in shown]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_usage_line_has_no_braces_and_dots_once(command):
    context = COMMANDS[command].make_context(command, [], resilient_parsing=True)
    shown = COMMANDS[command].get_usage(context)
    assert not {"{", "}"} & set(shown)
    assert "...]..." not in shown and "......" not in shown
