"""robust probe, as a user calls it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from robust.cli.main import create_app
from robust.errors import UserError
from robust.pretrain.vocabulary import train_vocabulary
from robust.probe.task import find_task, shipped_tasks
from robust.zoo.tokenizers import save_tokenizer
from tests.probe.small import model, saved, sentences

TASK = """\
patterns = ["So {thing} is [MASK].", "They painted {thing} in [MASK] yesterday."]
verbaliser = { warm = ["red"], cold = ["blue"] }
items = [
    { label = "warm", thing = "the fire" },
    { label = "warm", thing = "the oven" },
    { label = "cold", thing = "the ice" },
    { label = "cold", thing = "the lake" },
]
"""


@pytest.fixture
def task(tmp_path: Path, own_home: Path) -> Path:
    (tmp_path / "colour.toml").write_text(TASK)
    return tmp_path / "colour.toml"


def robust(*words: object) -> Result:
    result = CliRunner().invoke(create_app(), ["probe", *(str(word) for word in words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_json_is_one_object_with_every_figure(task: Path, tmp_path: Path) -> None:
    model = saved(tmp_path / "lm", "BertForMaskedLM")
    words = (model, "--task", task, "--shots", 1, "--calibrate", "--device", "cpu", "--json")
    said = robust(*words).stdout
    found = json.loads(said)
    assert (found["family"], found["shots"], found["calibrated"], found["device"]) == ("bert", 1, True, "cpu")
    (colour,) = found["tasks"]
    assert (colour["task"], colour["items"], colour["chance"], colour["majority"]) == ("colour", 4, 0.5, 0.5)
    assert len(colour["patterns"]) == 2
    for row in (*colour["patterns"], colour["together"]):
        assert sum(row["said"].values()) == len(row["answers"]) == 4
        assert row["interval"][0] <= row["accuracy"] <= row["interval"][1]
    assert robust(*words).stdout == said


def test_the_table_has_a_row_for_each_pattern_and_the_baselines(
    task: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("robust.cli.output.out", Console(width=160))  # whatever screen was there first
    shown = robust(saved(tmp_path / "lm", "AlbertForPreTraining"), "--task", task).stdout
    for part in ("(albert), zero-shot", "So {thing} is [MASK].", "mean of patterns", "all patterns together"):
        assert part in shown
    assert shown.count("50.0%") >= 8  # chance and majority of every row


def test_words_in_pieces_are_told(task: Path, tmp_path: Path) -> None:
    task.write_text(TASK.replace('"blue"', '"redeb"'))
    shown = robust(saved(tmp_path / "lm", "BertForMaskedLM"), "--task", task).stdout
    assert "words in several pieces for this tokenizer: redeb (" in shown


def test_without_a_task_all_shipped_ones_are_asked(tmp_path: Path, own_home: Path) -> None:
    everything = [find_task(name) for name in shipped_tasks()]
    tokenizer = train_vocabulary([tuple(sentences(task)) for task in everything], "wordpiece", 200)
    model("BertForMaskedLM", tokenizer, positions=128).save_pretrained(tmp_path / "lm")
    save_tokenizer(tokenizer, tmp_path / "lm")
    found = json.loads(robust(tmp_path / "lm", "--json").stdout)
    assert [row["task"] for row in found["tasks"]] == list(shipped_tasks())


def test_the_command_that_a_discriminator_is_answered_with_works(task: Path, tmp_path: Path) -> None:
    folder = saved(tmp_path / "my electra", "ElectraForPreTraining")
    saved(folder / "generator", "ElectraForMaskedLM")
    with pytest.raises(UserError, match="an ELECTRA discriminator") as refused:
        robust(folder, "--task", task)
    words = shlex.split(str(refused.value).partition("robust probe ")[2])
    assert json.loads(robust(*words, "--task", task, "--json").stdout)["family"] == "electra"


@pytest.mark.parametrize(
    "words", [["bert-bas"], ["bert-base", "--task", "topics"], ["./nowhere"], ["bert-base", "--shots", "-1"]]
)
def test_a_mistake_is_told_without_waiting_for_torch(words: list[str], tmp_path: Path) -> None:
    code = (
        "import sys, robust.cli.main as m\n"
        f"sys.argv = ['robust', 'probe', *{words!r}]\n"
        "try:\n    m.main()\nexcept SystemExit as end:\n    assert end.code == 2, end.code\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
