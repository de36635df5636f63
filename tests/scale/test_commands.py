"""Every command with --engine ray writes what it writes without, byte for byte."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.evaluation import searching
from robust.pretrain import documents
from robust.reader import elsewhere
from robust.reader.predict import PredictSettings, predict
from robust.squad.io import write_squad
from robust.squad.records import Answer
from robust.zoo.checkpoints import load_reader, save_reader
from tests.test_build import many_questions

pytestmark = pytest.mark.slow

Both = Callable[..., tuple[Path, Path]]


def written(folder: Path) -> dict[str, bytes]:
    """Return every file's bytes, but for the commit, and the number of threads that a worker has."""
    return {
        str(file.relative_to(folder)): re.sub(
            rb'"(git_commit|device)": .*|"questions_per_second": .*', b"", file.read_bytes()
        )
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def inputs(tmp_path: Path, tiny: SimpleNamespace) -> Path:
    """Return a folder with a reader, its questions, questions to rewrite, and text."""
    reader = tiny.tiny_reader()
    save_reader(tmp_path / "in" / "reader", reader.model, reader.tokenizer, reader.settings)
    asked = tiny.tiny_questions()
    write_squad(tmp_path / "in" / "asked.json", [*asked, *map(tiny.tiny_variant, asked)])
    write_squad(tmp_path / "in" / "many.json", many_questions(2))
    text = "\n\n".join(f"{q.context} {q.text}" for q in many_questions())
    (tmp_path / "in" / "text.txt").write_text(text)
    return tmp_path / "in"


@pytest.fixture
def both(
    inputs: Path,
    tmp_path: Path,
    cluster: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Both:
    """Return what runs a command here and on the cluster, each in a folder and a home of its own."""
    from robust.cli.main import main

    def run(*words: str) -> tuple[Path, Path]:
        found = []
        for name, more in (("here", ()), ("there", ("--engine", "ray", "--address", cluster.address))):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            monkeypatch.chdir(folder)
            monkeypatch.setenv("ROBUST_HOME", str(tmp_path / f"home-{name}"))
            monkeypatch.setattr(sys, "argv", ["robust", *words, *more])
            with pytest.raises(SystemExit) as end:
                main()
            assert not end.value.code, capsys.readouterr().err
            found.append(folder)
        return found[0], found[1]

    return run


def test_eval(both: Both, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "_PIECE", {"cpu": 5})
    here, there = both(
        "eval", "-m", str(inputs / "reader"), "-s", str(inputs / "asked.json"), "--out", "run"
    )  # fmt: skip
    assert {"predictions.parquet", "scores.parquet", "manifest.json"} <= written(here / "run").keys()
    assert written(here / "run") == written(there / "run")


@pytest.mark.parametrize("screen", ["--screen", "--no-screen"])
def test_attack(
    both: Both, inputs: Path, tiny: SimpleNamespace, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PIECE", 5)
    asked = tiny.tiny_questions()
    found = predict(load_reader(inputs / "reader"), asked, PredictSettings(device="cpu", dtype="float32"))
    right = [  # by its own lights: so all are, when clean
        replace(q, answers=(Answer(p.text, q.context.index(p.text)),), answerable=True)
        for q, p in zip(asked, found, strict=True)
    ]
    write_squad(inputs / "right.json", right)
    here, there = both(
        *("attack", "-m", str(inputs / "reader"), "-a", "typo.v1", "--data", str(inputs / "right.json")),
        *("--threshold", "1000", "--query-budget", "20", screen, "--out", "found"),
    )
    assert {"search.parquet", "figures.json", "perturbed.json"} <= written(here / "found").keys()
    assert written(here / "found") == written(there / "found")


def test_build(both: Both, inputs: Path) -> None:
    here, there = both("build-qads", "--data", str(inputs / "many.json"), "--preset", "paper", "--out", "set")
    assert len(written(here / "set")) > 10  # with its control arms
    assert written(here / "set") == written(there / "set")


def test_validity(both: Both, inputs: Path) -> None:
    here, there = both(
        "validity", "typo.v1", "--data", str(inputs / "many.json"), "--out", "figures.json"
    )  # fmt: skip
    assert json.loads((here / "figures.json").read_text())["questions"]["variants"] > 100
    assert written(here) == written(there)


def test_packing(both: Both, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_CHARACTERS", 2_000)  # text of several pieces
    here, there = both(
        "corpus", "pack", str(inputs / "text.txt"), "--tokenizer", str(inputs / "reader"), "--length", "16",
        "--out", "pack",
    )  # fmt: skip
    assert json.loads((here / "pack" / "manifest.json").read_text())["windows"] > 100
    assert written(here / "pack") == written(there / "pack")
