"""A start for attention that helps small encoders trained from nothing.

Trained transformers end up with query and key matrices whose product is close to a multiple of the
identity: tokens attend to their likes. Starting there (mimetic initialisation, Trockman & Kolter 2023,
arXiv 2305.09828) makes training on little data far quicker; for a reader it means that the words of the
question find themselves in the paragraph from the first step.
"""

from __future__ import annotations

from typing import Any

import torch

# Query-key product: this times a projector of each head's rank.
STRENGTH = 0.7
# Token embeddings start this much larger than position and type embeddings, so that likeness is of words.
TOKEN_SCALE = 3.0


def mimetic_start(model: Any, *, seed: int) -> None:
    """Set queries equal to keys (orthogonal rows) in every layer, and enlarge token embeddings, in place.

    Depends on ``seed`` alone; other weights are left as they are.
    """
    generator = torch.Generator().manual_seed(seed)
    heads = int(model.config.num_attention_heads)
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(TOKEN_SCALE)
        for name, module in model.named_modules():
            query, key = getattr(module, "query", None), getattr(module, "key", None)
            if (
                not (name.endswith("attention.self") or name.endswith("attention"))
                or query is None
                or key is None
            ):
                continue
            width, hidden = query.weight.shape
            rows = []
            for _ in range(heads):
                square = torch.randn(hidden, width // heads, generator=generator)
                rows.append(torch.linalg.qr(square).Q.T)
            shared = STRENGTH**0.5 * torch.cat(rows)
            for linear in (query, key):
                noise = torch.randn(width, hidden, generator=generator)
                linear.weight.copy_(shared + 0.02 * noise)
