"""The loop learns, stops and goes on as if it had not stopped, and says what is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from robust.errors import UserError
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.vocabulary import train_vocabulary
from robust.training.state import STATE_FILE
from tests.pretrain.corpus import made_documents

SETTINGS = PretrainSettings(lr=3e-3, batch=8, steps=12, warmup=0.2, checkpoint_every=5)
DOCUMENTS = made_documents(30)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(DOCUMENTS, "wordpiece", 150)


@pytest.fixture(scope="module")
def windows(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> PackReader:
    return PackReader(pack(DOCUMENTS, tokenizer, tmp_path_factory.mktemp("pack") / "pack", length=24))


def fresh(tokenizer: Any) -> MaskedLM:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=150,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    return MaskedLM(BertForMaskedLM(config), Alphabet.of(tokenizer))


def losses(rows: list[dict[str, float]]) -> list[float]:
    return [row["loss"] for row in rows]


class Stopped(Exception):
    """What a test stops a run with."""


def stop_at(number: int) -> Any:
    def report(step: Step) -> None:
        if step.number == number:
            raise Stopped

    return report


def test_a_run_that_was_stopped_goes_on_with_the_same_losses(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    model = fresh(tokenizer)
    rows = pretrain(model, windows, SETTINGS, folder=whole)
    with pytest.raises(Stopped):
        pretrain(fresh(tokenizer), windows, SETTINGS, folder=stopped, report=stop_at(8))
    resumed = fresh(tokenizer)
    seen: list[int] = []
    again = pretrain(resumed, windows, SETTINGS, folder=stopped, report=lambda s: seen.append(s.number))
    assert seen == list(range(6, 13))
    assert losses(again) == losses(rows)
    assert [row["step"] for row in again] == list(range(1, 13))
    assert all(
        torch.equal(a, b)
        for a, b in zip(model.state_dict().values(), resumed.state_dict().values(), strict=True)
    )


def test_the_loss_falls_and_the_rate_warms_up_and_falls(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    steps: list[Step] = []
    settings = replace(SETTINGS, steps=60)
    rows = pretrain(fresh(tokenizer), windows, settings, folder=tmp_path, report=steps.append)
    assert sum(losses(rows)[-10:]) < 0.97 * sum(losses(rows)[:10])
    rates = [step.rate for step in steps]
    assert rates[0] == 0.0
    assert max(rates) == pytest.approx(3e-3)
    assert rates.index(max(rates)) == 12
    assert rates[-1] < 0.1 * max(rates)
    assert {"loss", "step", "rate", "seconds", "accuracy"} <= rows[-1].keys()


def test_parts_of_a_batch_make_the_batch(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=3)
    model = fresh(tokenizer)
    model.model.config.hidden_dropout_prob = 0.0
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    parts = replace(settings, accumulate=8)
    rows = pretrain(model, windows, parts, folder=tmp_path / "parts")
    assert all(row["loss"] > 0 for row in rows)
    assert rows[0]["loss"] == pytest.approx(torch.log(torch.tensor(150.0)).item(), abs=0.3)


def test_the_clock_ends_a_run_with_a_budget(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    settings = replace(SETTINGS, budget=0.6, steps=10**9)
    rows = pretrain(fresh(tokenizer), windows, settings, folder=tmp_path)
    assert rows[-2]["seconds"] < 0.6 if len(rows) > 1 else True
    assert (tmp_path / STATE_FILE).is_file()


def test_another_setting_is_named_when_a_run_is_to_go_on(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path)
    with pytest.raises(UserError, match=r"other settings or data \(lr: 0\.003 there, 0\.001 here\)"):
        pretrain(fresh(tokenizer), windows, replace(SETTINGS, lr=1e-3), folder=tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_state(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    model = fresh(tokenizer)

    def poison(step: Step) -> None:
        if step.number == 6:
            with torch.no_grad():
                next(model.parameters()).fill_(float("nan"))

    with pytest.raises(UserError, match=r"the loss became nan at step 7 .* the state of step 5 was kept"):
        pretrain(model, windows, SETTINGS, folder=tmp_path, report=poison)
    assert losses(pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path))[5] > 0
