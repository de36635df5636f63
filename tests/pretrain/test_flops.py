"""What a step costs agrees with the paper formula, counts attention, and counting leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from robust.pretrain.flops import KNOWN_PEAKS, flops_per_window, peak_flops
from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.masked_lm import MaskedLM

LENGTH, HIDDEN, LAYERS, FEED, VOCABULARY = 64, 32, 2, 96, 150


@pytest.fixture(params=["sdpa", "eager"])
def objective(request: pytest.FixtureRequest) -> MaskedLM:
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        intermediate_size=FEED,
        max_position_embeddings=LENGTH,
        attn_implementation=request.param,
    )
    special = torch.zeros(VOCABULARY, dtype=torch.bool)
    special[:5] = True
    alphabet = Alphabet(VOCABULARY, 4, special, torch.zeros(VOCABULARY, dtype=torch.bool))
    return MaskedLM(BertForMaskedLM(config), alphabet)


def windows(count: int) -> torch.Tensor:
    return torch.randint(5, VOCABULARY, (count, LENGTH), generator=torch.Generator().manual_seed(3))


def test_bert_costs_six_operations_a_weight_and_token_and_its_attention(objective: MaskedLM) -> None:
    # Kaplan et al. 2020: 2 for the forward pass, 4 for the backward one; embeddings cost nothing
    layer = 4 * HIDDEN**2 + 2 * HIDDEN * FEED
    hidden_tokens = round(0.15 * LENGTH)  # only these go through the head
    head = HIDDEN**2 + HIDDEN * VOCABULARY
    attention = LAYERS * 2 * 6 * LENGTH**2 * HIDDEN  # queries x keys, and weights x values
    expected = 6 * (layer * LAYERS * LENGTH + head * hidden_tokens) + attention
    assert flops_per_window(objective, windows(2)) == pytest.approx(expected, rel=0.02)
    assert attention > 0.1 * expected  # so that one that is not counted would show


def test_counting_is_per_window(objective: MaskedLM) -> None:
    assert flops_per_window(objective, windows(5)) == flops_per_window(objective, windows(1))


def test_counting_leaves_gradients_weights_and_random_states_as_they_were(objective: MaskedLM) -> None:
    objective.train()
    weights = {name: value.clone() for name, value in objective.state_dict().items()}
    state = torch.get_rng_state()
    flops_per_window(objective, windows(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in objective.parameters())
    assert all(torch.equal(value, weights[name]) for name, value in objective.state_dict().items())


def test_the_peak_of_a_processor_is_measured_by_a_product_of_matrices() -> None:
    peak = peak_flops(torch.device("cpu"), "float32")
    assert 1e8 < peak.rate < 1e14
    assert peak.source == "this machine's matmul rate"


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("NVIDIA A100-SXM4-40GB", 312e12),
    ],
)
def test_known_gpus_have_the_peak_of_their_data_sheet(
    monkeypatch: pytest.MonkeyPatch, name: str, rate: float
) -> None:
    def named(device: Any) -> str:
        return name

    monkeypatch.setattr(torch.cuda, "get_device_name", named)
    found = peak_flops(torch.device("cuda"), "bfloat16")
    assert found.rate == rate
    assert name in found.source
    assert rate in KNOWN_PEAKS.values()
