"""What only a GPU can show: it computes what the CPU does, in half precision too, and goes on bit for bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from robust.pretrain.documents import Document
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.objectives.base import Objective
from robust.pretrain.objectives.choice import OBJECTIVES, Choice, build_objective
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.vocabulary import train_vocabulary
from robust.reader.finetune import FinetuneSettings, finetune
from robust.reader.predict import PredictSettings, predict
from robust.zoo.architecture import new_reader
from robust.zoo.beginnings import Beginning, shape_of
from tests.pretrain.corpus import made_documents

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")

DOCUMENTS: list[Document] = made_documents(60)
SHAPE = shape_of("bert-tiny", {"layers": "2", "hidden": "64", "ffn": "128", "heads": "2", "positions": "64"})
SETTINGS = PretrainSettings(
    lr=1e-3, batch=16, steps=8, accumulate=2, warmup=0.2, checkpoint_every=4, peak=1e12, device="cuda"
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(DOCUMENTS, "wordpiece", 200)


@pytest.fixture(scope="module")
def windows(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> PackReader:
    return PackReader(pack(DOCUMENTS, tokenizer, tmp_path_factory.mktemp("pack") / "pack", length=64))


def fresh(tokenizer: Any, objective: str, dropout: float = 0.0) -> Objective:
    family = "albert" if objective == "sentence-order" else SHAPE.family
    shape = replace(SHAPE, family=family)
    return build_objective(
        Choice(objective=objective), Beginning(shape=shape, tokenizer=tokenizer, seed=0, dropout=dropout)
    )


def losses(rows: list[dict[str, float]]) -> list[float]:
    return [row["loss"] for row in rows]


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_pre_training_has_the_losses_of_the_cpu(
    tokenizer: Any, windows: PackReader, tmp_path: Path, objective: str
) -> None:
    found = {
        device: pretrain(
            fresh(tokenizer, objective), windows, replace(SETTINGS, device=device), folder=tmp_path / device
        )
        for device in ("cpu", "cuda")
    }
    assert losses(found["cuda"]) == pytest.approx(losses(found["cpu"]), rel=2e-3)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("objective", ["masked-lm", "replaced-token"])
def test_bfloat16_comes_close(
    tokenizer: Any, windows: PackReader, tmp_path: Path, objective: str, compiled: bool
) -> None:
    half = replace(SETTINGS, dtype="bfloat16", compile=compiled)
    exact = pretrain(fresh(tokenizer, objective), windows, SETTINGS, folder=tmp_path / "float32")
    found = pretrain(fresh(tokenizer, objective), windows, half, folder=tmp_path / "bfloat16")
    # before a sampled token differs for being rounded the other way
    assert losses(found)[:3] == pytest.approx(losses(exact)[:3], rel=0.03)
    assert losses(found)[-1] < losses(found)[0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    "objective", ["masked-lm", "sentence-order", "replaced-token", "replaced-token-two-stage"]
)
def test_a_recorded_step_is_the_step(
    tokenizer: Any, windows: PackReader, tmp_path: Path, objective: str, compiled: bool
) -> None:
    settings = replace(SETTINGS, steps=20, dtype="bfloat16", compile=compiled)
    plain = pretrain(fresh(tokenizer, objective), windows, settings, folder=tmp_path / "plain")
    recorded = pretrain(
        fresh(tokenizer, objective), windows, replace(settings, cuda_graph=True), folder=tmp_path / "recorded"
    )
    # replays from the fourth step on; later a sampled token may differ for being rounded the other way
    assert losses(recorded)[:8] == pytest.approx(losses(plain)[:8], rel=0.01)
    assert losses(recorded)[-1] == pytest.approx(losses(plain)[-1], rel=0.05)


def test_a_recorded_run_that_was_stopped_goes_on(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=16, cuda_graph=True, checkpoint_every=7)
    rows = pretrain(fresh(tokenizer, "masked-lm"), windows, settings, folder=tmp_path / "whole")

    class Stopped(Exception):
        pass

    def stop(step: Step) -> None:
        if step.number == 9:
            raise Stopped

    with pytest.raises(Stopped):
        pretrain(fresh(tokenizer, "masked-lm"), windows, settings, folder=tmp_path / "stopped", report=stop)
    again = pretrain(fresh(tokenizer, "masked-lm"), windows, settings, folder=tmp_path / "stopped")
    assert losses(again) == pytest.approx(losses(rows), rel=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_stopped_run_goes_on_bit_for_bit(
    tokenizer: Any, windows: PackReader, tmp_path: Path, dtype: str
) -> None:
    class Stopped(Exception):
        pass

    def stop(step: Step) -> None:
        if step.number == 6:
            raise Stopped

    settings = replace(SETTINGS, dtype=dtype)
    rows = pretrain(fresh(tokenizer, "masked-lm", 0.1), windows, settings, folder=tmp_path / "whole")
    with pytest.raises(Stopped):
        pretrain(
            fresh(tokenizer, "masked-lm", 0.1), windows, settings, folder=tmp_path / "stopped", report=stop
        )
    again = pretrain(fresh(tokenizer, "masked-lm", 0.1), windows, settings, folder=tmp_path / "stopped")
    assert losses(again) == losses(rows)


def test_fine_tuning_has_the_losses_of_the_cpu(tiny: SimpleNamespace, tmp_path: Path) -> None:
    settings = FinetuneSettings(
        lr=1e-3, batch=4, max_steps=10, length=64, stride=16, max_question=32, dropout=0.0
    )
    found = {}
    for device in ("cpu", "cuda"):
        tokenizer = tiny.tiny_tokenizer()
        found[device] = finetune(
            new_reader(SHAPE, tokenizer, seed=3),
            tokenizer,
            tiny.tiny_questions(),
            replace(settings, device=device),
            folder=tmp_path / device,
        )
    assert found["cuda"] == pytest.approx(found["cpu"], rel=2e-3)


def test_predictions_are_those_of_the_cpu(tiny: SimpleNamespace) -> None:
    reader, questions = tiny.tiny_reader(), tiny.tiny_questions()
    odds = {}
    for device, dtype in (("cpu", "float32"), ("cuda", "float32"), ("cuda", "bfloat16")):
        found = predict(reader, questions, PredictSettings(device=device, dtype=dtype))  # type: ignore[arg-type]
        odds[device, dtype] = np.array([p.null_odds for p in found])
    exact = odds["cpu", "float32"]
    np.testing.assert_allclose(odds["cuda", "float32"], exact, atol=1e-3)
    np.testing.assert_allclose(odds["cuda", "bfloat16"], exact, atol=0.1)
