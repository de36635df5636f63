"""The state of a training run on disk: enough to go on with the very same losses. No pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from robust.errors import UserError
from robust.files import atomic_write

STATE_FILE = "training-state.safetensors"


class BrokenState(UserError):
    """The file is cut short or none of ours."""


def save_state(
    path: Path,
    model: Any,
    optimiser: torch.optim.Optimizer,
    progress: dict[str, Any],
    fingerprint: str,
    *,
    table: torch.Tensor | None = None,
) -> None:
    """Write weights, optimiser moments, random states and ``progress`` (JSON values) to one file.

    ``table``: what is too long for JSON. Weights that are one in the model (tied) are written once.
    """
    weights = {k: v.detach() for k, v in model.state_dict().items()}
    tied = _tied(weights)
    tensors = {f"model.{k}": v.cpu().contiguous() for k, v in weights.items() if k not in tied}
    for index, parameter in enumerate(_parameters(optimiser)):
        for key, value in optimiser.state.get(parameter, {}).items():
            tensors[f"optimiser.{index}.{key}"] = torch.as_tensor(value).detach().cpu().contiguous().clone()
    tensors["random.cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    if table is not None:
        tensors["table"] = table
    metadata = {"progress": json.dumps(progress), "fingerprint": fingerprint, "tied": json.dumps(tied)}
    copied = {k: v.clone() for k, v in tensors.items()}
    with atomic_write(path) as temporary:
        save_file(copied, temporary, metadata=metadata | {"sha256": _sha256(copied, metadata)})


def load_state(
    path: Path,
    model: Any,
    optimiser: torch.optim.Optimizer,
    fingerprint: str,
    *,
    asked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put a saved state back into model, optimiser and random generators; return its ``progress``.

    Raises UserError where the state belongs to a run with other settings or data; with ``asked``, this run's
    settings, and a ``progress`` that holds its own as ``asked``, the line names the first that differs.
    """
    try:
        opened = safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise BrokenState(f"{path}: broken ({error}); delete it to start anew") from error
    with opened as stored:
        metadata = dict(stored.metadata() or {})
        if metadata.get("fingerprint") != fingerprint:
            raise UserError(
                f"{path}: belongs to a run with other settings or data{_difference(metadata, asked)}; give "
                "the settings of that run, choose another --out, or delete this file to start anew"
            )
        tensors = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118 (not a mapping)
    _check(path, tensors, metadata)
    weights = {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
    tied = json.loads(metadata.get("tied", "{}"))
    model.load_state_dict(weights | {name: weights[same] for name, same in tied.items()})
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimiser."):
            _, index, name = key.split(".", 2)
            moments.setdefault(int(index), {})[name] = value
    # torch's own way: it knows on which device a fused optimiser wants its count of steps
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})
    torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
    progress: dict[str, Any] = json.loads(metadata["progress"])
    return progress


def load_table(path: Path) -> tuple[dict[str, Any], torch.Tensor]:
    """Return the ``progress`` and the ``table`` of a saved state; BrokenState where the file is none."""
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = dict(stored.metadata() or {})
            tensors = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118 (not a mapping)
        _check(path, tensors, metadata)
        return json.loads(metadata["progress"]), tensors["table"]
    except (SafetensorError, OSError, KeyError) as error:
        raise BrokenState(f"{path}: broken ({error}); delete it to start anew") from error


def _check(path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> None:
    """Raise BrokenState where what was read is not what was written; a state without a checksum is older."""
    rest = {key: value for key, value in metadata.items() if key != "sha256"}
    if "sha256" in metadata and metadata["sha256"] != _sha256(tensors, rest):
        raise BrokenState(f"{path}: damaged (its checksum is another); delete it to start anew")


def _sha256(tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]) -> str:
    """Return the SHA-256 of all that a state holds."""
    digest = hashlib.sha256(json.dumps(dict(metadata), sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _tied(weights: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """Return, for every name of a tensor that has an earlier name too, that name."""
    first: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    names = {
        name: first.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
        for name, tensor in weights.items()
        if tensor.numel()
    }
    return {name: same for name, same in names.items() if name != same}


def _difference(metadata: Mapping[str, str], asked: Mapping[str, Any] | None) -> str:
    """Return " (name: theirs there, ours here)" for the first setting that differs, or ""."""
    theirs = json.loads(metadata.get("progress", "{}")).get("asked")
    if asked is None or theirs is None:
        return ""
    ours = json.loads(json.dumps(asked))
    for name in sorted({*theirs, *ours}):
        if theirs.get(name) != ours.get(name):
            return f" ({name}: {theirs.get(name)} there, {ours.get(name)} here)"
    return ""


def _parameters(optimiser: torch.optim.Optimizer) -> list[torch.nn.Parameter]:
    return [p for group in optimiser.param_groups for p in group["params"]]
