"""What each of two processes runs for test_distributed.py; torchrun starts it: PACK OUT.

As in ``robust pretrain``, the processes join before one of transformers' models is imported.
"""

from __future__ import annotations

import atexit
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from robust.pretrain import checkpoints
from robust.pretrain.loop import PretrainSettings, pretrain
from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.base import Objective
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.objectives.replaced_token import ReplacedToken
from robust.pretrain.packing import PackReader, open_pack
from robust.pretrain.processes import launched
from robust.zoo.tokenizers import load_tokenizer

SETTINGS = PretrainSettings(
    lr=3e-3, batch=8, accumulate=4, steps=5, warmup=0.4, checkpoint_every=3, peak=1e12
)
SIZE: dict[str, Any] = {
    "vocab_size": 150,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
}


def masked_lm(tokenizer: Any, seed: int = 0) -> Objective:
    """Return a BERT with dropout, and a pooler that gets no gradient."""
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(seed)
    model = BertForMaskedLM(BertConfig(**SIZE))
    model.bert.pooler = torch.nn.Linear(16, 16)
    return MaskedLM(model, Alphabet.of(tokenizer))


def replaced_token(tokenizer: Any) -> Objective:
    """Return an ELECTRA whose generator shares its embeddings: weights that are used twice in a step."""
    from transformers import ElectraConfig, ElectraForMaskedLM, ElectraForPreTraining

    torch.manual_seed(0)
    config = ElectraConfig(**SIZE, embedding_size=16)
    return ReplacedToken(
        ElectraForPreTraining(config), ElectraForMaskedLM(config), Alphabet.of(tokenizer), share="embeddings"
    )


def main(pack: Path, out: Path) -> None:
    """Train both objectives, go on with what one process began, and write what happened."""
    team = launched("cpu")
    atexit.register(tell_threads, out / f"threads-{team.rank}.json")
    written: list[str] = []
    save = checkpoints.save_state

    def watched(path: Path, *given: Any, **named: Any) -> None:
        written.append(path.name)
        save(path, *given, **named)

    checkpoints.save_state = watched
    windows = PackReader(open_pack(pack))
    tokenizer = load_tokenizer(pack / "tokenizer", "test")
    reported: list[int] = []

    def run(objective: Objective, folder: str, **changes: Any) -> list[float]:
        settings = replace(SETTINGS, **changes)
        rows = pretrain(
            objective, windows, settings, folder=out / folder, report=lambda s: reported.append(s.number)
        )
        return [row["loss"] for row in rows]

    # the second process starts from other weights: the first one's must win
    found: dict[str, Any] = {"masked": run(masked_lm(tokenizer, seed=team.rank), "masked")}
    found["written"], found["reported"] = written.copy(), reported.copy()
    found["replaced"] = run(replaced_token(tokenizer), "replaced")
    found["resumed"] = run(masked_lm(tokenizer), "begun-by-one")
    found["timed"] = len(run(masked_lm(tokenizer), "timed", budget=1.0))
    (out / f"{team.rank}.json").write_text(json.dumps(found))
    team.finish()


def tell_threads(file: Path) -> None:
    """Write the names of the threads that there are as Python ends; none where the system does not tell."""
    names = [name.read_text().strip() for name in Path("/proc/self/task").glob("*/comm")]
    file.write_text(json.dumps(names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
