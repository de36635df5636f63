"""Layers that share their weights: ALBERT (Lan et al. 2020, section 4.5), and how to part them.

transformers' AlbertConfig shares a layer's weights with all layers of its group, whole. Sharing one half
only is built on that: a group for each layer, and the parameters of the shared half are one. What is saved
holds them once a layer, so that any transformers model opens it; ``config.share_layers`` remembers the
mode, and ``tie_layers`` makes them one again.
"""

from __future__ import annotations

import copy
from typing import Any, Literal, get_args

import torch
from torch import nn

from robust.errors import UserError

Sharing = Literal["all", "attention", "ffn", "none"]
# The modules of an AlbertLayer that each mode shares; a LayerNorm goes with what it follows.
_PARTS = {"attention": ("attention",), "ffn": ("ffn", "ffn_output", "full_layer_layer_norm")}


def share_layers(config: Any, sharing: Sharing) -> Any:
    """Return an AlbertConfig like ``config`` whose layers share all, their attention, their FFN, or nothing.

    A model made of it still needs ``tie_layers``. Raises UserError for another mode or another family.
    """
    if sharing not in get_args(Sharing):
        raise UserError(f"--share-layers {sharing}: expected one of {', '.join(get_args(Sharing))}")
    _require_albert(config, "--share-layers")
    found = copy.deepcopy(config)
    found.num_hidden_groups = 1 if sharing == "all" else config.num_hidden_layers
    found.share_layers = sharing
    return found


def tie_layers(model: Any) -> Any:
    """Make one, in place, what ``model.config.share_layers`` says that layers share; return the model.

    The first layer's weights are those that stay. Any other model is left as it is.
    """
    parts = _PARTS.get(getattr(model.config, "share_layers", "none"))
    if parts is None:
        return model
    encoder = model.base_model.encoder
    first, *others = encoder.albert_layer_groups
    for name, parameter in list(first.named_parameters()):  # albert_layers.0.attention.query.weight
        owner, _, own = name.rpartition(".")
        if name.split(".")[2] in parts:
            for group in others:
                setattr(group.get_submodule(owner), own, parameter)
    encoder.register_state_dict_post_hook(_each_its_own)
    return model


def unshare(model: Any) -> Any:
    """Return a copy of an ALBERT model (any class) whose layers have weights of their own, equal at first.

    It computes what ``model`` does. Raises UserError for another family.
    """
    _require_albert(model.config, "--unshare")
    found = copy.deepcopy(model)
    encoder = found.base_model.encoder
    config = encoder.config
    layers, groups = int(config.num_hidden_layers), encoder.albert_layer_groups
    shared = [groups[layer_group(layer, layers, len(groups))] for layer in range(layers)]
    # the configuration stays one object, as transformers has it
    encoder.albert_layer_groups = nn.ModuleList(copy.deepcopy(g, {id(config): config}) for g in shared)
    for own in (config, found.config):
        own.num_hidden_groups = layers
        own.share_layers = "none"
    return found


def layer_group(layer: int, layers: int, groups: int) -> int:
    """Return the group whose weights layer ``layer`` (from 0) has, as transformers computes it."""
    return int(layer / (layers / groups))


def _require_albert(config: Any, option: str) -> None:
    if config.model_type != "albert":
        raise UserError(
            f"{option}: the model is of the family {config.model_type}, whose layers share no weights; "
            f"expected an albert; leave {option} out"
        )


def _each_its_own(module: nn.Module, state: dict[str, torch.Tensor], prefix: str, _: Any) -> None:
    """Give each name of a shared parameter a copy: else save_pretrained writes it under the first alone."""
    seen: set[int] = set()
    for name, parameter in module.named_parameters(remove_duplicate=False):
        if id(parameter) in seen:
            state[prefix + name] = state[prefix + name].clone()
        seen.add(id(parameter))
