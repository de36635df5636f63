"""robust build with an attack that asks a model: --masked-lm, the manifest, and what is said without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from robust.attack.scorers import Scorers
from robust.squad.io import write_squad
from robust.squad.records import Question
from tests.attack.conftest import FakeMaskedLm, make_question

Said = tuple[int, str, str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    questions: list[Question] = [make_question(number) for number in range(12)]
    write_squad(tmp_path / "data.json", questions)
    return tmp_path / "data.json"


def test_without_a_model_one_line_names_the_option(
    command: Callable[..., Said], data: Path, tmp_path: Path
) -> None:
    code, _, said = command("build", "masked-lm.v1", "--data", data, "--out", tmp_path / "set")
    assert code == 2
    assert "--masked-lm" in said
    assert "\n" not in said.strip()


def test_a_model_for_an_attack_that_asks_none_is_refused(
    command: Callable[..., Said], data: Path, tmp_path: Path
) -> None:
    code, _, said = command("build", "typo.v1", "--masked-lm", "x", "--data", data, "--out", tmp_path / "set")
    assert code == 2
    assert "leave --masked-lm out" in said


def test_the_models_sha256_is_in_the_manifest_and_another_model_is_another_set(
    command: Callable[..., Said], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = FakeMaskedLm()
    monkeypatch.setattr("robust.cli.scorers.load_scorers", lambda *_, **__: Scorers(lm))
    words = (
        "build",
        "masked-lm.v1",
        "--masked-lm",
        "fake",
        "--data",
        data,
        "--out",
        tmp_path / "set",
        "--json",
    )
    code, said, error = command(*words)
    assert code == 0, error
    assert json.loads(said)["fresh"]
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert manifest["scorers_sha256"] == {"masked-lm": lm.sha256}
    assert manifest["settings"]["model_sha256"] == lm.sha256
    assert "--masked-lm fake" in manifest["command"]
    assert not json.loads(command(*words)[1])["fresh"]
    monkeypatch.setattr(lm, "sha256", "9" * 64)
    code, _, error = command(*words)
    assert code == 2
    assert "other settings" in error
