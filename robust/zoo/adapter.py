"""A fine-tuned reader as a small difference from an encoder that pip brings.

Fine-tuning moves each weight matrix by something close to low rank (Aghajanyan et al. 2021; Hu et al.
2022), so the difference is kept as two thin factors from a truncated singular value decomposition, the
best approximation of that rank in the least-squares sense (Eckart-Young). Biases, layer norms and the
answer head are kept whole. Embeddings must have stayed frozen. On disk everything is fp16.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from robust.errors import UserError
from robust.files import sha256_file
from robust.json_text import read_json
from robust.zoo import lookup

WEIGHTS_FILE = "adapter.safetensors"
_HEAD = "qa_outputs."


def extract_adapter(finetuned: Any, base: Any, rank: int) -> dict[str, torch.Tensor]:
    """Return the tensors (fp16) that turn ``base`` into an approximation of ``finetuned``.

    Keys: ``<weight>.down`` [rank, in] and ``<weight>.up`` [out, rank] for matrices, ``<name>.delta`` for
    biases and layer norms, ``qa_outputs.*`` as they are. Raises ValueError where the two differ in shape,
    or in their embeddings, which an adapter cannot carry.
    """
    before, after = base.state_dict(), finetuned.state_dict()
    if {k: v.shape for k, v in before.items()} != {k: v.shape for k, v in after.items()}:
        raise ValueError("the fine-tuned model and its base have different weights; they must have one shape")
    tensors: dict[str, torch.Tensor] = {}
    for name, trained in after.items():
        value = trained.detach().float().cpu()
        if name.startswith(_HEAD):
            tensors[name] = value.half().contiguous()
            continue
        delta = value - before[name].detach().float().cpu()
        if not delta.any():
            continue
        if "embedding" in name:
            raise ValueError(
                f"{name} was trained; an adapter carries no embeddings: freeze them in fine-tuning"
            )
        if delta.ndim == 2:
            up, scale, down = torch.linalg.svd(delta, full_matrices=False)
            root = scale[:rank].sqrt()  # shared out evenly, so that neither factor leaves fp16's range
            tensors[f"{name}.up"] = (up[:, :rank] * root).half().contiguous()
            tensors[f"{name}.down"] = (root[:, None] * down[:rank]).half().contiguous()
        else:
            tensors[f"{name}.delta"] = delta.half().contiguous()
    return tensors


def merge_adapter(model: Any, tensors: Mapping[str, torch.Tensor]) -> None:
    """Add an adapter to its base model, in place; raises ValueError where a tensor finds no place."""
    state = model.state_dict()
    merged: dict[str, torch.Tensor] = {}
    for key, value in tensors.items():
        if key.startswith(_HEAD):
            merged[key] = value.float()
        elif key.endswith(".delta"):
            name = key.removesuffix(".delta")
            merged[name] = state[name] + value.float() if name in state else value
        elif key.endswith(".up"):
            name = key.removesuffix(".up")
            update = value.float() @ tensors[f"{name}.down"].float()
            merged[name] = state[name] + update if name in state else update
    for name, value in merged.items():
        if name not in state or state[name].shape != value.shape:
            raise ValueError(f"{name}: no such weight of shape {tuple(value.shape)} in the base model")
    model.load_state_dict({**state, **merged})


def write_adapter(
    folder: Path, tensors: Mapping[str, torch.Tensor], *, base: str, base_folder: Path, rank: int
) -> None:
    """Write ``adapter.json`` and ``adapter.safetensors`` into an existing folder."""
    card = {"base": base, "base_sha256": _weights_sha256(base_folder, base), "rank": rank}
    (folder / lookup.ADAPTER_FILE).write_text(
        json.dumps(card, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
    save_file(dict(tensors), folder / WEIGHTS_FILE)


def load_adapter(folder: Path, name: str) -> tuple[Any, Path]:
    """Return (model, folder of its base): the base encoder with the adapter merged, in float32.

    Raises UserError where the base is not installed or not the one the adapter was made for, or the
    adapter's files are broken.
    """
    from robust.zoo.checkpoints import new_encoder_reader

    try:
        card = read_json(folder / lookup.ADAPTER_FILE)
        base, expected = str(card["base"]), str(card["base_sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{folder / lookup.ADAPTER_FILE}: not an adapter's card ({error}); make it again"
        ) from error
    try:
        base_folder = lookup.find_encoder(base)
    except UserError as error:
        raise UserError(f"{name}: an adapter over {base}: {error}") from error
    found = _weights_sha256(base_folder, base)
    if found != expected:
        raise UserError(
            f"{name}: made over a {base} with SHA-256 {expected[:12]}, but the one in {base_folder} has "
            f"{found[:12]}; install the version it was made with"
        )
    model, _ = new_encoder_reader(base)
    try:
        merge_adapter(model, load_file(folder / WEIGHTS_FILE))
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise UserError(f"{folder / WEIGHTS_FILE}: broken adapter ({error}); make it again") from error
    return model, base_folder


def _weights_sha256(folder: Path, name: str) -> str:
    return sha256_file(lookup.check_weights(folder, name)[0])
