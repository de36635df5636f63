"""Heads that look at neighbours from the first step on: where they look, and in which families."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import AlbertConfig, AlbertModel, BertConfig, BertModel, ElectraConfig, ElectraModel

from robust.zoo.neighbours import SHIFTS, neighbour_start

SIZE: dict[str, Any] = {
    "vocab_size": 100,
    "hidden_size": 192,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "attn_implementation": "eager",
}


def models() -> dict[str, Any]:
    return {
        "bert": BertModel(BertConfig(**SIZE)),
        "electra": ElectraModel(ElectraConfig(**SIZE, embedding_size=192)),
        "electra, narrow": ElectraModel(ElectraConfig(**SIZE, embedding_size=128)),
        "albert": AlbertModel(AlbertConfig(**SIZE, embedding_size=128)),
    }


@pytest.mark.parametrize("name", ["bert", "electra", "electra, narrow", "albert"])
def test_heads_look_where_they_should_in_every_layer(name: str) -> None:
    torch.manual_seed(0)
    model, narrow = models()[name].eval(), name in ("electra, narrow", "albert")
    neighbour_start(model)
    windows = torch.randint(100, (4, 48))
    with torch.no_grad():
        attentions = model(windows, output_attentions=True).attentions
    assert len(attentions) == 2
    for attention in attentions:
        for head, shift in enumerate(SHIFTS):
            mean = attention[:, head].mean(0)
            at = {other: float(mean.diagonal(other).mean()) for other in range(-4, 5)}
            own = at.pop(0)  # a projection lets tokens leak in, and these find themselves
            assert max(at, key=lambda other: at[other]) == shift
            assert at[shift] > 3 * at[-shift]
            assert at[shift] > (0.12 if narrow else max(own, 0.2))


def test_one_head_looks_both_ways() -> None:
    torch.manual_seed(0)
    model = BertModel(BertConfig(**{**SIZE, "num_attention_heads": 1})).eval()
    neighbour_start(model)
    with torch.no_grad():
        mean = model(torch.randint(100, (4, 48)), output_attentions=True).attentions[0][:, 0].mean(0)
    at = {shift: float(mean.diagonal(shift).mean()) for shift in range(-4, 5)}
    assert set(sorted(at, key=lambda shift: at[shift])[-3:]) == {-1, 0, 1}
    assert at[-1] == pytest.approx(at[1], rel=0.2)


def test_other_weights_stay_as_they_are() -> None:
    torch.manual_seed(0)
    model = BertModel(BertConfig(**SIZE))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    neighbour_start(model)
    changed = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert all("position_embeddings" in name or "query" in name or "key" in name for name in changed)
    last = model.encoder.layer[0].attention.self.query.weight.view(6, 32, 192)[len(SHIFTS) :]
    assert torch.equal(last, before["encoder.layer.0.attention.self.query.weight"].view(6, 32, 192)[4:])
