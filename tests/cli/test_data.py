"""Fetching a data set for a command: a bar on stderr while it lasts, nothing on stdout."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from robust.cli import data
from robust.squad import catalogue

QUESTION = {"id": "a", "question": "?", "context": "Rye.", "answers": []}


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> io.StringIO:
    """Return what is drawn on the console that stands for stderr."""
    drawn = io.StringIO()
    monkeypatch.setattr(data, "console", Console(file=drawn, force_terminal=True, width=100))
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    return drawn


def test_a_bar_shows_how_far_the_download_is(
    stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fetch(address: str, target: Path, *, progress: Any, **settings: object) -> Path:
        progress(1_000_000, 4_370_528)
        progress(4_370_528, 4_370_528)
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(QUESTION), encoding="utf-8")
        return target

    monkeypatch.setattr(catalogue, "download", fetch)
    assert [question.id for question in data.load_data("squad2:dev")] == ["a"]
    assert "fetching squad2:dev" in stderr.getvalue()
    assert "4.4/4.4 MB" in stderr.getvalue()
    assert capsys.readouterr().out == ""


def test_no_bar_is_drawn_for_a_file_that_is_here(stderr: io.StringIO) -> None:
    assert len(data.load_data("demo")) > 100
    assert stderr.getvalue() == ""
