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

from robust.cli.list_ import list_things


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


def test_attacks_are_listed_with_what_they_expect(run: Any) -> None:
    rows = listed(run, "attacks")
    assert rows["qads.v1"]["expected"] == "same"
    assert rows["qads.v1"]["about"]


@pytest.mark.parametrize("what", ["models", "datasets", "attacks"])
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
        "import sys, robust.cli.list_ as l; l.list_things(l.What.DATASETS, json=True);"
        "heavy = {'torch', 'transformers', 'pandas', 'datasets', 'nltk', 'pyarrow'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
