"""Make a fine-tuned reader small enough to ship: float16, int8, or an adapter over a packaged encoder.

    python tools/ship_reader.py FINETUNED NAME --about "..." [--int8 | --adapter-of minilm --rank 32]

Writes robust/zoo/shipped/NAME. With ``--adapter-of``, the differences from that encoder's weights are kept
as products of two thin matrices (truncated singular value decomposition), biases and norms exactly; the
no-answer threshold should then be chosen again: ``--calibrate DATA`` does it on a sample of a data set that
the reader was not trained on.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np
import torch

from robust.reader.predict import predict
from robust.reader.threshold import best_threshold
from robust.reader.training_data import hold_out, sample
from robust.squad import catalogue
from robust.squad.metric import score
from robust.zoo.adapter import extract_adapter
from robust.zoo.checkpoints import load_reader, new_encoder_reader, save_adapter, save_int8, save_reader


def main() -> None:
    """Read the arguments, write the shipped folder, print its size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("finetuned")
    parser.add_argument("name")
    parser.add_argument("--about", required=True)
    parser.add_argument("--adapter-of")
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--calibrate", help="data whose held-out articles give the threshold again")
    parser.add_argument("--questions", type=int, default=600)
    arguments = parser.parse_args()
    reader = load_reader(arguments.finetuned)
    target = Path(__file__).parents[1] / "robust" / "zoo" / "shipped" / arguments.name
    settings = dataclasses.replace(reader.settings, extra={**reader.settings.extra, "about": arguments.about})

    def write(chosen: object) -> None:
        if arguments.adapter_of:
            base, _ = new_encoder_reader(arguments.adapter_of)
            tensors = extract_adapter(reader.model, base, arguments.rank)
            save_adapter(target, tensors, chosen, base=arguments.adapter_of, rank=arguments.rank)  # type: ignore[arg-type] # argparse knows no types
        elif arguments.int8:
            save_int8(target, reader.model, reader.tokenizer, chosen)  # type: ignore[arg-type] # as above
        else:
            save_reader(target, reader.model.to(torch.float16), reader.tokenizer, chosen)  # type: ignore[arg-type] # as above

    write(settings)
    if arguments.calibrate:
        seed = int(settings.recipe.get("seed", 0))
        _, held = hold_out(catalogue.load(arguments.calibrate), 0.03, seed=seed)
        held = sample(held, arguments.questions, seed=seed)
        found = predict(load_reader(target), held)
        threshold, total = best_threshold(
            np.asarray([p.null_odds for p in found]),
            np.asarray(score(held, {p.id: p.text for p in found}).em, dtype=np.float64),
            np.asarray([not q.answerable for q in held], dtype=np.float64),
        )
        print(f"threshold {threshold:.3f} (was {settings.null_threshold}), EM {100 * total / len(held):.1f}")
        write(dataclasses.replace(settings, null_threshold=threshold))
    size = sum(p.stat().st_size for p in target.iterdir())
    print(f"{target}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
