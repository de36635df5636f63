"""A start for attention in which some heads look at the neighbours of a token.

Before an encoder can tell a hidden word it must find out where its neighbours stand: what attention learns of
positions comes first, and until then each word is guessed by its frequency. That plateau outlasts small runs
(docs/gpu.md). Trained encoders have heads that look one token back or on in nearly all layers (Clark et al.
2019, "What Does BERT Look At?", section 4); here they have them from the start:

- position embeddings are sinusoids in some of the dimensions (Vaswani et al. 2017), so that a shift by d
  tokens is a rotation of them;
- in every layer, a head's keys read these dimensions, and its queries the same, rotated by its own d.

All of it stays trainable. Other weights are left as they are. Where embeddings are narrower than the layers,
their projection lets tokens leak into what heads read, and a token gets about as much attention as the
neighbour.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

# Where heads look, in tokens; further heads stay as they are. One head alone looks both ways.
SHIFTS = (-1, 1, -2, 2)
# Wave numbers of the sinusoids, at most; two dimensions each.
WAVES = 32
# The sinusoids' share of an embedding's square length, and how far the best place stands out from the
# next, as a difference of attention's logits.
SHARE, MARGIN = 0.5, 4.0


def neighbour_start(model: Any) -> None:
    """Set position embeddings and the queries and keys of some heads, in every layer, in place."""
    base = model.base_model
    table = base.embeddings.position_embeddings.weight
    tokens = base.embeddings.word_embeddings.weight
    with torch.no_grad():
        positions, width = table.shape
        waves = min(WAVES, width // 4)
        angles = math.pi * (1 / 256) ** (torch.arange(waves) / max(1, waves - 1))
        height = math.sqrt(float(tokens.square().sum(1).mean()) * SHARE / (1 - SHARE) / waves)
        place = torch.arange(positions).unsqueeze(1) * angles
        table.zero_()
        table[:, : 2 * waves] = height * torch.stack([place.cos(), place.sin()], 2).flatten(1)
        read = _reader(base, width, waves)
        for module in base.modules():
            query, key = getattr(module, "query", None), getattr(module, "key", None)
            if isinstance(query, nn.Linear) and isinstance(key, nn.Linear):
                _turn(query, key, int(model.config.num_attention_heads), angles, read)


def _reader(base: Any, width: int, waves: int) -> Tensor:
    """Return what takes the sinusoids out of a layer's input: (two dimensions a wave, hidden)."""
    projection = getattr(base, "embeddings_project", None)  # ELECTRA, where embeddings are of another width
    if projection is None:
        projection = getattr(getattr(base, "encoder", None), "embedding_hidden_mapping_in", None)  # ALBERT
    if projection is None:
        return torch.eye(width)[: 2 * waves]
    undone: Tensor = torch.linalg.pinv(projection.weight[:, : 2 * waves])
    return undone


def _turn(query: nn.Linear, key: nn.Linear, heads: int, angles: Tensor, read: Tensor) -> None:
    """Let some heads' keys read the sinusoids, and their queries the same, turned by what each looks for."""
    size = query.weight.shape[0] // heads
    # a LayerNorm has brought the embedding to a square length of its width
    square = SHARE * query.weight.shape[1] / len(angles)
    for head, shifts in enumerate([(shift,) for shift in SHIFTS[:heads]] if heads > 1 else [SHIFTS[:2]]):
        room = min(len(angles), size // (2 * len(shifts)))
        chosen = torch.linspace(0, len(angles) - 1, room).round().long()
        even, odd = read[2 * chosen], read[2 * chosen + 1]
        keys, queries = [], []
        for shift in shifts:
            cos, sin = ((shift * angles[chosen, None]).cos(), (shift * angles[chosen, None]).sin())
            keys.append(torch.cat([even, odd]))
            queries.append(torch.cat([cos * even - sin * odd, sin * even + cos * odd]))
        gain = float((1 - angles[chosen].cos()).sum()) * square
        scale = math.sqrt(MARGIN * math.sqrt(size) / gain)
        for linear, rows in ((query, torch.cat(queries)), (key, torch.cat(keys))):
            own = linear.weight[head * size : (head + 1) * size]
            own.zero_()
            own[: len(rows)] = scale * rows
