"""Fixtures for the tests of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from robust.cli.main import main

Said = tuple[int, str, str]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return a function that runs a command line in this process: (exit code, stdout, stderr)."""

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["robust", *map(str, words)])
        monkeypatch.setattr("robust.cli.output.out._width", 160)
        with pytest.raises(SystemExit) as end:
            main()
        shown = capsys.readouterr()
        return int(end.value.code or 0), shown.out, shown.err

    return run
