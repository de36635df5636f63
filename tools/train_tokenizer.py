"""Train a small lower-casing WordPiece vocabulary on the contexts and questions of a data set.

    python tools/train_tokenizer.py --data squad2:train-partial --size 8192 --out FOLDER

Byte-identical for the same data and size. (electra-tiny-squad2's vocabulary was trained before
it was: its entries are those of one run, in an order that no second run need repeat.)
"""

from __future__ import annotations

import argparse
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from robust.pretrain.vocabulary import train_vocabulary
from robust.squad import catalogue


def train(data: str, size: int) -> PreTrainedTokenizerFast:
    """Return a fast tokenizer in BERT's manner with ``size`` entries."""
    questions = catalogue.load(data)
    texts = [*sorted({q.context for q in questions}), *(q.text for q in questions)]
    tokenizer: PreTrainedTokenizerFast = train_vocabulary([(text,) for text in texts], "wordpiece", size)
    return tokenizer


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="path or catalogue name")
    parser.add_argument("--size", type=int, default=8192)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    train(arguments.data, arguments.size).save_pretrained(arguments.out)
    print(f"{arguments.out}: {arguments.size} entries")
