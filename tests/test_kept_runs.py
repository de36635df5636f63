"""A kept run compares as the whole one does; what needs its texts or whole keys refuses it in one line."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from robust.cli.main import main
from robust.errors import UserError
from robust.evaluation.compare import compare
from robust.gate.check import check
from robust.gate.thresholds import make_threshold
from robust.runs import read_run
from robust.study.kept import KEY_LETTERS, keep
from tests.made_run import EVEN, UNEVEN, make_run, make_set

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture
def runs(tmp_path):
    """Return a folder with whole runs of two readers, and the kept copy of the second."""
    keys = make_set(tmp_path / "keys")
    make_run(tmp_path / "one", keys, EVEN, "one")
    make_run(tmp_path / "two", keys, UNEVEN, "two")
    keep(tmp_path / "two", tmp_path / "kept")
    return tmp_path


def _read(folder):
    return read_run(folder, predictions=False)


def test_a_kept_run_is_compared_with_a_whole_one_as_the_whole_one_is(runs):
    one = _read(runs / "one")
    whole = compare([one, _read(runs / "two")], figures=["HasAns_exact"]).rows
    for pair in ([one, _read(runs / "kept")], [_read(runs / "kept"), one]):
        found = compare(pair, figures=["HasAns_exact"]).rows
        assert sorted(found["value"].abs()) == pytest.approx(sorted(whole["value"].abs()))
    narrow = [read_run(runs / name, predictions=False, columns=set(one.scores)) for name in ("one", "kept")]
    pd.testing.assert_frame_equal(compare(narrow, figures=["HasAns_exact"]).rows, whole)


def test_a_kept_run_on_other_texts_is_still_told_from_a_whole_one(runs):
    make_run(runs / "other", make_set(runs / "moved" / "keys", verb="frees"), EVEN, "other")
    with pytest.raises(
        UserError, match="two, set keys: 120 of 240 questions have another text than in other"
    ):
        compare([_read(runs / "other"), _read(runs / "kept")])


@pytest.mark.parametrize("budget", [{"max_drop": 1.0}, {"max_increase": 50.0}])
@pytest.mark.parametrize("update", [False, True])
def test_the_gate_refuses_a_kept_run_rather_than_tell_answers_as_abstentions(runs, budget, update):
    threshold = make_threshold({"run": str(runs / "kept"), **budget}, "test", runs)
    with pytest.raises(UserError, match=r"kept: a kept copy of a run.*the gate needs the whole run"):
        check(threshold, baseline=runs / "b.json", undecided="fail", update=update)
    assert not (runs / "b.json").exists()


def test_a_leaderboard_takes_no_kept_run(runs, monkeypatch, capsys):
    monkeypatch.setattr(
        sys, "argv", ["robust", "leaderboard", str(runs / "board"), "--add", str(runs / "kept")]
    )
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert "a leaderboard entry needs the whole run" in told
    assert told.count("\n") == 1
    assert not list(runs.glob("board/*.json"))


def test_a_report_on_a_kept_run_has_figures_and_no_answers(runs):
    from robust.report.html.page import make_report

    kept, one = _read(runs / "kept"), _read(runs / "one")
    assert len(kept.scores["key"].iloc[0]) == KEY_LETTERS
    alone = make_report({"two": kept}, {})
    assert "two loses 10.0 points" in alone.html
    assert 'id="viewer' not in alone.html
    assert [note for note in alone.notes if "kept copy" in note]
    both = make_report({"one": one, "two": kept}, {})
    (data,) = [line for line in both.html.splitlines() if '"models"' in line]
    held = json.loads(data[data.index("{") : data.rindex("}") + 1])
    assert held["models"] == ["one"]
    assert len(held["rows"]["variant"]) == 120


def test_predictions_of_a_kept_run_are_not_called_broken(runs):
    with pytest.raises(UserError, match="a kept copy of a run"):
        read_run(runs / "kept")
