"""A reader in a quarter of its bytes: matrices as int8 with a scale for each row, the rest as float16.

A row's largest weight is 127 steps, so that no weight moves by more than 1/254 of it (symmetric, per channel,
as Jacob et al. 2018 have it). Only the file is small: what is loaded is a float32 model like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from robust.errors import UserError
from robust.zoo import lookup
from robust.zoo.loading import empty_reader

SCALE = ".scale"
_FEWEST = 4096  # smaller tensors are not worth it


def quantised(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return ``weights`` in fewer bytes: NAME (int8) and NAME.scale (rows, 1; float16), or NAME (float16)."""
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.ndim == 2 and weight.numel() >= _FEWEST and weight.is_floating_point():
            # rounded first: what is divided by must be what is multiplied with
            scale = (weight.abs().amax(1, keepdim=True) / 127).half().float().clamp(min=1e-7)
            found[name] = (weight / scale).round().clamp(-127, 127).to(torch.int8)
            found[name + SCALE] = scale.half()
        else:
            found[name] = weight.half() if weight.is_floating_point() else weight
    return found


def restored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return float32 weights of what ``quantised`` made."""
    return {
        name: tensor.float() * tensors[name + SCALE].float() if name + SCALE in tensors else tensor.float()
        for name, tensor in tensors.items()
        if not name.endswith(SCALE)
    }


def write_int8(folder: Path, model: Any) -> None:
    """Write ``config.json`` and the weights of a ``*ForQuestionAnswering`` into an existing folder."""
    weights = {name: tensor.detach().float().cpu() for name, tensor in model.state_dict().items()}
    save_file(quantised(weights), folder / lookup.INT8_FILE, metadata={"format": "robust.int8.v1"})
    model.config.save_pretrained(folder)


def load_int8(folder: Path, name: str) -> Any:
    """Return the model in a folder that ``write_int8`` filled, in float32.

    Raises UserError where the file is broken, or has not exactly the weights of its ``config.json``.
    """
    path = folder / lookup.INT8_FILE
    model = empty_reader(folder, name)
    try:
        model.load_state_dict(restored(load_file(path)))
    except (SafetensorError, OSError, RuntimeError) as error:
        line = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: broken ({line}); fetch or make the reader again") from error
    return model
