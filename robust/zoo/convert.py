"""Pickled checkpoints to safetensors: the one place where a pickle is read, and how.

A pickle is a program, and reading one runs it. Here it is read by torch's weights-only unpickler
(``torch.load(weights_only=True)``), which knows tensors and plain containers and refuses every other
instruction instead of running it. Nothing else in this package opens a pickle, and nothing reads one
without being asked: ``robust convert`` is its own command.
"""

from __future__ import annotations

import pickle
import re
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from robust.errors import UserError
from robust.folders import check_apart, is_empty, replace_folder
from robust.json_text import read_json
from robust.zoo.checkpoints import IDENTITY, load_reader, new_encoder_reader
from robust.zoo.settings import SETTINGS_FILE

WEIGHTS = "pytorch_model.bin"
INDEX = "pytorch_model.bin.index.json"
# what training wrappers put before every name
_WRAPPERS = re.compile(r"^(?:module\.|_orig_mod\.)+")
# the reader as an attribute of a training class: a wrapper where every name has it, else a part of the model
_MODEL = "model."
# how torch's files begin: a zip archive, or (before 1.6) a pickle of protocol 2 and later
_MAGIC = (b"PK", b"\x80")
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
# what torch raises for bytes that are not as they were written
_DAMAGE = (
    *(pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, LookupError),
    *(AssertionError, TypeError, AttributeError, OverflowError, MemoryError, struct.error),
)
# names of LayerNorm's weights in checkpoints made from TensorFlow's
_OLD = ((".gamma", ".weight"), (".beta", ".bias"))


def convert(source: Path, out: Path) -> dict[str, Any]:
    """Write the checkpoint in ``source`` to ``out`` as safetensors; return what was written.

    ``source`` holds ``config.json``, a tokenizer and ``pytorch_model.bin``, whole or sharded with its index.
    The copy is opened before it is put in its place, so what is there loads here and in plain
    transformers. Returns ``out``, ``kind`` (reader, or encoder where there is no span head),
    ``tensors``, ``bytes``, ``renamed`` and ``untied`` (how many names were mended, and how many tensors
    shared their memory with another: each gets its own copy). Raises UserError where ``source`` is no
    such checkpoint, its pickle holds anything but tensors, or what comes out cannot be opened.
    """
    if source.is_file():
        raise UserError(f"{source}: a file, expected the folder of a Hugging Face checkpoint")
    if not (source / "config.json").is_file():
        raise UserError(f"{source}: no config.json in this folder; expected a Hugging Face checkpoint")
    if any(source.glob("model*.safetensors")):
        raise UserError(f"{source}: its weights are safetensors already; use it as it is")
    check_apart(source, out, "the checkpoint itself")
    if out.exists() and not (out.is_dir() and is_empty(out)):
        raise UserError(f"{out}: exists, expected a new or an empty folder; choose another --out")
    weights, renamed = _mend_names(_read_all(source))
    untied = len(weights) - len({_place(tensor) for tensor in weights.values()})
    kind = "reader" if "qa_outputs.weight" in weights else "encoder"
    owned = {name: tensor.detach().contiguous().clone() for name, tensor in weights.items()}

    def write(folder: Path) -> None:
        save_file(owned, folder / "model.safetensors", metadata={"format": "pt"})
        for name in (*IDENTITY, SETTINGS_FILE):
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / name)
        try:
            load_reader(folder) if kind == "reader" else new_encoder_reader(folder)
        except UserError as error:
            # said of the folder that the user knows
            raise UserError(str(error).replace(str(folder), str(source))) from error

    replace_folder(out, write, ours=lambda folder: False, what="an empty folder")
    return {
        "out": str(out),
        "kind": kind,
        "tensors": len(owned),
        "bytes": sum(map(_bytes, owned.values())),
        "renamed": renamed,
        "untied": untied,
    }


def _read_all(source: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of ``pytorch_model.bin``, or of every shard that its index names."""
    if (source / WEIGHTS).is_file():
        return _read(source / WEIGHTS)
    index = source / INDEX
    if not index.is_file():
        raise UserError(f"{source}: neither {WEIGHTS} nor {INDEX} here; nothing else is converted")
    try:
        names = sorted({str(name) for name in read_json(index)["weight_map"].values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{index}: not an index of shards ({error}); fetch it again") from error
    found: dict[str, torch.Tensor] = {}
    for name in names:
        if Path(name).name != name:
            raise UserError(f"{index}: names {name!r}, expected files of its own folder; fetch it again")
        if not (source / name).is_file():
            raise UserError(f"{source / name}: missing, {INDEX} names it; fetch it again")
        found |= _read(source / name)
    return found


def _read(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of one file, read without running anything in it."""
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except _DAMAGE as error:
        if isinstance(error, pickle.UnpicklingError) and _GLOBAL.search(str(error)):
            raise UserError(
                f"{path}: refused: holds more than tensors ({_reason(error)}), and reading that would run "
                "code; get the weights as safetensors"
            ) from error
        with path.open("rb") as file:
            start = file.read(24)
        if not start.startswith(_MAGIC):
            raise UserError(f"{path}: no checkpoint (starts with {start!r}); fetch it again") from error
        raise UserError(f"{path}: broken ({_reason(error)}); fetch it again") from error
    for wrapper in ("state_dict", "model_state_dict"):
        if isinstance(held, Mapping) and isinstance(held.get(wrapper), Mapping):
            held = held[wrapper]
    if not isinstance(held, Mapping) or not held:
        raise UserError(f"{path}: holds no weights by name; expected a model's state_dict")
    other = next(
        (k for k, v in held.items() if not (isinstance(k, str) and isinstance(v, torch.Tensor))), None
    )
    if other is not None:
        raise UserError(f"{path}: {other!r} is no tensor; expected a model's state_dict and nothing else")
    grown = next((k for k, v in held.items() if _bytes(v) > v.untyped_storage().nbytes()), None)
    if grown is not None:  # one number shown as a trillion: copied, it would fill the memory
        raise UserError(f"{path}: {grown!r} is larger than what is stored of it; expected whole tensors")
    return dict(held)


def _mend_names(weights: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], int]:
    """Return the weights under the names that transformers knows, and how many were changed."""
    mended: dict[str, torch.Tensor] = {}
    renamed = 0
    bare = {name: _WRAPPERS.sub("", name) for name in weights}
    while all(new.startswith(_MODEL) for new in bare.values()):
        bare = {name: _WRAPPERS.sub("", new.removeprefix(_MODEL)) for name, new in bare.items()}
    for name, tensor in weights.items():
        new = bare[name]
        for old, now in _OLD:
            new = new.removesuffix(old) + now if new.endswith(old) else new
        renamed += new != name
        if new in mended:
            raise UserError(
                f"{name}: two weights of this name once {name!r} is read as {new!r}; expected one"
            )
        mended[new] = tensor
    return mended, renamed


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _place(tensor: torch.Tensor) -> tuple[Any, ...]:
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype


def _reason(error: BaseException) -> str:
    """Return what torch found, in a few words: its own messages are pages of advice."""
    text = " ".join(str(error).split())
    found = _GLOBAL.search(text) or re.search(r"WeightsUnpickler error: (.{1,80})", text)
    return found[1] if found else text.split(" Please file")[0][:120]
