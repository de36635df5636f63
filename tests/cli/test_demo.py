"""``robust demo``: sets, runs and the report, with one small reader in place of two."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from robust.cli import demo
from robust.cli.main import main
from robust.folders import sole
from robust.runs import read_manifest


def test_the_demo_ends_in_a_report(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(demo, "READERS", ("electra-tiny-squad2",))
    monkeypatch.setattr(demo, "PRESETS", {"safe": demo.PRESETS["safe"]})
    monkeypatch.setattr(sys, "argv", ["robust", "demo", "--out", str(tmp_path / "my demo"), "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    page = Path(said["report"]).read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "electra-tiny-squad2" in page
    assert "robust eval --model electra-tiny-squad2" in page
    noted = read_manifest(Path(said["readers"][0]["run"]))["command"]
    assert shlex.split(noted)[-2:] == ["--set", str(tmp_path / "my demo" / "safe")], "can be called as it is"


def test_two_demos_do_not_write_into_one_folder(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(demo, "_build", lambda *given: pytest.fail("began to build"))
    monkeypatch.setattr(sys, "argv", ["robust", "demo", "--out", str(tmp_path / "demo")])
    with sole(tmp_path / "demo"), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "another process" in capsys.readouterr().err
