"""One name and one letter for one thing, in every command; what options were called before still works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from robust.cli.main import create_app
from robust.cli.spelling import OLD, current

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


@pytest.mark.parametrize(
    ("command", "old", "new"), [(command, *pair) for command, pairs in OLD.items() for pair in pairs.items()]
)
def test_what_an_option_was_called_before_leads_to_one_that_is_there(command, old, new):
    names = {name for one in options(command) for name in one.opts}
    assert old not in names
    assert not new or new in names


def test_old_names_are_read_alone_with_a_value_behind_and_stuck_to_it():
    assert current("build", ["x.v1", "-s", "edits=2", "-sa=b", "--data", "d"]) == [
        *("x.v1", "--setting", "edits=2", "--setting", "a=b", "--data", "d")
    ]
    assert current("attack", ["--budget=40", "--budget", "9"]) == ["--query-budget=40", "--query-budget", "9"]
    assert current("study", ["r.toml", "--run", "-o", "out"]) == ["r.toml", "-o", "out"]
    assert current("pretrain", ["--budget", "2h"]) == ["--budget", "2h"], "another command's --budget"
    assert current("report", ["--", "--figures"]) == ["--", "--figures"]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("--data swords-v1.1_dev.json.gz", "--swords swords-v1.1_dev.json.gz"),
        ("--data=there/swords-v1.1_dev.json.gz", "--swords=there/swords-v1.1_dev.json.gz"),
        ("--data s.json --questions demo", "--swords s.json --data demo"),
        ("--questions=demo", "--data=demo"),
        ("--data squad2:dev", "--data squad2:dev"),
        ("-d squad2:dev --swords s.json", "-d squad2:dev --swords s.json"),
    ],
)
def test_what_validity_called_its_files_before_is_still_read(words, read):
    assert current("validity", words.split()) == read.split()


def test_an_old_name_is_taken_by_the_command(command, tmp_path):
    code, _, error = command(
        "build", "qads.v1", "-s", "preset=huge", "--data", "demo", "--out", tmp_path / "x"
    )
    assert code == 2
    assert "preset 'huge'" in error
