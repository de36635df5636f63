"""Fine-tuning an encoder as a SQuAD 2.0 reader: the loop, top to bottom."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from robust.errors import UserError
from robust.reader.features import Windows, answer_positions, input_names, make_windows, pad_batch
from robust.reader.training_data import epoch_batches, question_bytes
from robust.squad.records import Question
from robust.training.optimiser import parameter_groups, rate_factor, set_rate
from robust.training.state import STATE_FILE, load_state, save_state
from robust.zoo.architecture import set_dropout
from robust.zoo.electra_head import JointReader

# A run whose mean loss has fallen by less than this share when a third of it is done, learns nothing.
LEAST_FALL = 0.05
# An untrained reader's loss is the log of its windows' length, 4 to 6; below this it has learnt something.
LEARNT = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FinetuneSettings:
    """How to train. Rates and lengths come from the catalogue's recipe unless given.

    ``batch`` windows a step, computed in ``accumulate`` parts; ``warmup`` a share of the run;
    ``dropout`` 0 is half as fast again on a CPU, and right where no example is seen twice;
    ``length``, ``stride``, ``max_question`` in tokens; ``train_length`` drops training windows longer than
    that many tokens (0: none). ``max_steps`` 0 means all epochs; ``budget`` in seconds (0: none) ties the
    schedule to the clock instead. ``dtype`` is ``float32`` or ``bfloat16`` (autocast).
    """

    lr: float
    layer_decay: float = 1.0
    epochs: float = 2.0
    batch: int = 32
    accumulate: int = 1
    warmup: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.1
    clip: float = 1.0
    length: int = 384
    stride: int = 128
    max_question: int = 64
    train_length: int = 0
    max_steps: int = 0
    budget: float = 0.0
    seed: int = 0
    dtype: str = "float32"
    device: str = "cpu"
    freeze_embeddings: bool = False
    checkpoint_every: int = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One step's report: its number (from 1), mean loss, progress (0 to 1), rate factor and windows/s."""

    number: int
    loss: float
    progress: float
    rate: float
    windows_per_second: float


def finetune(  # noqa: PLR0912, PLR0915 (the loop, on one page)
    model: Any,
    tokenizer: Any,
    questions: Sequence[Question],
    settings: FinetuneSettings,
    *,
    folder: Path,
    identity: str = "",
    report: Callable[[Step], None] = lambda step: None,
    notice: Callable[[str], None] = lambda line: None,
) -> list[float]:
    """Train ``model`` in place and return the loss of every step.

    A checkpoint in ``folder`` is written every ``checkpoint_every`` steps; a run that finds one there goes
    on from it, with the same losses as if it had not been interrupted (same device, no ``budget``);
    ``identity`` says what the model started as, so that no other run's checkpoint is taken. Where CUDA
    runs out of memory, steps are computed in twice as many parts from then on. The caller saves the
    finished reader and removes the checkpoint. Raises UserError where the loss is no number, or where it
    does not fall.
    """
    device = torch.device(settings.device)
    windows, targets = _training_windows(tokenizer, questions, settings)
    per_epoch = math.ceil(len(windows) / settings.batch)
    total = settings.max_steps or max(1, math.ceil(settings.epochs * per_epoch))
    torch.manual_seed(settings.seed)  # dropout
    if settings.freeze_embeddings:
        for parameter in model.base_model.embeddings.parameters():
            parameter.requires_grad_(False)
    set_dropout(model, settings.dropout)
    quick = device.type == "cpu" and settings.dtype == "bfloat16" and isinstance(model, PreTrainedModel)
    attention = model.config._attn_implementation if quick else None
    if quick:
        # With PyTorch 2.13 the fused kernel takes a third longer there, backward pass included.
        model.set_attn_implementation("eager")
    model.to(device).train()
    optimiser = torch.optim.AdamW(
        parameter_groups(
            model,
            lr=settings.lr,
            layer_decay=settings.layer_decay,
            weight_decay=settings.weight_decay,
        ),
        eps=1e-6,
        fused=True,
    )
    fingerprint = _fingerprint(settings, questions, model, identity)
    parts = settings.accumulate
    state = folder / STATE_FILE
    losses: list[float] = []
    elapsed = 0.0
    if state.is_file():
        progress = load_state(state, model, optimiser, fingerprint)
        losses, elapsed = progress["losses"], progress["elapsed"]
    names = input_names(model, tokenizer)
    autocast: Any = (
        torch.autocast(device.type, dtype=torch.bfloat16) if settings.dtype == "bfloat16" else nullcontext()
    )

    def gradients(indices: NDArray[np.int64], count: int) -> float:
        """Add the gradients of a step's windows, computed in ``count`` parts; return their mean loss."""
        loss = 0.0
        for part in np.array_split(indices, min(count, len(indices))):
            tensors = pad_batch(windows, part.tolist(), tokenizer.pad_token_id)
            batch = {k: v.to(device) for k, v in tensors.items()}
            gold = torch.from_numpy(targets[part]).to(device)
            with autocast:
                output = model(**{k: v for k, v in batch.items() if k in names})
            part_loss = _loss(model, output, batch, gold)
            share = len(part) / len(indices)
            torch.autograd.backward(part_loss * share)
            loss += float(part_loss.detach()) * share
        return loss

    def checkpoint() -> None:
        kept = {"losses": losses, "elapsed": time.monotonic() - started}
        save_state(state, model, optimiser, kept, fingerprint)

    started = time.monotonic() - elapsed
    for indices in _batches(windows, settings, start=len(losses), stop=total):
        elapsed = time.monotonic() - started
        done = elapsed / settings.budget if settings.budget else len(losses) / total
        if done >= 1:
            break
        factor = rate_factor(done, settings.warmup)
        set_rate(optimiser, factor)
        loss = None
        while loss is None:
            try:
                loss = gradients(indices, parts)
            except torch.OutOfMemoryError as error:
                if parts >= len(indices):
                    raise UserError(
                        f"{folder}: one window does not fit into the memory of {device}; lower --length"
                    ) from error
                parts *= 2
                notice(f"{device}: out of memory; computing each step in {parts} parts from now on")
                optimiser.zero_grad(set_to_none=True)
                torch.cuda.empty_cache()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), settings.clip)
        if not math.isfinite(loss) or not bool(torch.isfinite(norm)):
            raise UserError(
                f"{folder}: the loss became {loss} at step {len(losses) + 1} (diverged); lower --lr or "
                "change --seed and run again"
            )
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss)
        _check_fall(losses, done, folder)
        rate = len(indices) / max(1e-9, time.monotonic() - started - elapsed)
        report(Step(len(losses), loss, done, factor, rate))
        if len(losses) % settings.checkpoint_every == 0:
            checkpoint()
    if len(losses) % settings.checkpoint_every:
        checkpoint()  # what follows (threshold, saving) can be interrupted too
    for parameter in model.parameters():
        parameter.requires_grad_(True)
    if quick:
        model.set_attn_implementation(attention)
    model.to("cpu").eval()
    return losses


