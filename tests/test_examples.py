"""The examples run as they stand."""

import re
import runpy
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robust.cli.main import create_app
from robust.runs import read_run
from robust.squad.io import write_squad

FOLDER = Path(__file__).parents[1] / "examples"
# of readers; the attack is tested with the page that shows it (test_docs.py)
WHOLE = FOLDER / "whole_path.py"
EXAMPLES = sorted(p for p in FOLDER.glob("*.py") if not p.stem.endswith("_attack") and p != WHOLE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_evaluates_its_model_and_says_where_the_run_is(
    example, tiny, tmp_path, own_home, monkeypatch, capsys
):
    questions = tiny.tiny_questions()
    write_squad(tmp_path / "paired.json", [*questions, *(tiny.tiny_variant(q) for q in questions)])
    monkeypatch.setattr(sys, "argv", [str(example), str(tmp_path / "paired.json")])
    runpy.run_path(str(example), run_name="__main__")
    run = read_run(Path(capsys.readouterr().out.strip()))
    assert len(run.scores) == 24
    assert len(example.read_text(encoding="utf-8").splitlines()) < 50


@pytest.mark.parametrize(
    "example", [p for p in EXAMPLES if '"qads"' in p.read_text(encoding="utf-8")], ids=lambda path: path.stem
)
def test_an_example_without_a_set_says_in_one_line_how_to_have_one(example, tmp_path, own_home, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(example)])
    with pytest.raises(SystemExit, match=r"^qads: no such set here; build it: robust build-qads [^\n]*$"):
        runpy.run_path(str(example), run_name="__main__")
    (command,) = re.findall(r"robust (build-qads .*)", example.read_text(encoding="utf-8"))
    assert CliRunner().invoke(create_app(), [*command.split(), "--limit", "12"]).exit_code == 0
    runpy.run_path(str(example), run_name="__main__")


def test_the_chinese_example_without_a_set_ends_in_one_line_and_says_above_how_to_have_one(
    tmp_path, own_home, monkeypatch
):
    example = FOLDER / "chinese_overlap.py"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(example)])
    with pytest.raises(SystemExit, match=r"^zh: no such file[^\n]*$"):
        runpy.run_path(str(example), run_name="__main__")
    assert "robust build synonym-file.v1 --data zh-demo --out zh\n" in example.read_text(encoding="utf-8")


def test_the_whole_path_from_data_to_report_runs_in_python(tmp_path, own_home, capsys):
    runpy.run_path(str(WHOLE))["main"](tmp_path)
    assert "difference of drops" in capsys.readouterr().out
    assert "next_word" in (tmp_path / "report.html").read_text(encoding="utf-8")
    for name in ("first_name", "next_word"):
        assert "set" in read_run(tmp_path / name).summary["sets"]


def test_there_is_an_example_of_each_way_in():
    if not (Path(__file__).parents[1] / "README.md").is_file():
        pytest.skip("not in a checkout")
    assert {path.stem for path in EXAMPLES} >= {"own_callable", "huggingface_model", "http_endpoint"}
