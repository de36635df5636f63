"""``robust attack`` and ``robust transfer`` as a user types them."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from robust.cli.attack import _print
from robust.cli.build import with_constraints
from robust.evaluation import side_by_side
from robust.evaluation.adversarial import Attacked
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
    typo = (
        "--attack",
        "typo.v1",
        "--strategy",
        "beam",
        "--strategy-setting",
        "width=2",
        "--query-budget",
        40,
    )
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
    assert "100.0% -> 0.0% (" not in said  # no interval of what was chosen
    shutil.copytree(place / "reader", place / "copies" / "same")
    shutil.copytree(place / "reader", place / "copies" / "reader")
    for words, line in (
        ((place / "found", place / "copies" / "found"), "found: two sets of this name"),
        ((place / "found", "-m", place / "copies" / "reader"), "reader: two readers of this name"),
        ((place / "found", "-m", place / "copies" / "same"), "the same weights as"),
    ):
        code, _, error = command("transfer", *words, "--model", place / "reader")
        assert (code, len(error.strip().splitlines())) == (2, 1)
        assert line in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attack", "identity.v1"), "identity.v1: lists no places"),
        (("--attack", "antonym.v1"), "antonym.v1: changes the answer"),
        (("--attack", "typo.v1", "--strategy", "gready"), "did you mean greedy"),
        (("--attack", "typo.v1", "--strategy-setting", "width=3"), "has no setting 'width'"),
        (
            ("--attack", "typo.v1", "--strategy-setting", "width"),
            "--strategy-setting 'width': expected NAME=VALUE",
        ),
        (("--attack", "typo.v1", "--constraint", "shorter<=3"), "constraint 'shorter<=3': not known"),
        (("--attack", "typo.v1", "--masked-lm", "bert-base"), "leave --masked-lm out"),
        (("--attack", "typo.v1", "--query-budget", "1"), "--query-budget"),
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


def test_a_folder_of_another_kind_is_told_before_anything_is_read(
    attack: Callable[..., Said], tmp_path: Path
):
    (tmp_path / "mine.txt").write_text("keep")
    code, _, error = attack("--attack", "typo.v1", "--out", tmp_path, data="none.json")
    assert code == 2
    assert "not empty and not a robustness set" in error


def test_constraints_of_both_options_are_kept():
    assert with_constraints({"constraints": ["edit-rate<=0.2"], "n": 1}, ["overlap>=0.5"]) == {
        "constraints": ("edit-rate<=0.2", "overlap>=0.5"),
        "n": 1,
    }
    assert with_constraints({}, None) == {}
    assert with_constraints({"constraints": 3}, ["overlap>=0.5"]) == {"constraints": 3}  # for make to refuse


def test_on_a_cpu_candidates_are_screened_unless_that_is_refused(
    attack: Callable[..., Said], place: Path, tmp_path: Path
):
    told = {}
    for name, words in (("with", ()), ("without", ("--no-screen",))):
        code, said, _ = attack("--attack", "typo.v1", *words, "--out", tmp_path / name, "--json")
        assert code == 0
        told[name] = json.loads(said)
    assert told["with"]["screen"]["kind"] == "short paragraph"
    assert told["with"]["screened"]["mean"] > 1
    assert told["without"]["screen"] is None
    assert told["without"]["screened"]["mean"] == 0
    code, said, _ = attack("--attack", "typo.v1", "--out", tmp_path / "with")
    assert "screened: mean" in said


def test_several_processes_change_no_byte(
    attack: Callable[..., Said], place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(side_by_side, "PART", 5)  # of twelve questions: three parts
    for workers in (1, 2):
        code, _, _ = attack("--attack", "typo.v1", "--workers", workers, "--out", tmp_path / str(workers))
        assert code == 0
    files = sorted(file.name for file in (tmp_path / "1").iterdir())
    assert files == sorted(file.name for file in (tmp_path / "2").iterdir())
    for name in files:
        one, two = (tmp_path / str(workers) / name for workers in (1, 2))
        if name == "manifest.json":  # it names the command, and somebody may commit while the tests run
            of_run = {"command": "", "git_commit": ""}
            told = [json.loads(file.read_text()) | of_run for file in (one, two)]
            assert told[0] == told[1]
        else:
            assert one.read_bytes() == two.read_bytes(), name


@pytest.mark.parametrize(
    ("wanted", "questions", "count"), [(8, 64, 1), (8, 65, 2), (2, 9_999, 2), (None, 70, 1)]
)
def test_no_more_processes_are_started_than_are_worth_it(wanted: int | None, questions: int, count: int):
    assert side_by_side.count_workers(wanted, questions) == count


def test_a_search_without_success_is_not_sent_on_to_other_readers(capsys: pytest.CaptureFixture[str]):
    none = {
        "queries": None,
        "queries_of_successes": None,
        "screened": None,
        "edit_curve": [],
        "query_curve": [],
    }
    shares = ("success_rate", "success_rate_with_candidates", "HasAns", "NoAns")
    none |= dict.fromkeys((*shares, "accuracy_clean", "accuracy_under_attack"))
    none |= {"questions": 1, "clean_right": 1, "with_candidates": 1, "successes": 0}
    about = {"model": {"name": "bert"}, "strategy": "greedy", "budget": 9, "screen": None}
    _print(Attacked(Path("out"), {"attack": "typo.v1", "search": about}, none, fresh=True), 1.0)
    said = capsys.readouterr().out
    assert "next: a larger --query-budget" in said
    assert "robust transfer" not in said


def test_a_set_that_is_no_search_cannot_be_transferred(
    command: Callable[..., Said], place: Path, own_home: Path
):
    code, _, error = command("transfer", place, "--model", place / "reader")
    assert code == 2
    assert error == f"robust: {place}: no manifest.json, expected a folder made by robust attack\n"
