"""Two processes have the losses of one, and one goes on where the other number stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from robust.errors import UserError
from robust.pretrain.checkpoints import checkpoint_path
from robust.pretrain.loop import Step, pretrain
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.processes import OneProcess, launched
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain import one_of_two
from tests.pretrain.corpus import made_documents

pytestmark = pytest.mark.slow  # each process imports torch and transformers

ROOT = Path(__file__).resolve().parents[2]


class Stopped(Exception):
    """What a test stops a run with."""


def stop_after_the_third(step: Step) -> None:
    if step.number == 4:
        raise Stopped


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(made_documents(30), "wordpiece", 150)


@pytest.fixture(scope="module")
def windows(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> PackReader:
    return PackReader(pack(made_documents(30), tokenizer, tmp_path_factory.mktemp("p") / "pack", length=24))


@pytest.fixture(scope="module")
def two(tokenizer: Any, windows: PackReader, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Return what two gloo processes did, each one's, and the folder they did it in."""
    out = tmp_path_factory.mktemp("two")
    with pytest.raises(Stopped):
        pretrain(
            one_of_two.masked_lm(tokenizer),
            windows,
            one_of_two.SETTINGS,
            folder=out / "begun-by-one",
            report=stop_after_the_third,
        )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*command, "-m", "tests.pretrain.one_of_two", str(windows.pack.folder), str(out)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    return SimpleNamespace(out=out, found=[json.loads((out / f"{rank}.json").read_text()) for rank in (0, 1)])


def alone(objective: Any, windows: PackReader, folder: Path) -> list[float]:
    return [row["loss"] for row in pretrain(objective, windows, one_of_two.SETTINGS, folder=folder)]


def test_two_processes_have_the_losses_of_one(
    two: SimpleNamespace, tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    masked = alone(one_of_two.masked_lm(tokenizer), windows, tmp_path / "masked")
    replaced = alone(one_of_two.replaced_token(tokenizer), windows, tmp_path / "replaced")
    for found in two.found:
        assert found["masked"] == pytest.approx(masked, rel=1e-5)
        assert found["replaced"] == pytest.approx(replaced, rel=1e-5)


def test_a_run_goes_on_with_another_number_of_processes(
    two: SimpleNamespace, tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    masked = alone(one_of_two.masked_lm(tokenizer), windows, tmp_path)
    for found in two.found:  # one process made three steps of these
        assert found["resumed"][:3] == masked[:3]
        assert found["resumed"] == pytest.approx(masked, rel=1e-5)
    begun_by_two = two.out / "masked"
    checkpoint_path(begun_by_two, 5).unlink()
    seen: list[Step] = []
    pretrain(
        one_of_two.masked_lm(tokenizer, seed=7),
        windows,
        one_of_two.SETTINGS,
        folder=begun_by_two,
        report=seen.append,
    )
    assert [step.number for step in seen] == [4, 5]
    assert [step.loss for step in seen] == pytest.approx(masked[3:], rel=1e-5)


def test_only_the_first_process_writes_and_reports(two: SimpleNamespace) -> None:
    assert two.found[0]["written"] == ["step-0000003.safetensors", "step-0000005.safetensors"]
    assert two.found[0]["reported"] == [1, 2, 3, 4, 5]
    assert two.found[1]["written"] == two.found[1]["reported"] == []


def test_a_budget_ends_for_all_processes_at_the_same_step(two: SimpleNamespace) -> None:
    assert two.found[0]["timed"] == two.found[1]["timed"] > 0


@pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="needs Linux, which tells of threads by name"
)
@pytest.mark.parametrize("rank", [0, 1])
def test_no_thread_of_the_group_outlives_it(two: SimpleNamespace, rank: int) -> None:
    """One that does may abort its process as Python ends."""
    threads = json.loads((two.out / f"threads-{rank}.json").read_text())
    assert "python" in " ".join(threads)
    assert not [name for name in threads if "gloo" in name or "tcpstore" in name]


def test_processes_need_parts_to_share(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    class Three(OneProcess):
        size = 3

    with pytest.raises(UserError, match="--accumulate 4: 3 processes share the parts"):
        pretrain(
            one_of_two.masked_lm(tokenizer),
            windows,
            replace(one_of_two.SETTINGS),
            folder=tmp_path,
            processes=Three("cpu"),
        )


def test_one_process_needs_no_accelerate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "accelerate", None)
    assert launched("cpu").size == 1
    monkeypatch.setattr(torch.distributed, "is_torchelastic_launched", lambda: True)
    with pytest.raises(UserError, match=r"pip install -c constraints.txt '\.\[distributed\]'"):
        launched("cpu")
