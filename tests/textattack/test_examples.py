"""The two examples of docs/textattack.md run as they stand."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.squad.io import write_squad
from robust.squad.records import Question

pytest.importorskip("robust.textattack.library", reason="needs textattack", exc_type=UserError)

FOLDER = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["textattack_recipe_attack", "textattack_with_our_attack"])
def test_an_example_says_what_came_of_each_question(
    name: str,
    tmp_path: Path,
    questions: list[Question],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_squad(tmp_path / "data.json", questions)
    monkeypatch.setattr(sys, "argv", [name, str(tmp_path / "data.json")])
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:4]] == [question.id for question in questions]
