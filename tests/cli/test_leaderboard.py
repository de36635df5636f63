"""``robust leaderboard``: from run folders to a ranked page."""

from __future__ import annotations

import json
from functools import partial

import pytest

from robust.runs import write_run
from tests.evaluation.made_up import random_rows, rows


@pytest.fixture
def said(command):
    return partial(command, "leaderboard")


def test_runs_are_added_ranked_and_written(said, tmp_path):
    for number, name in enumerate(("bert", "electra")):
        scores = random_rows(number, 0.1, model=name)
        write_run(tmp_path / name, {"command": "robust eval"}, [], scores, {"model": name, "sets": {}})
    board = tmp_path / "board"
    code, out, _ = said(board, "--add", tmp_path / "bert", "--add", tmp_path / "electra")
    assert code == 0
    assert "bert" in out
    assert "share a rank" in " ".join(out.split())
    assert "electra" in (board / "leaderboard.html").read_text()
    assert "| bert |" in (board / "leaderboard.md").read_text()
    code, out, _ = said(board, "--json")
    (group,) = json.loads(out)["sets"]
    assert [one["rank"] for one in group["models"]] == [1, 1]
    assert group["set"] == "safe"


def test_a_run_that_cannot_be_added_and_an_empty_folder_are_one_line(said, tmp_path):
    scores = rows([1, 0, 1])
    write_run(tmp_path / "plain", {"command": "robust eval"}, [], scores, {"model": "reader", "sets": {}})
    code, _, err = said(tmp_path / "board", "--add", tmp_path / "plain")
    assert code == 2
    assert "plain: the run has no perturbed questions" in err
    code, _, err = said(tmp_path / "board")
    assert code == 2
    assert err.count("\n") == 1


def test_nothing_is_written_where_one_of_the_runs_is_broken(said, tmp_path):
    told = {"model": "reader", "sets": {}}
    for number, name in enumerate(("good", "other")):
        scores = random_rows(number, 0.1, model="reader")
        write_run(tmp_path / name, {"command": "robust eval"}, [], scores, told)
    write_run(tmp_path / "plain", {"command": "robust eval"}, [], rows([1, 0, 1]), told)
    board = tmp_path / "board"
    code, _, _ = said(board, "--add", tmp_path / "good", "--add", tmp_path / "plain")
    assert code == 2
    assert not list(board.glob("*.json"))
    assert said(board, "--add", tmp_path / "good")[0] == 0
    code, _, err = said(board, "--add", tmp_path / "other")
    assert code == 2
    assert "--replace" in err
    assert said(board, "--add", tmp_path / "other", "--replace")[0] == 0
