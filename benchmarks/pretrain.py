"""Pre-training speed: our loop against transformers' Trainer, side by side in one run.

Both train one BERT of the same shape from the same random weights on the same packed windows of Wikipedia,
with the same batch, the same parts and the same precision: the Trainer with its own collator for masked
language modelling, as run_mlm.py has it. Each side runs in a process of its own, so that the peak of its
memory is its own; rounds alternate, figures are medians over rounds of the steps after the first two.

    ROBUST_DATA=... python benchmarks/pretrain.py [--shape bert-mini] [--length 128] [--batch 32]
        [--accumulate 1] [--steps 8] [--rounds 3] [--device cpu] [--dtype float32]

Goals: 1.3 x the Trainer's tokens a second on a CPU, 2 x on a GPU, with less memory. Model-FLOP utilisation
is our FLOPs (forward and backward, counted) over time and peak: see robust/pretrain/flops.py.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import torch

from robust.pretrain.documents import documents
from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.packing import PackReader, pack
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.lookup import find_encoder
from robust.zoo.tokenizers import load_tokenizer

WARM = 2  # first steps, which are not counted
SIDES = ("robust", "Trainer")


def windows_of(given: argparse.Namespace, folder: Path) -> PackReader:
    """Return packed windows of the first documents of Wikipedia, enough for all steps."""
    wiki = sorted((Path(os.environ["ROBUST_DATA"]) / "wiki").glob("*.xz"))
    tokenizer = load_tokenizer(find_encoder("minilm"), "minilm")
    text = islice(documents(wiki), 400)
    return PackReader(pack(text, tokenizer, folder / "pack", length=given.length))


def beginning(given: argparse.Namespace) -> Beginning:
    """Return the random weights that both sides start with."""
    tokenizer = load_tokenizer(find_encoder("minilm"), "minilm")
    return Beginning(shape=shape_of(given.shape, {}), tokenizer=tokenizer, seed=0)


def ours(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the time of each step of our loop, and its FLOPs."""
    from robust.pretrain.loop import PretrainSettings, pretrain

    begin = beginning(given)
    objective = MaskedLM(begin.model("MaskedLM"), Alphabet.of(begin.tokenizer))
    settings = PretrainSettings(
        batch=given.batch,
        accumulate=given.accumulate,
        steps=given.steps,
        device=given.device,
        dtype=given.dtype,
        checkpoint_every=10**9,
    )
    times: list[tuple[float, float]] = []
    rows = pretrain(
        objective,
        windows_of(given, folder),
        settings,
        folder=folder / "run",
        report=lambda step: times.append((time.perf_counter(), time.process_time())),
    )
    last = rows[-1]
    return {
        "times": times,
        "loss": statistics.mean(row["loss"] for row in rows),
        "flops": last["flops"] / len(rows),
        "peak_flops": last["flops_per_second"] / last["utilisation"],
    }


def trainer(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the time of each step of transformers' Trainer."""
    from transformers import (
        DataCollatorForLanguageModeling,
        Trainer,
        TrainerCallback,
        TrainingArguments,
        set_seed,
    )

    set_seed(0)
    begin = beginning(given)
    reader = windows_of(given, folder)
    numbers = reader.batch(0, given.batch * given.steps, seed=0)
    rows = [{"input_ids": ids, "attention_mask": [1] * given.length} for ids in numbers.tolist()]
    times: list[tuple[float, float]] = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            if given.device != "cpu":
                torch.cuda.synchronize()
            times.append((time.perf_counter(), time.process_time()))

    arguments = TrainingArguments(
        output_dir=str(folder / "trainer"),
        per_device_train_batch_size=given.batch // given.accumulate,
        gradient_accumulation_steps=given.accumulate,
        max_steps=given.steps,
        learning_rate=5e-4,
        weight_decay=0.01,
        adam_epsilon=1e-6,
        warmup_steps=1,
        bf16=given.dtype == "bfloat16",
        use_cpu=given.device == "cpu",
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        dataloader_pin_memory=given.device != "cpu",
        disable_tqdm=True,
    )
    made = Trainer(
        model=begin.model("MaskedLM"),
        args=arguments,
        train_dataset=rows,
        data_collator=DataCollatorForLanguageModeling(begin.tokenizer, mlm_probability=0.15),
        callbacks=[Clock()],
    )
    loss = made.train().training_loss
    return {"times": times, "loss": loss}


def one_side(given: argparse.Namespace) -> None:
    """Run one contestant and print its figures as JSON."""
    with tempfile.TemporaryDirectory() as name:
        work = ours if given.side == "robust" else trainer
        found = work(given, Path(name))
    wall, cpu = (
        statistics.median(after - before for before, after in pairwise(column[WARM - 1 :]))
        for column in zip(*found.pop("times"), strict=True)
    )
    cuda = given.device != "cpu"
    peak = (
        torch.cuda.max_memory_allocated()
        if cuda
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    print(json.dumps({**found, "wall": wall, "cpu": cpu, "peak": peak}))


def main() -> None:
    """Run both sides by turns and print the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="bert-mini")
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--side", choices=SIDES)
    given = parser.parse_args()
    if given.side:
        one_side(given)
        return
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for turn in range(given.rounds):
        for side in SIDES if turn % 2 == 0 else SIDES[::-1]:
            command = [sys.executable, __file__, *sys.argv[1:], "--side", side]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(f"{side} failed:\n{done.stderr}")
            results[side].append(json.loads(done.stdout.splitlines()[-1]))
    place = torch.cuda.get_device_name() if given.device != "cpu" else platform.processor() or "CPU"
    print(
        f"{given.shape}, {given.batch} windows of {given.length} a step in {given.accumulate} parts, "
        f"{given.dtype}, {place}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"{given.rounds} rounds, medians"
    )
    print(f"{'':10}{'tokens/s':>10}{'wall':>8}{'CPU':>8}{'peak MB':>10}{'mean loss':>11}{'utilisation':>13}")
    middle = {
        side: {key: statistics.median(r[key] for r in rows) for key in ("wall", "cpu", "peak", "loss")}
        for side, rows in results.items()
    }
    peer = middle["Trainer"]
    for side, found in middle.items():
        own = results[side][-1]
        used = own["flops"] / found["wall"] / own["peak_flops"] if "flops" in own else None
        print(
            f"{side:10}{given.batch * given.length / found['wall']:10.0f}{peer['wall'] / found['wall']:7.2f}x"
            f"{peer['cpu'] / found['cpu']:7.2f}x{found['peak'] / 1e6:10.0f}{found['loss']:11.2f}"
            f"{'' if used is None else f'{used:13.1%}'}"
        )
    print("goals: 1.3 x on a CPU, 2 x on a GPU, with less memory")


if __name__ == "__main__":
    main()
