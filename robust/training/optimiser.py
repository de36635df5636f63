"""AdamW with a rate for every layer, and the schedule of the rate."""

from __future__ import annotations

import re
from typing import Any

import torch

from robust.zoo.sharing import layer_group

# DistilBERT calls its layers transformer.layer
_LAYER = re.compile(r"\b(?:encoder|transformer)\.layer\.(\d+)\.")
# ALBERT's layers come in groups, each of one set of weights
_GROUP = re.compile(r"\balbert_layer_groups\.(\d+)\.")
_HEAD = re.compile(r"^(?:head|qa_outputs)\.")
_NO_DECAY = re.compile(r"(bias|LayerNorm\.weight|layer_norm\.weight)$")


def parameter_groups(
    model: Any, *, lr: float, layer_decay: float, weight_decay: float, head_lr_factor: float = 1.0
) -> list[dict[str, Any]]:
    """Return AdamW's parameter groups, with ``lr * layer_decay ** (layers + 2 - depth)`` for each layer.

    Embeddings are at depth 0, layer k (from 1) at depth k, the task head at depth layers + 2 (ELECTRA's
    fine-tuning code, Clark et al. 2020). Biases and LayerNorms are not decayed. What layers share (ALBERT)
    counts as the last layer that has it. Frozen parameters are left out.
    """
    layers = int(model.config.num_hidden_layers)
    depths: dict[torch.nn.Parameter, int] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        depths[parameter] = max(_depth(name, model.config), depths.get(parameter, 0))
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        depth = depths[parameter]
        rate = lr * layer_decay ** (layers + 2 - depth) * (head_lr_factor if depth == layers + 2 else 1.0)
        decay = 0.0 if _NO_DECAY.search(name) else weight_decay
        group = groups.setdefault(
            (rate, decay), {"params": [], "lr": rate, "weight_decay": decay, "peak_lr": rate}
        )
        group["params"].append(parameter)
    return list(groups.values())


def _depth(name: str, config: Any) -> int:
    """Return the depth of the parameter of this name."""
    layers = int(config.num_hidden_layers)
    if found := _LAYER.search(name):
        return int(found.group(1)) + 1
    if _HEAD.match(name):
        return layers + 2
    if found := _GROUP.search(name):
        group, groups = int(found.group(1)), int(config.num_hidden_groups)
        return 1 + max(layer for layer in range(layers) if layer_group(layer, layers, groups) == group)
    return 0  # token, position and type embeddings, and the projection of factorised ones


def decay_groups(module: torch.nn.Module, *, lr: float, weight_decay: float) -> list[dict[str, Any]]:
    """Return AdamW's groups at one rate: weights, which decay, and biases and LayerNorms, which do not."""
    kept: list[torch.nn.Parameter] = []
    decayed: list[torch.nn.Parameter] = []
    for name, parameter in module.named_parameters():  # a shared parameter comes once
        (kept if _NO_DECAY.search(name) else decayed).append(parameter)
    pairs = ((decayed, weight_decay), (kept, 0.0))
    return [{"params": p, "lr": lr, "weight_decay": decay, "peak_lr": lr} for p, decay in pairs if p]


def rate_factor(progress: float, warmup: float) -> float:
    """Return the share of the peak rate at ``progress`` (0 to 1): linear warm-up, then linear to zero."""
    if warmup > 0 and progress < warmup:
        return progress / warmup
    return max(0.0, (1.0 - progress) / (1.0 - warmup))


def set_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Set every group's rate to ``factor`` times its peak."""
    for group in optimiser.param_groups:
        rate = group["peak_lr"] * factor
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def rate_on_device(optimiser: torch.optim.Optimizer, device: torch.device) -> None:
    """Make every group's rate a tensor there, which a recorded step reads anew: it is float32 then."""
    for group in optimiser.param_groups:
        group["lr"] = torch.tensor(float(group["lr"]), device=device)
