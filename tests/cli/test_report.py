"""``robust report`` at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from robust.cli.main import main
from tests.report.runs_of_our_own import falls_for, on_disk, questions, run_of, shown


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return on_disk(run_of({"main": shown(questions())}, falls_for(0, 2, 4)), tmp_path / "run")


def report(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["robust", "report", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.usefixtures("own_home")
def test_it_writes_a_page_its_figures_and_a_card(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, figures, card = tmp_path / "r.html", tmp_path / "figures", tmp_path / "card.md"
    words = [str(run), "--out", str(page), "--plots", str(figures), "--card", str(card), "--json"]
    assert report(monkeypatch, *words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == str(page)
    assert said["headlines"][0]["says"].startswith("reader-a loses 15.0 points")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert all(Path(path).is_file() for path in said["written"])
    assert {path.suffix for path in figures.iterdir()} == {".svg", ".png"}
    told = card.read_text(encoding="utf-8")
    assert (
        told.startswith("## reader-a")
        and "loses 15.0 points" in told
        and "| best span, exact match |" in told
    )


@pytest.mark.usefixtures("own_home")
def test_mistakes_are_one_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "r.html")
    for words, told in (
        ([str(tmp_path)], "no run here"),
        ([str(run), str(run)], "named twice"),
        ([str(run), "--set", str(tmp_path / "nowhere")], "no such set"),
        ([str(run), "--out", str(tmp_path)], "expected a file"),
    ):
        assert report(monkeypatch, "--out", out, *words) == 2
        error = capsys.readouterr().err.strip()
        assert told in error and len(error.splitlines()) == 1
    assert not Path(out).exists()
