"""``robust textattack``: a robustness set in the house format, and one clear line for what is wrong."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from robust.build.folder import read_edits, read_set
from robust.cli.main import main
from robust.squad.io import write_squad
from robust.squad.records import Question

INSTALLED = importlib.util.find_spec("textattack") is not None
needs_it = pytest.mark.skipif(not INSTALLED, reason="needs textattack")


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["robust", "textattack", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questions: list[Question]) -> Path:
    """Return a folder, the current one, with the questions and a reader of the user's own."""
    monkeypatch.chdir(tmp_path)
    write_squad(tmp_path / "data.json", questions)
    own = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    name = f"own_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(own + "\n\nREADER = Reader()\n", encoding="utf-8")
    (tmp_path / "name").write_text(name)
    return tmp_path


def arguments(place: Path, out: str = "bugs") -> list[str]:
    return ["--reader", f"{(place / 'name').read_text()}:READER", "--data", "data.json", "--out", out]


@needs_it
def test_what_was_found_is_a_robustness_set(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    questions: list[Question],
) -> None:
    assert run(monkeypatch, "deepwordbug", *arguments(place), "--threshold", "0", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["attack"], said["questions"], said["succeeded"]) == ("textattack:deepwordbug", 4, 3)
    found = read_set(place / "bugs")
    assert [question.id for question in found.original] == ["q0", "q1", "q2"]
    assert [question.id for question in found.perturbed] == ["q0#1", "q1#1", "q2#1"]
    assert set(read_edits(place / "bugs")) == {"q0#1", "q1#1", "q2#1"}
    assert [one.context for one in found.perturbed] == [one.context for one in questions[:3]]
    assert found.manifest["search"]["accuracy_after"] == 0.0
    assert found.manifest["settings"]["recipe"] == "deepwordbug"


@needs_it
@pytest.mark.parametrize(
    ("more", "line"),
    [
        (["nonsense"], "recipe nonsense: no recipe of TextAttack's"),
        (["hotflip"], "recipe hotflip: follows the gradients"),
        (["deepwordbug", "--swap", "tagger"], "expected PART=OTHER"),
        (["deepwordbug", "--threshold", "nan"], "--threshold nan: expected a number"),
        (["nonsense", "--data", "none.json"], "recipe nonsense: no recipe of TextAttack's"),
        (["deepwordbug", "--model", "x"], "expected one of --model NAME and --reader"),
    ],
)
def test_a_mistake_is_one_line(
    more: list[str],
    line: str,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, *more[:1], *arguments(place), *more[1:]) == 2
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1
    assert not (place / "bugs").exists()


@needs_it
def test_a_folder_with_something_in_it_is_left_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "bugs").mkdir()
    (place / "bugs" / "mine.txt").write_text("keep")
    assert run(monkeypatch, "deepwordbug", *arguments(place)) == 2
    assert "choose another --out" in capsys.readouterr().err


@pytest.mark.skipif(INSTALLED, reason="textattack is installed")
def test_without_the_extra_one_line_says_how_to_install_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "deepwordbug", *arguments(place)) == 2
    error = capsys.readouterr().err
    assert "pip install -c constraints-textattack.txt '.[textattack]'" in error
    assert error.count("\n") == 1
