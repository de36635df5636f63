"""What prediction costs beside the forward passes: prediction_speed.py with --share, --memory and --mfu."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from robust.build.sample import stratified_sample
from robust.evaluation.evaluate import evaluate_reader
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.reader.cache import PredictionCache
from robust.reader.features import make_windows
from robust.reader.predict import PredictSettings, predict
from robust.squad.catalogue import load
from robust.squad.metric import official
from robust.squad.records import Question
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS, Shape
from robust.zoo.checkpoints import LoadedReader, load_reader
from robust.zoo.lookup import find_encoder
from robust.zoo.settings import ReaderSettings
from robust.zoo.tokenizers import load_tokenizer

Batch = dict[str, torch.Tensor]
SHARE_GOAL = 0.70
MFU_GOAL, SECONDS_GOAL = 0.40, 10.0


def random_reader(shape: Shape, length: int, stride: int) -> LoadedReader:
    """Return a reader of ``shape`` with random weights, its logits spread as a trained reader's are."""
    tokenizer = load_tokenizer(find_encoder("minilm"), "minilm")
    model = new_reader(shape, tokenizer, seed=0)
    with torch.no_grad():
        model.qa_outputs.weight.mul_(12)
    own = ReaderSettings(family=shape.family, max_length=length, stride=stride)
    return LoadedReader(model, tokenizer, own, "b", "")


def answer_and_score(
    reader: LoadedReader, questions: Sequence[Question], settings: PredictSettings
) -> dict[str, float]:
    """Predict and score as ``robust eval`` does, through an empty cache; return the official figures."""
    with tempfile.TemporaryDirectory() as folder, PredictionCache(Path(folder), {}) as cache:
        found = predict(reader, questions, settings, cache=cache, lists=False)
    texts = {p.id: p.text for p in found}
    return official(questions, texts, {p.id: p.null_odds for p in found}, 0.0)


def listen(
    reader: LoadedReader, questions: Sequence[Question], settings: PredictSettings
) -> tuple[list[Batch], int]:
    """Return the batches that the model is given for the questions, and how many windows were given twice.

    Windows computed once more, alone, because rounding could have changed their answer, are left out.
    """
    batches: list[Batch] = []
    seen: set[bytes] = set()
    again = 0

    def note(module: Any, given: tuple[Any, ...], named: Batch) -> None:
        nonlocal again
        rows = zip(named["input_ids"].cpu(), named["attention_mask"].cpu().bool(), strict=True)
        keys = [ids[mask].numpy().tobytes() for ids, mask in rows]
        if len(keys) == 1 and keys[0] in seen:
            again += 1
            return
        seen.update(keys)
        batches.append({name: tensor.clone() for name, tensor in named.items()})

    hook = reader.model.register_forward_pre_hook(note, with_kwargs=True)
    try:
        predict(reader, questions, settings)
    finally:
        hook.remove()
    return batches, again


def forwards(reader: LoadedReader, batches: Sequence[Batch], settings: PredictSettings) -> None:
    """Run the bare forward passes: batches that lie on the device, logits that nobody looks at."""
    kind = torch.device(settings.device).type
    bfloat16 = settings.dtype == "bfloat16"
    with torch.inference_mode(), torch.autocast(kind, dtype=torch.bfloat16, enabled=bfloat16):
        for batch in batches:
            reader.model(**batch)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time and of CPU time (all threads)."""

    wall: float
    cpu: float


def cost(work: Callable[[], object], device: str) -> Cost:
    """Return what ``work`` costs, the device's queue emptied before and after."""
    if device != "cpu":
        torch.cuda.synchronize()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    if device != "cpu":
        torch.cuda.synchronize()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def print_share(count: int, rounds: int) -> None:
    """Print which share of the CPU time of predicting and scoring the bare forward passes are.

    One thread, float32, minilm-squad2, dev questions; the two alternate, the figures are medians.
    """
    torch.set_num_threads(1)
    reader = load_reader("minilm-squad2")
    settings = PredictSettings(device="cpu", dtype="float32").resolve()
    questions = stratified_sample(load("squad2:dev"), count, seed=0)
    batches, again = listen(reader, questions, settings)
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        whole.append(cost(lambda: answer_and_score(reader, questions, settings), "cpu").cpu)
        bare.append(cost(lambda: forwards(reader, batches, settings), "cpu").cpu)
    own = reader.settings
    sizes = {"max_length": own.max_length, "stride": own.stride, "max_question": own.max_question}
    features = cost(lambda: make_windows(reader.tokenizer, questions, **sizes), "cpu").cpu
    seconds, forward = statistics.median(whole), statistics.median(bare)
    windows = sum(len(batch["input_ids"]) for batch in batches)
    print(f"{len(questions)} questions of SQuAD 2.0 dev, minilm-squad2, float32, one thread, {rounds} rounds")
    print(f"{windows} windows in {len(batches)} batches; {again} windows computed twice")
    print(f"predict and score    {seconds:8.2f} s of CPU time")
    print(f"bare forward passes  {forward:8.2f} s, {forward / seconds:.1%} of it (goal: {SHARE_GOAL:.0%})")
    print(f"windows alone        {features:8.2f} s, {1000 * features / len(questions):.2f} ms a question")


# ---- memory ------------------------------------------------------------------------------------------

_SIZES = (2_000, 12_000, 48_000)
_TINY = Shape(family="bert", layers=1, hidden=32, ffn=64, heads=2, embedding=32, vocabulary=30522)