def _loss(model: Any, output: Any, batch: dict[str, torch.Tensor], gold: torch.Tensor) -> torch.Tensor:
    """Return the loss of a part of a step under the head that the model has, in float32."""
    if isinstance(model, JointReader):
        return model.head.loss(output.float(), batch["context"], gold)
    return span_loss(output.start_logits, output.end_logits, batch["attention_mask"], gold)


def span_loss(
    start_logits: torch.Tensor, end_logits: torch.Tensor, mask: torch.Tensor, gold: torch.Tensor
) -> torch.Tensor:
    """Return the mean cross-entropy of start and end over a batch (Devlin et al. 2019), a scalar.

    Logits and ``mask`` (1 = token, 0 = padding) are of shape (windows, tokens), ``gold`` (windows, 2).
    Padding is left out of the softmax, unlike in transformers' own loss, which therefore depends on
    how much a batch was padded.
    """
    hidden = mask == 0
    start = start_logits.float().masked_fill(hidden, float("-inf"))
    end = end_logits.float().masked_fill(hidden, float("-inf"))
    entropy = torch.nn.functional.cross_entropy
    return (entropy(start, gold[:, 0]) + entropy(end, gold[:, 1])) / 2


def _training_windows(
    tokenizer: Any, questions: Sequence[Question], settings: FinetuneSettings
) -> tuple[Windows, NDArray[np.int64]]:
    windows = make_windows(
        tokenizer,
        questions,
        max_length=settings.length,
        stride=settings.stride,
        max_question=settings.max_question,
    )
    targets = answer_positions(windows, questions)
    if settings.train_length:
        kept = np.flatnonzero(windows.lengths <= settings.train_length)
        targets = targets[kept]
        windows = Windows(
            [windows.input_ids[i] for i in kept],
            [windows.token_type_ids[i] for i in kept],
            [windows.offsets[i] for i in kept],
            windows.question_index[kept],
            windows.lengths[kept],
        )
    if len(windows) == 0:
        raise UserError(
            "no training windows are left; expected at least one: check --data and --train-length"
        )
    return windows, targets


def _batches(
    windows: Windows, settings: FinetuneSettings, *, start: int, stop: int
) -> Iterator[NDArray[np.int64]]:
    """Yield the batches of steps ``start`` to ``stop`` - 1 (without end where the clock decides)."""
    per_epoch = math.ceil(len(windows) / settings.batch)
    step = start
    while settings.budget or step < stop:
        epoch = epoch_batches(windows.lengths, settings.batch, seed=settings.seed, epoch=step // per_epoch)
        for indices in epoch[step % per_epoch :]:
            if not settings.budget and step >= stop:
                return
            yield indices
            step += 1


def _check_fall(losses: list[float], progress: float, folder: Path) -> None:
    """Raise UserError once a third of the run is done and the loss has not fallen."""
    span = max(10, len(losses) // 10)
    if len(losses) < 100 or progress < 1 / 3:
        return
    before, now = float(np.mean(losses[:span])), float(np.mean(losses[-span:]))
    # a reader that is trained further begins low, and may level off
    if now > before * (1 - LEAST_FALL) and now > LEARNT:
        raise UserError(
            f"{folder}: the loss did not fall ({before:.2f} in the first {span} steps, {now:.2f} after "
            f"{len(losses)}): diverged; lower --lr or change --seed, and run again"
        )


def _fingerprint(settings: FinetuneSettings, questions: Sequence[Question], model: Any, identity: str) -> str:
    """Return a hash of what a checkpoint must agree with: settings, data, shape, where it started."""
    digest = hashlib.sha256(identity.encode())
    own = dataclasses.asdict(settings)
    own.pop("checkpoint_every")
    digest.update(json.dumps(own, sort_keys=True).encode())
    digest.update(json.dumps(model.config.to_diff_dict(), sort_keys=True, default=str).encode())
    digest.update(type(model).__name__.encode() if isinstance(model, JointReader) else b"")
    for q in questions:
        digest.update(question_bytes(q))
    return digest.hexdigest()
