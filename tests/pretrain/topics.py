"""A language that one layer learns in seconds, and ELECTRA's objectives small enough to learn it.

A window keeps to one of four topics, of four tokens each; sixteen more tokens never occur. Ids 0 to 2 are
[CLS], [SEP], [MASK].
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining

from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.all_tokens_mlm import AllTokensMLM
from robust.pretrain.objectives.generator import generator_config
from robust.pretrain.objectives.replace_mlm import ReplaceMLM
from robust.pretrain.objectives.two_stage import TwoStage

TOPICS, WORDS, UNUSED = 4, 4, 16
SIZE = 3 + TOPICS * WORDS + UNUSED
SPECIAL = torch.arange(SIZE) < 3
ALPHABET = Alphabet(SIZE, 2, SPECIAL, torch.zeros(SIZE, dtype=torch.bool))
UNIGRAM = float(np.log(TOPICS * WORDS))
PREDICTORS = (ReplaceMLM, AllTokensMLM)


def seeded(number: int = 0) -> torch.Generator:
    """Return a generator of chance."""
    return torch.Generator().manual_seed(number)


def windows_of(step: int = 0, size: int = 32, length: int = 16) -> torch.Tensor:
    """Return windows of the language."""
    random = seeded(1000 + step)
    topic = torch.randint(TOPICS, (size, 1), generator=random)
    windows = 3 + topic * WORDS + torch.randint(WORDS, (size, length), generator=random)
    windows[:, 0], windows[:, -1] = 0, 1
    return windows


def build(kind: Any, width: float = 0.5, *, vocabulary: int = SIZE, **options: Any) -> Any:
    """Return an objective of ``kind``: its main model is 32 wide, its generator ``width`` times that."""
    config = ElectraConfig(
        vocab_size=vocabulary,
        embedding_size=16,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    torch.manual_seed(0)
    main = ElectraForMaskedLM if kind in PREDICTORS else ElectraForPreTraining
    generator = ElectraForMaskedLM(generator_config(config, 1.0 if kind is TwoStage else width))
    return kind(main(config), generator, options.pop("alphabet", ALPHABET), **options)


def train(objective: Any, steps: int) -> list[dict[str, float]]:
    """Return the figures of every step."""
    optimiser = torch.optim.AdamW(objective.parameters(), lr=1e-2)
    rows = []
    for step in range(steps):
        objective.begin(step / steps)
        outcome = objective.outcome(windows_of(step), seeded(step))
        optimiser.zero_grad()
        outcome.loss.backward()
        optimiser.step()
        rows.append({name: float(value) for name, value in outcome.figures.items()})
    return rows


def mean(rows: list[dict[str, float]], name: str, last: int = 10) -> float:
    """Return the mean of a figure over the last steps."""
    return float(np.mean([row[name] for row in rows[-last:]]))
