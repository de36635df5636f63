"""An encoder as one small file, and back: matrices as int8 with a scale for each row, the rest as float16.

    python tools/encoder_file.py pack FOLDER FILE      # FOLDER: what robust pretrain wrote
    python tools/encoder_file.py unpack FILE FOLDER    # a folder that robust finetune takes

A row's largest weight is 127 steps, so that no weight moves by more than 1/254 of it. A generator is left
out; config, tokenizer and record travel in the file's metadata.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

FORMAT = "robust.encoder.int8.v1"
SCALE = ".scale"
TEXTS = ("config.json", "tokenizer.json", "tokenizer_config.json", "pretrain.json")
_FEWEST = 4096  # smaller tensors are not worth it


def quantised(weights: dict[str, Tensor]) -> dict[str, Tensor]:
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


def restored(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return float32 weights of what ``quantised`` made."""
    return {
        name: tensor.float() * tensors[name + SCALE].float() if name + SCALE in tensors else tensor.float()
        for name, tensor in tensors.items()
        if not name.endswith(SCALE)
    }


def pack(folder: Path, file: Path) -> None:
    """Write the encoder in ``folder`` to ``file``."""
    texts = {name: (folder / name).read_text("utf-8") for name in TEXTS}
    metadata = {"format": FORMAT, **{name: json.dumps(json.loads(text)) for name, text in texts.items()}}
    save_file(quantised(load_file(folder / "model.safetensors")), file, metadata=metadata)


def unpack(file: Path, folder: Path) -> None:
    """Write the encoder in ``file`` to a new ``folder``."""
    with safe_open(file, "pt") as opened:
        metadata = opened.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise SystemExit(f"{file}: not of format {FORMAT}")
    folder.mkdir(parents=True)
    for name in TEXTS:
        (folder / name).write_text(metadata[name] + "\n", "utf-8")
    save_file(restored(load_file(file)), folder / "model.safetensors", metadata={"format": "pt"})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("pack", "unpack"))
    parser.add_argument("given", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    {"pack": pack, "unpack": unpack}[given.verb](given.given, given.out)


if __name__ == "__main__":
    main()
