"""Every command and option that a message, a help text or a page names exists, and its line parses."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import attacks
import robust
from robust import pytest_plugin
from robust.cli import list_
from robust.cli.main import COMMANDS, EXAMPLES, create_app, main

ROOT = Path(__file__).resolve().parents[2]
APP: Any = typer.main.get_command(create_app())
# options of other programs that our messages name
FOREIGN = {"--force-reinstall", "--no-deps", "--upgrade", *pytest_plugin.OPTIONS}


def commands() -> dict[str, Any]:
    """Return every command by its words: ``build``, ``review export``."""
    found: dict[str, Any] = {}
    for name, command in APP.commands.items():
        found[name] = command
        found |= {f"{name} {sub}": one for sub, one in getattr(command, "commands", {}).items()}
    return found


KNOWN = commands()
OPTIONS = {
    name: {option for p in command.params for option in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
    for name, command in KNOWN.items()
}
ALL_OPTIONS = set().union(*OPTIONS.values()) | {"--version"}


def messages() -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every string in our code that is no docstring; ``{...}`` reads as X."""
    for package in (robust, attacks):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            yield from strings(path, folder.parent)


def strings(path: Path, root: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told_apart = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            told_apart.add(id(node.value))  # a docstring
        if isinstance(node, ast.JoinedStr):
            told_apart |= {id(value) for value in node.values}
    for node in ast.walk(tree):
        if id(node) in told_apart:
            continue
        place = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.JoinedStr):
            parts = (str(v.value) if isinstance(v, ast.Constant) else "X" for v in node.values)
            yield place, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield place, node.value


def named(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (command, its options) for each ``robust COMMAND ...`` in a text."""
    for match in re.finditer(r"\brobust ([a-z][a-z-]+)(?: ([a-z][\w.-]*))?([^;`\"\n]*)", text):
        both = f"{match[1]} {match[2]}"
        name = both if both in KNOWN else match[1]
        yield name, re.findall(r"(?<![\w-])--?[a-z][a-z-]*", match[3])


# rooms that stand before the command that opens them does: its name -> the room
PLANNED: dict[str, str] = {}

# "robust is", "robust needs" and the like are no commands
PROSE = {"works", "has"}


def test_every_command_that_our_messages_name_exists_with_its_options():
    seen = 0
    for place, text in messages():
        for command, options in named(text):
            if command in PROSE or (command in PLANNED and place.startswith(PLANNED[command])):
                continue
            assert command in KNOWN, f"{place}: robust {command}: {text}"
            seen += 1
            for option in options:
                assert option in OPTIONS[command] | FOREIGN, f"{place}: robust {command} {option}: {text}"
    assert seen > 20, "the search itself has stopped finding hints"


def test_every_option_that_our_messages_name_exists():
    seen = 0
    for place, text in messages():
        if place.startswith(tuple(PLANNED.values())):
            continue
        if "pip " in text or " " not in text:  # other programs' options; the declarations themselves
            continue
        ours = re.sub(r"\S+\.py [^;]*", "", text)  # scripts have options of their own
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours):
            assert option in ALL_OPTIONS | FOREIGN, f"{place}: {option}: {text}"
            seen += 1
    assert seen > 20


def test_a_command_is_planned_only_until_it_is_there():
    assert not PLANNED.keys() & COMMANDS.keys(), "take it out of PLANNED: its hints are checked from now on"


def parse(line: str) -> None:
    """Parse a command line as ``robust`` would, without running it; fails where it would be refused."""
    words = shlex.split(line, comments=True)
    command, rest = APP, words[1:]
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    assert command is not APP, f"no such command: {line}"
    if {"--help", "-h"} & set(rest):
        return
    command.make_context("robust", list(rest))


def test_every_command_has_an_example_and_there_are_no_others():
    assert set(EXAMPLES) == set(COMMANDS)


@pytest.mark.parametrize("line", [line for name in COMMANDS for line in EXAMPLES.get(name, ())])
def test_the_examples_under_the_help_parse(line):
    parse(line)


def test_the_commands_that_list_tells_parse(monkeypatch, tmp_path):
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    told = [row["get"] for row in list_._models() if row["get"]]
    lines = [line.partition("robust ")[2].partition(" fetches ")[0] for line in told]
    for line in lines:
        parse(f"robust {line} --set demo" if line.startswith("eval") else f"robust {line}")
    assert len(lines) > 10


def pages() -> list[Path]:
    if not (ROOT / "README.md").is_file():
        return []
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_command_lines_in_the_pages_parse(page):
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^(?: {4,}|\$ )?(?:nice |time )*(robust [a-z-]+ .*)$", text, re.MULTILINE):
        command = line.split()[1]
        if (
            command in KNOWN and "[" not in line
        ):  # a synopsis has brackets; prose that begins a line may say "robust reads ..."
            parse(re.sub(r"[<>|].*$", "", line))


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["eval", "--model", "minilm-squad2", "--set", "qads"], "build-qads"),
        (["eval", "--model", "electra-tiny", "--set", "demo"], "finetune"),
    ],
)
def test_a_hinted_line_parses_where_the_home_has_a_space_in_its_name(
    words, command, tmp_path, monkeypatch, capsys
):
    home = tmp_path / "my data" / "naïve"
    monkeypatch.setenv("ROBUST_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["robust", *words])
    with pytest.raises(SystemExit):
        main()
    line = capsys.readouterr().err.strip().partition(f"robust {command} ")[2]
    assert str(home) in line
    parse(f"robust {command} {line}")


def test_a_home_of_nobody_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["robust", "list", "models"])
    monkeypatch.setenv("ROBUST_HOME", "~nobody-of-this-name/x")
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "ROBUST_HOME: ~nobody-of-this-name/x: no such home folder" in capsys.readouterr().err
    monkeypatch.delenv("ROBUST_HOME")
    monkeypatch.setattr(sys, "argv", ["robust", "eval", "--model", "~nobody-of-this-name/x", "--set", "demo"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err == "robust: no such home folder (~); write the whole path\n"
