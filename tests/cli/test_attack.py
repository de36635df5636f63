"""``robust attack`` and ``robust transfer`` as a user types them."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from robust.reader.predict import PredictSettings, predict
from robust.squad.io import write_squad
from robust.squad.records import Answer
from robust.zoo.checkpoints import save_reader

tiny = runpy.run_path(str(Path(__file__).parent.parent / "tiny.py"))
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attack")
    reader = tiny["tiny_reader"]()
    save_reader(folder / "reader", reader.model, reader.tokenizer, reader.settings)
    asked = tiny["tiny_questions"]()
    found = predict(reader, asked, PredictSettings(device="cpu", dtype="float32"))
    right = [  # by its own lights: so all are, when clean
        replace(q, answers=(Answer(p.text, q.context.index(p.text)),), answerable=True)
        for q, p in zip(asked, found, strict=True)
    ]
    write_squad(folder / "data.json", right)
    return folder


@pytest.fixture
def attack(command: Callable[..., Said], place: Path, own_home: Path) -> Callable[..., Said]:
    def run(*words: object, data: str = "data.json", model: str = "reader") -> Said:
        given = ("--model", place / model, "--data", place / data, "--threshold", "1000", "--device", "cpu")
        return command("attack", *given, *words)

    return run


def test_a_search_gives_its_figures_and_a_set_that_is_evaluated_and_transferred(
    attack: Callable[..., Said], command: Callable[..., Said], place: Path
):
    typo = ("--attack", "typo.v1", "--strategy", "beam", "--strategy-setting", "width=2", "--budget", 40)
    code, said, _ = attack(*typo, "--out", place / "found", "--json")
    assert code == 0
    figures = json.loads(said)
    assert figures["strategy"] == "beam"
    assert figures["clean_right"] == figures["questions"] == 12
    assert 0 < figures["successes"] <= figures["clean_right"]
    assert figures["queries"]["mean"] <= 40
    code, said, _ = attack(*typo, "--out", place / "found")  # it stands there
    assert code == 0
    assert "holds this very search already" in said
    assert "attack success" in said
    code, said, _ = command("transfer", place / "found", "--model", place / "reader", "--json")
    assert code == 0
    (cell,) = json.loads(said)["cells"]
    assert (cell["own"], cell["perturbed"]["exact"], cell["questions"]) == (True, 0.0, figures["successes"])
    code, said, _ = command("transfer", place / "found", "--model", place / "reader")
    assert "100.0% -> 0.0%" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attack", "identity.v1"), "identity.v1: lists no places"),
        (("--attack", "antonym.v1"), "antonym.v1: changes the answer"),
        (("--attack", "typo.v1", "--strategy", "gready"), "did you mean greedy"),
        (("--attack", "typo.v1", "--strategy-setting", "width=3"), "has no setting 'width'"),
        (("--attack", "typo.v1", "--constraint", "shorter<=3"), "constraint 'shorter<=3': not known"),
        (("--attack", "typo.v1", "--masked-lm", "bert-base"), "leave --masked-lm out"),
        (("--attack", "typo.v1", "--budget", "1"), "--budget"),
    ],
)
def test_a_mistake_is_one_line(
    attack: Callable[..., Said], words: tuple[str, ...], said: str, tmp_path: Path
):
    code, out, error = attack(*words, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_set_that_is_no_search_cannot_be_transferred(
    command: Callable[..., Said], place: Path, own_home: Path
):
    code, _, error = command("transfer", place, "--model", place / "reader")
    assert code == 2
    assert len(error.strip().splitlines()) == 1
