"""A run folder that is broken is told in one line, by every command that reads one."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from robust.cli.main import main
from robust.errors import UserError
from robust.runs import SCORE_COLUMNS, read_run, read_scores, read_summary
from tests.made_run import EVEN, make_run, make_set


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", make_set(tmp_path / "keys"), EVEN)


def test_every_column_of_the_score_rows_is_asked_for(run):
    scores = read_scores(run)
    assert set(scores) == set(SCORE_COLUMNS)
    for column in SCORE_COLUMNS:
        scores.drop(columns=column).to_parquet(run / "scores.parquet")
        with pytest.raises(UserError, match=f"a broken run .scores.parquet lacks the column {column}.; run"):
            read_run(run)


@pytest.mark.parametrize(
    ("file", "held", "message"),
    [
        ("manifest.json", [], "manifest.json holds no JSON object"),
        ("summary.json", [], "summary.json holds no JSON object"),
        ("manifest.json", {"format": "robust-run/1"}, "manifest.json names no set 'keys'"),
        ("manifest.json", {"format": "robust-run/1", "sets": ["keys"]}, "sets of manifest.json is no object"),
        ("summary.json", {"sets": {"keys": 3}}, "sets of summary.json is no object of objects"),
        ("manifest.json", {"format": "robust-run/0"}, "format 'robust-run/0', expected 'robust-run/1'"),
    ],
)
def test_what_is_no_manifest_or_summary_is_told(run, file, held, message):
    (run / file).write_text(json.dumps(held))
    with pytest.raises(UserError) as told:
        read_run(run)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_an_older_run_has_no_interval_either_where_all_articles_were_alike(run):
    """It was written as one of no width, and would stand so beside the dash of a newer run."""
    held = json.loads((run / "summary.json").read_text())
    (about,) = held["sets"].values()
    about["drop_interval"] = {"exact": [0.0, 0.0], "f1": [-1.0, 1.0]}
    about["controls"] = {"questions": 7, "arms": {"identity": {"drop_interval": {"exact": [0.0, 0.0]}}}}
    about["seeds"] = {"numbers": [1, 1], "interval": {"exact": [2.5, 2.5], "f1": None}}
    (run / "summary.json").write_text(json.dumps(held))
    (read,) = read_summary(run)["sets"].values()
    assert read["drop_interval"] == {"exact": None, "f1": [-1.0, 1.0]}
    assert read["controls"]["arms"]["identity"]["drop_interval"] == {"exact": None}
    assert read["seeds"] == {"numbers": [1, 1], "interval": {"exact": None, "f1": None}}
    assert read["drop"] == about["drop"]


@pytest.mark.parametrize("command", ["compare", "why", "power", "leaderboard"])
def test_commands_say_one_line_of_a_broken_run(run, own_home, tmp_path, monkeypatch, capsys, command):
    words = {
        "compare": [run, make_run(tmp_path / "other", tmp_path / "keys", EVEN, model="other")],
        "why": [run],
        "power": ["--run", run, "--drop", 3],
        "leaderboard": [tmp_path / "board", "--add", run],
    }[command]
    pd.read_parquet(run / "scores.parquet").drop(columns="span_em").to_parquet(run / "scores.parquet")
    monkeypatch.setattr(sys, "argv", ["robust", command, *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith(f"robust: {run}: a broken run (scores.parquet lacks the column span_em)")
