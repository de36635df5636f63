"""What a pre-training objective costs: BERT, ALBERT and ELECTRA of one shape, measured in one run.

Same layers, widths, heads, vocabulary, batch and precision; each row is a process of its own, rounds
alternate, figures are medians of the steps after the first. ``tokens/s`` and ``ms a step`` are of training,
with CPU time beside them, which hardly depends on what else the machine does; ``inference`` is the forward
pass of the span reader that is fine-tuned from it, on 8 windows of 384 tokens; speeds have BERT's as 1 (of
CPU time on a CPU); ``with a loss`` is the share of tokens that a step learns from.

    ROBUST_DATA=... python benchmarks/objective_cost.py [--size mini] [--batch 16] [--length 128] [--steps 4]
        [--rounds 3] [--device cpu] [--dtype float32]

Claims to check: ALBERT trains 10 to 20 % faster at base size and infers no faster; ELECTRA learns from all
tokens.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import torch
from pretrain import windows_of

from robust.pretrain.loop import PretrainSettings, pretrain
from robust.pretrain.objectives.choice import Choice, build_objective
from robust.zoo.architecture import new_reader
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.lookup import find_encoder
from robust.zoo.tokenizers import load_tokenizer

# row -> (family, objective, share of tokens with a loss, as far as it does not depend on the text)
ROWS = {
    "BERT": ("bert", "masked-lm", 0.15),
    "ALBERT": ("albert", "sentence-order", 0.15),
    "ELECTRA": ("electra", "replaced-token", 1.0),
}
INFERENCE = (8, 384)


def measure(given: argparse.Namespace) -> None:
    """Run one row and print its figures as JSON."""
    family, name, _ = ROWS[given.row]
    like = shape_of(f"bert-{given.size}", {})
    sizes = {key: str(getattr(like, key)) for key in ("layers", "hidden", "ffn", "heads")}
    known = {"albert": "base", "electra": given.size, "bert": given.size}[family]
    embedding = {} if family == "albert" else {"embedding": sizes["hidden"]}
    shape = shape_of(f"{family}-{known}", {**sizes, **embedding})
    tokenizer = load_tokenizer(find_encoder("minilm"), "minilm")
    begin = Beginning(shape=shape, tokenizer=tokenizer, seed=0, dropout=0.0)
    objective = build_objective(Choice(objective=name), begin)
    settings = PretrainSettings(
        batch=given.batch,
        steps=given.steps,
        device=given.device,
        dtype=given.dtype,
        checkpoint_every=10**9,
    )
    times: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        rows = pretrain(
            objective,
            windows_of(given, Path(folder)),
            settings,
            folder=Path(folder) / "run",
            report=lambda step: times.append((time.perf_counter(), time.process_time())),
        )
    wall, cpu = (
        statistics.median(after - before for before, after in pairwise(column))
        for column in zip(*times, strict=True)
    )
    cuda = given.device != "cpu"
    peak = (
        torch.cuda.max_memory_allocated()
        if cuda
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    found = {
        "encoder": objective.models()[""].num_parameters(),
        "trained": sum(p.numel() for p in objective.parameters()),
        "wall": wall,
        "cpu": cpu,
        "peak": peak,
        "inference": inference(shape, tokenizer, given.device),
        "flops": rows[-1].get("flops", 0.0) / (given.batch * given.length * len(rows)),
    }
    print(json.dumps(found))


def inference(shape: object, tokenizer: object, device: str) -> float:
    """Return the milliseconds (of CPU time on a CPU) of a reader's forward pass on one batch."""
    reader = new_reader(shape, tokenizer).to(device)  # type: ignore[arg-type] # a Shape
    ids = torch.randint(1000, 20000, INFERENCE, device=device)
    clock = time.process_time if device == "cpu" else time.perf_counter
    times = []
    with torch.inference_mode():
        for _ in range(6):
            started = clock()
            reader(input_ids=ids)
            if device != "cpu":
                torch.cuda.synchronize()
            times.append(1000 * (clock() - started))
    return statistics.median(times[1:])


def main() -> None:
    """Run every row by turns and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="mini")
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--row", choices=ROWS)
    given = parser.parse_args()
    if given.row:
        measure(given)
        return
    results: dict[str, list[dict[str, float]]] = {row: [] for row in ROWS}
    for turn in range(given.rounds):
        for row in list(ROWS) if turn % 2 == 0 else list(ROWS)[::-1]:
            done = subprocess.run(
                [sys.executable, __file__, *sys.argv[1:], "--row", row],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                sys.exit(f"{row} failed:\n{done.stderr}")
            results[row].append(json.loads(done.stdout.splitlines()[-1]))
    place = torch.cuda.get_device_name() if given.device != "cpu" else platform.processor() or "CPU"
    print(
        f"size {given.size}, {given.batch} windows of {given.length} a step, {given.dtype}, {place}, "
        f"{torch.get_num_threads()} threads, torch {torch.__version__}, {given.rounds} rounds, medians"
    )
    print(
        f"{'':9}{'encoder M':>10}{'trained M':>10}{'MFLOP/token':>13}{'tokens/s':>10}{'ms a step':>11}"
        f"{'CPU ms':>9}{'speed':>8}{'peak MB':>9}{'inference ms':>14}{'speed':>8}{'with a loss':>13}"
    )
    middle = {
        row: {key: statistics.median(one[key] for one in found) for key in found[0]}
        for row, found in results.items()
    }
    base = middle["BERT"]
    speed = "cpu" if given.device == "cpu" else "wall"
    for row, found in middle.items():
        rate = given.batch * given.length / found["wall"]
        print(
            f"{row:9}{found['encoder'] / 1e6:10.1f}{found['trained'] / 1e6:10.1f}{found['flops'] / 1e6:13.1f}"
            f"{rate:10.0f}{1000 * found['wall']:11.0f}{1000 * found['cpu']:9.0f}"
            f"{base[speed] / found[speed]:7.2f}x{found['peak'] / 1e6:9.0f}{found['inference']:14.1f}"
            f"{base['inference'] / found['inference']:7.2f}x{ROWS[row][2]:13.0%}"
        )


if __name__ == "__main__":
    main()
