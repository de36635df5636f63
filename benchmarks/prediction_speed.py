"""Prediction speed: ours against the loop that question-answering scripts use, side by side in one run.

The peer pads every window to 384 tokens, takes batches of 16 in order, runs in float32, and searches
spans in Python, as transformers' run_qa.py does; it is run with plain ("eager") attention, which is what
ELECTRA had before transformers 5, and with sdpa, which is kinder to it. All read the same real questions
with one model of ELECTRA-small's shape and random weights (its answers are nonsense, its speed is real;
its head is scaled so that logits are spread as a trained reader's are). Rounds alternate; the figures are
medians. CPU time is given beside wall time, because it hardly depends on what else the machine does.

    ROBUST_DATA=... python benchmarks/prediction_speed.py [--questions 240] [--rounds 3] [--device cuda]
        [--dtypes float32]
    ROBUST_DATA=... OMP_NUM_THREADS=1 python benchmarks/prediction_speed.py --share [--questions 400]
    ROBUST_DATA=... python benchmarks/prediction_speed.py --memory
    ROBUST_DATA=... python benchmarks/prediction_speed.py --shape electra-large --mfu [--peak-tflops 989]

``--share``: which share of the CPU time of predicting and scoring the bare forward passes are (the same
windows, the same batches, logits alone), on one thread. ``--memory``: the peak of resident memory for
2,000, 12,000 and 48,000 questions. ``--mfu``: model-FLOP utilisation on CUDA, that is the model FLOPs of
the forward passes / (time * peak), where a token costs 2 * params_without_embeddings + 4 * layers *
hidden * length (forward alone; length is that of its window, padding not counted), and dev end to end. The
peak is 989 TFLOP/s, an H100's in dense bfloat16, unless another is given. With --device cpu it prints
FLOP/s alone.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from prediction_cost import print_memory, print_mfu, print_share

from robust.build.sample import stratified_sample
from robust.reader.predict import PredictSettings, predict
from robust.squad.catalogue import load
from robust.squad.records import Question
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import LoadedReader
from robust.zoo.lookup import find_encoder
from robust.zoo.settings import ReaderSettings
from robust.zoo.tokenizers import load_tokenizer

LENGTH, STRIDE, BATCH = 384, 128, 16
PEER = "padded 384, eager"
TARGETS = {"float32": (2.2, 1.0), "bfloat16": (3.5, 0.995)}


def padded_loop(reader: LoadedReader, questions: Sequence[Question], device: str) -> list[str]:
    """Return the best span of each question, the usual way: padded windows, spans sought in Python."""
    encoded = reader.tokenizer(
        [q.text for q in questions],
        [q.context for q in questions],
        truncation="only_second",
        max_length=LENGTH,
        stride=STRIDE,
        padding="max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    best: list[tuple[float, str]] = [(-np.inf, "")] * len(questions)
    names = ("input_ids", "attention_mask", "token_type_ids")
    for first in range(0, len(encoded["input_ids"]), BATCH):
        rows = slice(first, first + BATCH)
        with torch.no_grad():
            output = reader.model(**{name: encoded[name][rows].to(device) for name in names})
        starts, ends = output.start_logits.float().cpu().numpy(), output.end_logits.float().cpu().numpy()
        for row in range(len(starts)):
            window = first + row
            question = int(encoded["overflow_to_sample_mapping"][window])
            context = questions[question].context
            offsets = encoded["offset_mapping"][window].tolist()
            inside = np.array([s == 1 for s in encoded.sequence_ids(window)])
            starts[row][~inside] = ends[row][~inside] = -1e9  # else random weights choose padding
            for s in np.argsort(starts[row])[-1:-21:-1].tolist():
                for e in np.argsort(ends[row])[-1:-21:-1].tolist():
                    if not (inside[s] and inside[e]) or e < s or e - s + 1 > 30:
                        continue
                    score = float(starts[row, s]) + float(ends[row, e])
                    if score > best[question][0]:
                        best[question] = score, context[offsets[s][0] : offsets[e][1]]
    return [text for _, text in best]


def timed(work: Callable[[], list[str]], device: str) -> tuple[list[str], float, float]:
    """Return (answers, seconds of wall time, seconds of CPU time)."""
    wall, cpu = time.perf_counter(), time.process_time()
    answers = work()
    if device != "cpu":
        torch.cuda.synchronize()
    return answers, time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device")
    parser.add_argument("--dtypes", nargs="*", default=["float32", "bfloat16"])
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--mfu", action="store_true")
    parser.add_argument("--shape", default="electra-large")
    parser.add_argument("--peak-tflops", type=float, default=989.0)
    given = parser.parse_args()
    if given.mfu:
        device = given.device or "cuda"
        if device != "cpu" and not torch.cuda.is_available():
            sys.exit("--mfu: no CUDA device here; --device cpu prints FLOP/s alone")
        print_mfu(given.shape, device, given.questions, given.rounds, given.peak_tflops)
    elif given.share:
        print_share(given.questions or 400, given.rounds)
    elif given.memory:
        print_memory()
    else:
        given.device = given.device or "cpu"
        compare(given)


def compare(given: argparse.Namespace) -> None:
    """Run the contestants and print the comparison."""
    questions = stratified_sample(load("squad2:dev"), given.questions or 240, seed=0)
    tokenizer = load_tokenizer(find_encoder("minilm"), "minilm")
    model = new_reader(MODELS["electra-small"].shape, tokenizer, seed=0)
    with torch.no_grad():
        model.qa_outputs.weight.mul_(12)
    reader = LoadedReader(
        model.to(given.device), tokenizer, ReaderSettings(max_length=LENGTH, stride=STRIDE), "b", ""
    )

    def ours(dtype: str) -> Callable[[], list[str]]:
        settings = PredictSettings(device=given.device, dtype=dtype)  # type: ignore[arg-type] # a literal
        return lambda: [p.text for p in predict(reader, questions, settings)]

    plain = copy.deepcopy(reader.model)
    plain.set_attn_implementation("eager")
    eager = dataclasses.replace(reader, model=plain)
    contestants = {
        PEER: lambda: padded_loop(eager, questions, given.device),
        "padded 384, sdpa": lambda: padded_loop(reader, questions, given.device),
    }
    contestants |= {f"robust, {dtype}": ours(dtype) for dtype in given.dtypes}
    warm = questions[:8]
    padded_loop(reader, warm, given.device)
    predict(reader, warm, PredictSettings(device=given.device))
    walls: dict[str, list[float]] = {name: [] for name in contestants}
    cpus: dict[str, list[float]] = {name: [] for name in contestants}
    answers: dict[str, list[str]] = {}
    for turn in range(given.rounds):
        order = list(contestants) if turn % 2 == 0 else list(contestants)[::-1]
        for name in order:
            answers[name], wall, cpu = timed(contestants[name], given.device)
            walls[name].append(wall)
            cpus[name].append(cpu)
    place = torch.cuda.get_device_name() if given.device != "cpu" else platform.processor() or "CPU"
    print(f"{len(questions)} questions of SQuAD 2.0 dev, ELECTRA-small shape, {place}, ", end="")
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}, {given.rounds} rounds, medians")
    print(f"{'':22}{'questions/s':>12}{'wall':>8}{'CPU':>8}  same answers")
    base_wall, base_cpu = statistics.median(walls[PEER]), statistics.median(cpus[PEER])
    for name in contestants:
        wall, cpu = statistics.median(walls[name]), statistics.median(cpus[name])
        same = np.mean([a == b for a, b in zip(answers[name], answers[PEER], strict=True)])
        rate = len(questions) / wall
        print(f"{name:22}{rate:12.1f}{base_wall / wall:7.2f}x{base_cpu / cpu:7.2f}x  {same:.1%}")
    for dtype, (factor, share) in TARGETS.items():
        print(f"target for {dtype}: {factor} x and {share:.1%} identical answers")


if __name__ == "__main__":
    main()
