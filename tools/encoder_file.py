"""An encoder as one small file (``robust.zoo.int8``), and back.

    python tools/encoder_file.py pack FOLDER FILE      # FOLDER: what robust pretrain wrote
    python tools/encoder_file.py unpack FILE FOLDER    # a folder that robust finetune takes

A generator is left out; config, tokenizer and record travel in the file's metadata.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file

from robust.zoo.int8 import quantised, restored

FORMAT = "robust.encoder.int8.v1"
TEXTS = ("config.json", "tokenizer.json", "tokenizer_config.json", "pretrain.json")


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
