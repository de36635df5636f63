"""Runs found for a report: none is lost to another of the same name."""

from __future__ import annotations

from pathlib import Path

from robust.report.html.open import open_runs
from tests.report.runs_of_our_own import falls_for, on_disk, questions, run_of, shown


def test_a_folder_called_as_another_run_s_model_hides_no_run(tmp_path: Path) -> None:
    small = shown(questions())
    models = {"x/a": "same", "x/b": "same", "y/c": "a"}
    paths = [
        on_disk(run_of({"main": small}, falls_for(0), model=model), tmp_path / place)
        for place, model in models.items()
    ]
    named = open_runs(paths)
    assert list(named) == [str(path) for path in paths]
    assert [run.summary["model"] for run in named.values()] == ["same", "same", "a"]
    assert list(open_runs(paths[:2])) == ["a", "b"]
