"""Two commands never write one folder at a time: the second is told, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from robust.folders import sole
from tests.made_run import EVEN, answers, make_run, make_set


@pytest.mark.parametrize("name", ["eval", "leaderboard"])
def test_a_folder_that_another_command_works_on_is_refused(command, tmp_path: Path, name: str) -> None:
    folder = make_set(tmp_path / "set")
    said = tmp_path / "answers.json"
    said.write_text(json.dumps(answers(folder, EVEN)))
    out = tmp_path / "out"
    words = {
        "eval": ("eval", "--predictions", said, "--set", folder, "--out", out),
        "leaderboard": ("leaderboard", out, "--add", make_run(tmp_path / "run", folder, EVEN)),
    }[name]
    with sole(out):
        code, _, err = command(*words)
    assert code == 2
    assert f"{out}: another process" in err
    assert not out.exists()
    assert command(*words)[0] == 0
    assert out.is_dir()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
