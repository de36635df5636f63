"""``robust compare``: two run folders to a table, to files, and to one line where they do not match."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from robust.runs import write_run
from tests.evaluation.made_up import random_rows


@pytest.fixture
def runs(tmp_path):
    found = []
    for number, (name, drop) in enumerate((("bert", 0.02), ("electra", 0.15))):
        scores = random_rows(number, drop, model=name)
        write_run(tmp_path / name, {"command": "robust eval"}, [], scores, {"model": name, "sets": {}})
        found.append(tmp_path / name)
    return found


@pytest.fixture
def said(command):
    return partial(command, "compare")


def test_two_runs_make_a_table(runs, said):
    code, out, _ = said(*runs)
    assert code == 0
    assert "safe: each model" in out
    assert "bert - electra" in out


def test_json_is_one_object_and_nothing_else(runs, said):
    code, out, _ = said(*runs, "--json", "--figure", "exact")
    told = json.loads(out)
    assert code == 0
    assert told["schema"] == "robust-comparison/1"
    assert told["models"] == ["bert", "electra"]
    assert {row["figure"] for row in told["rows"]} == {"exact"}
    assert out.count("\n") == 1


def test_files_are_written_by_their_ending(runs, said, tmp_path):
    files = [tmp_path / f"c.{end}" for end in ("md", "csv", "json", "tex")]
    code, _, _ = said(*runs, *(word for path in files for word in ("--out", path)))
    assert code == 0
    assert files[0].read_text().startswith("### safe")
    assert len(pd.read_csv(files[1])) == len(json.loads(files[2].read_text())["rows"])
    assert r"\toprule" in files[3].read_text()


@pytest.mark.parametrize(
    ("form", "begins"), [("markdown", "### safe"), ("csv", "set,arm"), ("latex", "% in the")]
)
def test_a_format_is_printed(runs, said, form, begins):
    code, out, _ = said(*runs, "--format", form)
    assert code == 0
    assert out.startswith(begins)


def test_predictions_are_not_needed(runs, said):
    for run in runs:
        (Path(run) / "predictions.parquet").unlink()
    assert said(*runs)[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "html"], "--format html: no such format; expected table, markdown, csv, json, latex"),
        (["--out", "c.pdf"], "--out c.pdf: unknown ending; expected .md, .csv, .json, .tex"),
        (["--set", "paper"], "--set paper: in none of the runs; they have safe"),
        (["--figure", "em"], "--figure em: no such figure; one of exact"),
    ],
)
def test_a_wrong_option_is_one_line(runs, said, words, message):
    code, _, err = said(*runs, *words)
    assert code == 2
    assert err.startswith(f"robust: {message}")
    assert err.count("\n") == 1


def test_no_run_and_one_run_twice_are_refused(runs, said, tmp_path):
    code, _, err = said(runs[0], tmp_path / "nowhere")
    assert code == 2
    assert "nowhere: no run here" in err
    code, _, err = said(runs[0], runs[0])
    assert code == 2
    assert "named twice" in err


def test_two_runs_of_one_model_go_by_their_folders(runs, said, tmp_path):
    scores = random_rows(5, 0.3, model="bert")
    write_run(tmp_path / "again", {"command": "robust eval"}, [], scores, {"model": "bert", "sets": {}})
    _, out, _ = said(runs[0], tmp_path / "again", "--json")
    assert json.loads(out)["models"] == ["bert (bert)", "bert (again)"]