def print_memory() -> None:
    """Print the peak of memory for three numbers of questions, each in a process of its own."""
    print("a random reader of one layer of width 32; questions of SQuAD 2.0 dev, their texts altered; MB")
    print(f"{'questions':>10}{'loaded':>10}{'predict':>10}{'eval':>10}   peak less what was there before")
    for count in _SIZES:
        command = [sys.executable, __file__, str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        row = json.loads(done.stdout.splitlines()[-1])
        loaded, predicted, evaluated = row["loaded"], row["predict"], row["eval"]
        print(
            f"{count:10,}{loaded:10.0f}{predicted:10.0f}{evaluated:10.0f}   "
            f"predict {predicted - loaded:+.0f}, eval {evaluated - loaded:+.0f}",
            flush=True,
        )


def peak_of(count: int) -> dict[str, float]:
    """Return megabytes of resident memory: with questions and reader loaded, and at most by then.

    ``loaded`` is taken after a first batch, so that the libraries' own memory is part of it. ``predict``
    is the peak after predicting, ``eval`` after an evaluation with its run folder (which predicts again).
    """
    torch.set_num_threads(1)
    dev = load("squad2:dev")
    rounds = -(-count // len(dev))
    questions = [
        q if turn == 0 else replace(q, id=f"{q.id}-{turn}", text=f"{q.text} ({turn})")
        for turn in range(rounds)
        for q in dev
    ][:count]
    reader = random_reader(_TINY, 384, 128)
    settings = PredictSettings(device="cpu", dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        import os

        os.environ["ROBUST_HOME"] = folder
        small = EvaluationSet("small", {MAIN: Arm(questions[:300], [], {})}, ())
        evaluate_reader(reader, [small], settings, threshold="0")
        loaded = _resident("VmRSS")
        answer_and_score(reader, questions, settings)
        predicted = _resident("VmHWM")
        whole = EvaluationSet("whole", {MAIN: Arm(questions, [], {})}, ())
        evaluate_reader(reader, [whole], settings, threshold="0")
        return {"loaded": loaded, "predict": predicted, "eval": _resident("VmHWM")}


def _resident(field: str) -> float:
    """Return a field of /proc/self/status in megabytes: VmRSS is now, VmHWM the peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise SystemExit("--memory needs Linux: no VmHWM in /proc/self/status")


# ---- model-FLOP utilisation --------------------------------------------------------------------------


def model_flops(model: Any, shape: Shape, batches: Sequence[Batch]) -> float:
    """Return the model FLOPs of one forward pass over the batches, padding not counted.

    A token of a window of ``length`` tokens costs ``2 * params_without_embeddings + 4 * layers * hidden *
    length``: two for each weight that it is multiplied by, and in attention 2 * hidden * length for the
    scores and as much for the weighted sum, in each layer (Kaplan et al. 2020, Table 1, without the
    causal half; Chowdhery et al. 2022, appendix B).
    """
    parameters = sum(p.numel() for name, p in model.named_parameters() if ".embeddings." not in name)
    flops = 0.0
    for batch in batches:
        for length in batch["attention_mask"].sum(dim=1).tolist():
            flops += length * (2.0 * parameters + 4.0 * shape.layers * shape.hidden * length)
    return flops


def print_mfu(name: str, device: str, count: int | None, rounds: int, peak_tflops: float) -> None:
    """Print what share of the device's peak the forward passes of a catalogue shape reach.

    Random weights, the windows of dev questions (all without ``count``), the device's default number
    format. Without CUDA floating-point operations a second alone are printed: no utilisation without the
    peak of the device that it was measured on.
    """
    if name not in MODELS or MODELS[name].shape.family == "albert":  # ALBERT uses a weight in every layer
        raise SystemExit(f"--shape {name}: expected a catalogue name other than ALBERT's, as electra-large")
    model = MODELS[name]
    reader = random_reader(model.shape, model.recipe.length, model.recipe.stride)
    settings = PredictSettings(device=device).resolve()
    questions = load("squad2:dev")
    if count is not None:
        questions = stratified_sample(questions, count, seed=0)
    batches, again = listen(reader, questions, settings)  # also the warm-up
    flops = model_flops(reader.model, model.shape, batches)
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        whole.append(cost(lambda: answer_and_score(reader, questions, settings), device).wall)
        bare.append(cost(lambda: forwards(reader, batches, settings), device).wall)
    seconds, forward = statistics.median(whole), statistics.median(bare)
    cuda = torch.device(device).type == "cuda"
    place = torch.cuda.get_device_name(torch.device(device)) if cuda else "CPU"
    print(
        f"{len(questions)} questions of SQuAD 2.0 dev, shape {name}, random weights, {settings.dtype}, ",
        end="",
    )
    print(f"{place}, torch {torch.__version__}, {rounds} rounds, medians of wall time")
    print(f"{flops / 1e12:.3f} model TFLOP in {len(batches)} batches; {again} windows computed twice")
    print(f"bare forward passes        {forward:8.2f} s, {flops / forward / 1e12:.4f} TFLOP/s")
    print(f"end to end, after loading  {seconds:8.2f} s, {flops / seconds / 1e12:.4f} TFLOP/s")
    if cuda:
        peak = peak_tflops * 1e12
        print(f"utilisation of {peak_tflops:g} TFLOP/s: forward passes {flops / forward / peak:.1%} ", end="")
        print(f"(goal: {MFU_GOAL:.0%}), end to end {flops / seconds / peak:.1%}; ", end="")
        print(f"goal for dev end to end with electra-large: {SECONDS_GOAL:g} s")
    else:
        print("no utilisation: that is measured on CUDA alone")


if __name__ == "__main__":
    print(json.dumps(peak_of(int(sys.argv[1]))))
