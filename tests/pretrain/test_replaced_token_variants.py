"""Replaced-token detection: the generator's size and figures, two stages, REINFORCE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers import ElectraConfig, ElectraForMaskedLM

from robust.errors import UserError
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.masking import Alphabet, mask
from robust.pretrain.objectives.adversarial import Adversarial, policy_loss
from robust.pretrain.objectives.generator import MASKING, Hidden, corrupt, generator_config
from robust.pretrain.objectives.replaced_token import ReplacedToken
from robust.pretrain.objectives.two_stage import TwoStage
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.vocabulary import train_vocabulary
from robust.zoo.architecture import model_config
from robust.zoo.catalogue import MODELS
from tests.pretrain.corpus import made_documents
from tests.pretrain.topics import (
    ALPHABET,
    build,
    mean,
    seeded,
    train,
    windows_of,
)


def gradients(model: Any) -> list[torch.Tensor]:
    return [p.grad.clone() for p in model.parameters() if p.grad is not None]


@pytest.mark.parametrize("width", [1 / 8, 1 / 4, 1 / 3, 1 / 2, 3 / 4, 1.0])
@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith("electra-")])
def test_a_generator_of_every_published_width_can_be_built(name: str, width: float) -> None:
    shape = MODELS[name].shape
    config = generator_config(model_config(shape), width)
    assert config.hidden_size == round(shape.hidden * width)
    assert config.intermediate_size == round(shape.ffn * width)
    assert (config.num_hidden_layers, config.embedding_size) == (shape.layers, shape.embedding)
    assert config.hidden_size % config.num_attention_heads == 0
    if config.hidden_size % 64 == 0:  # ELECTRA's code: heads of 64
        assert config.num_attention_heads == config.hidden_size // 64
    config.num_hidden_layers = 1
    with torch.device("meta"):
        model = ElectraForMaskedLM(config)
        assert model(input_ids=torch.zeros(1, 8, dtype=torch.long)).logits.shape == (1, 8, shape.vocabulary)


@pytest.mark.parametrize("width", [0.0, -0.5, 1.01, 0.001])
def test_another_width_is_refused(width: float) -> None:
    with pytest.raises(UserError, match=rf"--generator {width}: .* above 0 and at most 1"):
        generator_config(ElectraConfig(hidden_size=256), width)


def test_the_generators_figures_are_those_of_the_hidden_places() -> None:
    objective = build(ReplacedToken)
    windows = windows_of()
    figures = objective.outcome(windows, seeded(3)).figures
    corrupted = corrupt(objective.generator, Hidden(*objective.draw(windows, seeded(3))))
    hidden = mask(windows, ALPHABET, MASKING, seeded(3))
    with torch.no_grad():
        logits = objective.generator(input_ids=hidden.inputs).logits
    labels = torch.full_like(windows, -100).scatter(1, hidden.positions, hidden.originals)
    assert float(figures["generator_loss"]) == pytest.approx(
        float(functional.cross_entropy(logits.flatten(0, 1), labels.flatten())), abs=1e-5
    )
    there = labels != -100
    right = (logits.argmax(-1) == windows)[there].float().mean()
    kept = (corrupted.inputs == windows)[there].float().mean()
    assert float(figures["generator_accuracy"]) == pytest.approx(float(right))
    assert float(figures["sampled_accuracy"]) == pytest.approx(float(kept))
    share = hidden.positions.shape[1] / windows.shape[1]
    assert float(figures["replaced"]) == pytest.approx(share * (1 - float(kept)), abs=1e-6)


def test_electra_15_asks_about_the_hidden_tokens_only() -> None:
    everywhere, hidden = build(ReplacedToken), build(ReplacedToken, detect="hidden")
    corrupted = corrupt(hidden.generator, Hidden(*hidden.draw(windows_of(), seeded())))
    logits = hidden.discriminator(input_ids=corrupted.inputs).logits.gather(1, corrupted.positions)
    labels = corrupted.replaced.gather(1, corrupted.positions)
    loss = functional.binary_cross_entropy_with_logits(logits, labels)
    figures = hidden.outcome(windows_of(), seeded()).figures
    assert float(figures["detection_loss"]) == pytest.approx(float(loss.detach()))
    other = everywhere.outcome(windows_of(), seeded()).figures
    assert float(figures["replaced"]) == float(other["replaced"])
    assert float(figures["detection_loss"]) != pytest.approx(float(other["detection_loss"]))


def test_two_stages_learn_one_after_the_other() -> None:
    objective = build(TwoStage, stage_share=0.1)
    rows = train(objective, 80)
    assert [row["stage"] for row in rows] == [1.0] * 8 + [2.0] * 72
    assert "detection_loss" not in rows[7]
    assert rows[7]["generator_loss"] < rows[0]["generator_loss"] - 0.2
    assert mean(rows, "information") > 0.03  # knowing that [CLS] and [SEP] are never replaced gives 0.016


def test_the_second_stage_starts_from_the_generators_encoder_and_leaves_the_generator_alone() -> None:
    objective = build(TwoStage, stage_share=0.5)
    optimiser = torch.optim.AdamW(objective.parameters(), lr=1e-2, weight_decay=0.1)

    def step(progress: float) -> None:
        objective.begin(progress)
        optimiser.zero_grad()
        objective.outcome(windows_of(), seeded()).loss.backward()
        optimiser.step()

    before = {k: v.clone() for k, v in objective.discriminator.state_dict().items()}
    step(0.0)
    step(0.49)
    assert all(torch.equal(v, before[k]) for k, v in objective.discriminator.state_dict().items())
    assert all(p.requires_grad for p in objective.parameters())
    generator = {k: v.clone() for k, v in objective.generator.state_dict().items()}
    objective.begin(0.5)
    handed = objective.discriminator.electra.state_dict()
    assert all(torch.equal(v, generator[f"electra.{k}"]) for k, v in handed.items())
    step(0.5)
    step(0.6)
    assert all(torch.equal(v, generator[k]) for k, v in objective.generator.state_dict().items())
    moved = objective.discriminator.electra.state_dict()
    assert not all(torch.equal(v, generator[f"electra.{k}"]) for k, v in moved.items())


class Stopped(Exception):
    """What a test stops a run with."""


@pytest.mark.parametrize("kept", [3, 4, 5])
def test_the_weights_are_handed_over_once_also_in_a_run_that_goes_on(tmp_path: Path, kept: int) -> None:
    documents = made_documents(30)
    tokenizer = train_vocabulary(documents, "wordpiece", 150)
    reader = PackReader(pack(documents, tokenizer, tmp_path / "pack", length=24))
    settings = PretrainSettings(lr=3e-3, batch=4, steps=8, warmup=0.1, checkpoint_every=kept)

    def fresh() -> Any:
        return build(TwoStage, vocabulary=150, alphabet=Alphabet.of(tokenizer))

    def stop(step: Step) -> None:
        if step.number == kept + 1:
            raise Stopped

    whole, resumed = fresh(), fresh()
    rows = pretrain(whole, reader, settings, folder=tmp_path / "whole")
    assert [row["stage"] for row in rows] == [1.0] * 4 + [2.0] * 4
    with pytest.raises(Stopped):
        pretrain(fresh(), reader, settings, folder=tmp_path / "stopped", report=stop)
    again = pretrain(resumed, reader, settings, folder=tmp_path / "stopped")
    assert [row["loss"] for row in again] == [row["loss"] for row in rows]
    pairs = zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for (_, a), b in pairs)


def test_what_two_stages_cannot_do_is_told() -> None:
    unequal = build(ReplacedToken, 0.5)
    with pytest.raises(UserError, match=r"two-stage: .* differ in hidden_size \(16 and 32\); make them"):
        TwoStage(unequal.discriminator, unequal.generator, ALPHABET)
    with pytest.raises(UserError, match=r"--share embeddings: .* leave --share out"):
        build(TwoStage, share="embeddings")
    with pytest.raises(UserError, match=r"--stage-share 1\.0: expected a share of the run between 0 and 1"):
        build(TwoStage, stage_share=1.0)
    with pytest.raises(UserError, match="detect some: expected one of all, hidden"):
        build(ReplacedToken, detect="some")


def test_the_policy_gradient_is_the_gradient_of_the_expected_reward() -> None:
    logits = torch.randn(5, generator=seeded()).requires_grad_()
    reward = torch.tensor([0.1, 2.0, 0.5, 3.0, 0.0])
    chances = logits.softmax(0)
    (expected,) = torch.autograd.grad(-(chances * reward).sum(), logits)
    for baseline in (0.0, 1.7):  # whatever the baseline, the mean is the same
        found = torch.zeros(5)
        for token in range(5):
            loss = policy_loss(logits[None], torch.tensor([token]), reward[token, None] - baseline)
            found += float(chances[token].detach()) * torch.autograd.grad(loss, logits)[0]
        assert torch.allclose(found, expected, atol=1e-6)


def test_the_adversarial_generator_hears_the_reward_only_and_the_detector_its_own_loss_only() -> None:
    joint, against = build(ReplacedToken, share="none"), build(Adversarial, share="none")
    for objective in (joint, against):
        objective.outcome(windows_of(), seeded()).loss.backward()
    assert all(
        torch.allclose(a, b)
        for a, b in zip(gradients(joint.discriminator), gradients(against.discriminator), strict=True)
    )
    pairs = zip(gradients(joint.generator), gradients(against.generator), strict=True)
    assert not any(torch.allclose(a, b) for a, b in pairs if float(a.abs().max()) > 1e-6)
    torch.nn.init.normal_(against.baseline.weight, generator=seeded())
    corrupted = corrupt(against.generator, Hidden(*against.draw(windows_of(), seeded())))
    logits = against.discriminator(input_ids=corrupted.inputs).logits
    losses = functional.binary_cross_entropy_with_logits(logits, corrupted.replaced, reduction="none")
    reward = losses.gather(1, corrupted.positions).detach()
    expected = -torch.log(torch.sigmoid(against.baseline(corrupted.states))).squeeze(-1).detach()
    against.zero_grad()
    policy_loss(corrupted.logits, corrupted.sampled, reward - expected).backward()
    by_hand = gradients(against.generator)
    against.zero_grad()
    outcome = against.outcome(windows_of(), seeded())
    outcome.loss.backward()
    found = gradients(against.generator)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(by_hand, found, strict=True))
    assert float(outcome.figures["reward"]) == pytest.approx(float(reward.mean()))


def test_the_adversarial_generator_learns_the_language_without_being_told_an_original() -> None:
    rows = train(build(Adversarial), 50)
    assert mean(rows, "generator_loss") < 3.1 < rows[0]["generator_loss"]  # uniform: log 35 = 3.56
    assert mean(rows, "baseline_loss") < rows[0]["baseline_loss"] - 0.05
    assert mean(rows, "information") > 0.01
