"""robust build-qads --explain, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from robust.cli.main import create_app
from robust.errors import UserError
from robust.squad.io import write_squad
from robust.squad.records import Question


@pytest.fixture
def data(tmp_path: Path) -> Path:
    text = "Which physicians purchased the [bold]huge[/bold] automobile?"
    write_squad(tmp_path / "data.json", [Question("q1", text, "Nothing.", (), "T", False, "T:1", "T")])
    return tmp_path / "data.json"


def robust(*words: object) -> Result:
    result = CliRunner().invoke(create_app(), ["build-qads", *(str(word) for word in words)])
    if isinstance(result.exception, UserError):
        raise result.exception
    return result


def test_the_question_is_shown_before_and_after_with_every_word(data: Path) -> None:
    shown = robust("--data", data, "--explain", "q1", "--edits", "all").stdout
    assert "Which physicians purchased the [bold]huge[/bold] automobile?" in shown
    for part in ("question word", "sense", "doctor.n.01", "safety", "refused: "):
        assert part in shown
    assert list(data.parent.iterdir()) == [data]


def test_json_says_the_same_and_a_variants_id_means_its_original(data: Path) -> None:
    result = robust("--data", data, "--explain", "q1#1", "--json")
    found = json.loads(result.stdout)
    assert found["id"] == "q1"
    assert found["settings"]["preset"] == "safe"
    (replaced,) = (word for word in found["words"] if word["replaced_by"])
    assert replaced["replaced_by"] in found["after"]


def test_an_unknown_id_names_the_nearest(data: Path) -> None:
    with pytest.raises(UserError, match=r"--explain q7: no such question in .*; the nearest id is q1"):
        robust("--data", data, "--explain", "q7")


def test_without_explain_the_folder_must_be_named(data: Path) -> None:
    with pytest.raises(UserError, match="--out: missing"):
        robust("--data", data)
