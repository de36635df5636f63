"""Runs found for a report: none is lost to another of the same name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from robust.files import sha256_file
from robust.report.html.open import open_runs, open_sets
from robust.report.html.page import make_report
from robust.squad.io import write_squad
from tests.made_run import UNEVEN, make_run, make_set
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


def test_a_data_set_that_is_here_is_found_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "addsent.json"
    write_squad(file, [replace(q, id=q.id + end) for q in questions() for end in ("", "-high-conf-turk0")])
    run = run_of({"main": shown(questions())}, falls_for(0), name="addsent:dev")
    run.manifest["sets"]["addsent:dev"]["sha256"] = {"addsent.json": sha256_file(file)}

    def here(name: str) -> Path | None:
        return file if name == "addsent:dev" else None

    for given in ((), (Path("addsent:dev"),)):
        found, notes = open_sets({"a": run}, given, tmp_path / "sets", here)
        assert list(found) == ["addsent:dev"] and not notes
    run.manifest["sets"]["addsent:dev"]["attack"] = None  # not of our making
    assert "<title>a when questions are changed</title>" in make_report({"a": run}, {}).html
    assert open_sets({"a": run}, (), tmp_path / "sets", lambda _: None)[0] == {}
    file.write_text("{}", encoding="utf-8")  # another file of that name is not the set
    assert open_sets({"a": run}, (), tmp_path / "sets", here)[0] == {}


def test_a_set_too_large_to_be_shown_one_by_one_has_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_set(tmp_path / "set")
    paths = [
        make_run(tmp_path / "a", folder, UNEVEN, "a"),
        make_run(tmp_path / "b", folder, UNEVEN[::-1], "b"),
    ]
    pages = []
    for most in (120, 119):  # the set has 120 variants
        monkeypatch.setattr("robust.report.html.open.MOST", most)
        runs = open_runs(paths)
        found, _ = open_sets(runs, (), tmp_path / "sets", lambda _: None)
        pages.append(make_report(runs, found))
    whole, large = pages
    assert large.stories == whole.stories
    tables = [re.findall(r"<td[^>]*>(?:[^<]*)</td>", page.html) for page in (whole, large)]
    assert set(tables[1]) <= set(tables[0])
    assert len(tables[1]) > 20
    assert "too many to be shown one by one" in " ".join(large.notes)
    assert "too many to be shown one by one" not in " ".join(whole.notes)
    assert 'id="questions"' in whole.html
    assert 'id="questions"' not in large.html
