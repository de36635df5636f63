"""Readers made from nothing start with like attending to like."""

from __future__ import annotations

from dataclasses import replace

import torch

from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.mimetic import mimetic_start

SHAPE = replace(MODELS["electra-tiny"].shape, vocabulary=200)


def attention_to_likes(model) -> float:
    """Return how much more the second half of a text attends to its copy in the first half than to others."""
    torch.manual_seed(0)
    half = torch.randperm(190)[:20] + 5
    with torch.no_grad():
        found = (
            model(input_ids=torch.cat([half, half])[None], output_attentions=True).attentions[0][0].mean(0)
        )
    return float(found[20:, :20].diagonal().mean() / found[20:, :20].mean())


def test_a_word_attends_to_its_copies_from_the_first_step():
    model = new_reader(SHAPE, None, seed=0)
    model.set_attn_implementation("eager")
    before = attention_to_likes(model)
    mimetic_start(model, seed=0)
    assert before < 1.2
    assert attention_to_likes(model) > 3


def test_the_start_depends_on_its_seed_alone():
    models = [new_reader(SHAPE, None, seed=0) for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        mimetic_start(model, seed=seed)
    a, b, c = (m.electra.encoder.layer[1].attention.self.key.weight for m in models)
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
