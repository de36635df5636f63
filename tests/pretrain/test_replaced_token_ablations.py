"""The ablations of ELECTRA's Table 5, and what all its objectives leave on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import ElectraForMaskedLM, ElectraForPreTraining

from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.adversarial import Adversarial
from robust.pretrain.objectives.all_tokens_mlm import COPY_FILE, AllTokensMLM, log_chance
from robust.pretrain.objectives.generator import MASKING, corrupt, hide
from robust.pretrain.objectives.replace_mlm import ReplaceMLM
from robust.pretrain.objectives.replaced_token import ReplacedToken
from robust.pretrain.objectives.two_stage import TwoStage
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain.corpus import made_documents
from tests.pretrain.topics import (
    ALPHABET,
    PREDICTORS,
    TOPICS,
    UNIGRAM,
    WORDS,
    build,
    mean,
    seeded,
    train,
    windows_of,
)


def test_replace_mlm_reads_samples_and_tells_the_originals_at_the_hidden_places() -> None:
    objective = build(ReplaceMLM, weight=3.0)
    seen: list[torch.Tensor] = []
    hook = objective.model.electra.register_forward_pre_hook(
        lambda module, arguments, given: seen.append(given["input_ids"]), with_kwargs=True
    )
    windows = windows_of()
    outcome = objective.outcome(windows, seeded(1))
    hook.remove()
    corrupted = corrupt(objective.generator, hide(windows, ALPHABET, MASKING, seeded(1)))
    assert torch.equal(seen[0], corrupted.inputs)
    labels = torch.full_like(windows, -100).scatter(1, corrupted.positions, corrupted.hidden_originals)
    theirs = float(objective.model(input_ids=corrupted.inputs, labels=labels).loss.detach())
    assert float(outcome.figures["prediction_loss"]) == pytest.approx(theirs, abs=1e-5)
    total = float(outcome.figures["generator_loss"]) + 3.0 * theirs
    assert float(outcome.loss.detach()) == pytest.approx(total, abs=1e-4)


def test_the_chance_of_a_token_is_that_of_copying_and_of_the_softmax() -> None:
    logits, copying = np.random.default_rng(0).normal(size=(3, 4, 7)), np.full((3, 4), 1.2)
    inputs = np.arange(12).reshape(3, 4) % 7
    d = 1 / (1 + np.exp(-copying))
    softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    total = np.zeros((3, 4))
    for token in range(7):
        expected = d * (inputs == token) + (1 - d) * softmax[..., token]
        targets = torch.full((3, 4), token)
        found = log_chance(torch.tensor(logits), torch.tensor(copying), torch.tensor(inputs), targets)
        assert np.allclose(np.exp(found.numpy()), expected)
        total += np.exp(found.numpy())
    assert np.allclose(total, 1.0)
    sure = log_chance(torch.zeros(1, 7), torch.tensor([200.0]), torch.tensor([0]), torch.tensor([1]))
    assert float(sure) == pytest.approx(-200 - np.log(7))


def test_replace_mlm_learns() -> None:
    rows = train(build(ReplaceMLM), 80)
    assert mean(rows, "prediction_loss") < 0.8 * UNIGRAM
    assert mean(rows, "recovered") > 2 / (TOPICS * WORDS)


def test_all_tokens_mlm_learns_more_than_to_copy() -> None:
    rows = train(build(AllTokensMLM), 80)
    replaced = mean(rows, "replaced")
    constant = -(replaced * np.log(replaced) + (1 - replaced) * np.log(1 - replaced)) + replaced * UNIGRAM
    assert mean(rows, "prediction_loss") < 0.85 * constant
    assert mean(rows, "recovered") > 1.5 / (TOPICS * WORDS)
    assert mean(rows, "copied_replaced") < mean(rows, "copied")


@pytest.mark.parametrize(
    ("kind", "share", "width"),
    [
        (ReplacedToken, "none", 0.25),
        (ReplacedToken, "embeddings", 0.25),
        (ReplacedToken, "all", 1.0),
        (TwoStage, "none", 1.0),
        (Adversarial, "embeddings", 0.5),
        (ReplaceMLM, "embeddings", 0.5),
        (ReplaceMLM, "all", 1.0),
        (AllTokensMLM, "embeddings", 0.5),
    ],
)
def test_saved_models_open_in_transformers_with_the_same_logits(
    kind: Any, share: str, width: float, tmp_path: Path
) -> None:
    tokenizer = train_vocabulary(made_documents(5), "wordpiece", 120)
    objective = build(kind, width, share=share, vocabulary=120, alphabet=Alphabet.of(tokenizer))
    inputs = torch.randint(120, (4, 16), generator=seeded())
    optimiser = torch.optim.AdamW(objective.parameters(), lr=1e-2)
    for progress in (0.0, 0.9):
        objective.begin(progress)
        optimiser.zero_grad()
        objective.outcome(inputs, seeded()).loss.backward()
        optimiser.step()
    objective.eval().save(tmp_path, tokenizer)
    main = ElectraForMaskedLM if kind in PREDICTORS else ElectraForPreTraining
    for folder, theirs in (("", main), ("generator", ElectraForMaskedLM)):
        model, told = theirs.from_pretrained(tmp_path / folder, output_loading_info=True)
        assert not told["missing_keys"]
        assert not told["unexpected_keys"]
        with torch.no_grad():
            ours = objective.models()[folder](input_ids=inputs).logits
            assert torch.allclose(model.eval()(input_ids=inputs).logits, ours, atol=1e-5)
    if kind is AllTokensMLM:
        layer = load_file(tmp_path / COPY_FILE)
        assert torch.equal(layer["weight"], objective.copy.weight)
        assert torch.equal(layer["bias"], objective.copy.bias)
