"""The pre-training loop, on one page: windows in, weights out, resumable at any checkpoint.

Chance enters in three places, each drawn anew from the seed and the step: the order of windows, the
objective's masks, dropout. So a run that was stopped goes on with the very losses it would have had (same
device).
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from robust.errors import UserError
from robust.pretrain.objectives.base import Objective
from robust.pretrain.packing import PackReader
from robust.training.optimiser import decay_groups, rate_factor, set_rate
from robust.training.state import STATE_FILE, load_state, save_state


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainSettings:
    """How to pre-train.

    ``lr`` is the peak rate, reached after the share ``warmup`` of the run and falling linearly to zero;
    ``batch`` windows a step, computed in ``accumulate`` parts; ``steps``, or a time ``budget`` in seconds
    that the schedule is tied to (0: by steps). Betas, eps, decay and clipping are ELECTRA's (Clark et al.
    2020, Table 6). The state is saved every ``checkpoint_every`` steps.
    """

    lr: float = 5e-4
    batch: int = 128
    accumulate: int = 1
    steps: int = 1000
    budget: float = 0.0
    warmup: float = 0.1
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-6
    clip: float = 1.0
    seed: int = 0
    dtype: str = "float32"
    device: str = "cpu"
    checkpoint_every: int = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One step's report: number (from 1), loss, figures, progress (0 to 1), rate, tokens a second so far."""

    number: int
    loss: float
    figures: dict[str, float]
    progress: float
    rate: float
    tokens_per_second: float


def pretrain(
    objective: Objective,
    windows: PackReader,
    settings: PretrainSettings,
    *,
    folder: Path,
    identity: str = "",
    report: Callable[[Step], None] = lambda step: None,
) -> list[dict[str, float]]:
    """Train ``objective`` in place and return a row for every step: step, loss, figures, rate, seconds.

    A checkpoint is written to ``folder`` every ``checkpoint_every`` steps and when the run ends; a run that
    finds one goes on from it. ``identity`` says what the weights started as. Raises UserError where the
    checkpoint belongs to other settings (naming one that differs), and where the loss is no number: the last
    checkpoint stays.
    """
    device = torch.device(settings.device)
    objective.to(device).train()
    groups = decay_groups(objective, lr=settings.lr, weight_decay=settings.weight_decay)
    fused = device.type == "cuda"
    optimiser = torch.optim.AdamW(groups, betas=settings.betas, eps=settings.eps, fused=fused)
    half: Any = torch.autocast(device.type, torch.bfloat16) if settings.dtype == "bfloat16" else nullcontext()
    length = windows.pack.length
    state = folder / STATE_FILE
    asked = {**asdict(settings), "objective": objective.name, "pack": windows.pack.sha256, "start": identity}
    rows: list[dict[str, float]] = []
    if state.is_file():
        rows = load_state(state, objective, optimiser, _fingerprint(asked), asked=asked)["rows"]
    before = rows[-1]["seconds"] if rows else 0.0
    started = time.monotonic() - before

    def gradients(step: int) -> tuple[float, dict[str, float]]:
        """Add the gradients of a step's windows; return its mean loss and figures."""
        batch = torch.from_numpy(windows.batch(step, settings.batch, settings.seed))
        random = torch.Generator().manual_seed(_seed(settings.seed, step))
        torch.manual_seed(_seed(settings.seed, step) + 1)  # dropout
        loss, figures = 0.0, dict[str, float]()
        for part in batch.tensor_split(min(settings.accumulate, settings.batch)):
            with half:
                outcome = objective(part, random)
            share = len(part) / settings.batch
            torch.autograd.backward(outcome.loss * share)
            loss += float(outcome.loss.detach()) * share
            for name, value in outcome.figures.items():
                figures[name] = figures.get(name, 0.0) + float(value) * share
        return loss, figures

    while True:
        elapsed = time.monotonic() - started
        progress = elapsed / settings.budget if settings.budget else len(rows) / settings.steps
        if progress >= 1:
            break
        factor = rate_factor(progress, settings.warmup)
        set_rate(optimiser, factor)
        objective.begin(progress)
        loss, figures = gradients(len(rows))
        norm = torch.nn.utils.clip_grad_norm_(objective.parameters(), settings.clip)
        if not math.isfinite(loss) or not bool(torch.isfinite(norm)):
            saved = len(rows) // settings.checkpoint_every * settings.checkpoint_every
            raise UserError(
                f"{folder}: the loss became {loss} at step {len(rows) + 1} (diverged); lower the rate or "
                f"warm up longer; {f'the state of step {saved}' if saved else 'nothing'} was kept"
            )
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds = time.monotonic() - started
        rows.append({"step": len(rows) + 1, "loss": loss, "rate": settings.lr * factor, "seconds": seconds})
        rows[-1].update(figures)
        speed = len(rows) * settings.batch * length / seconds
        report(Step(len(rows), loss, figures, progress, settings.lr * factor, speed))
        if len(rows) % settings.checkpoint_every == 0:
            save_state(state, objective, optimiser, {"rows": rows, "asked": asked}, _fingerprint(asked))
    save_state(state, objective, optimiser, {"rows": rows, "asked": asked}, _fingerprint(asked))
    objective.to("cpu").eval()
    return rows


def _fingerprint(asked: dict[str, Any]) -> str:
    fixed = {k: v for k, v in asked.items() if k not in ("checkpoint_every", "device")}
    return hashlib.sha256(json.dumps(fixed, sort_keys=True).encode()).hexdigest()


def _seed(seed: int, step: int) -> int:
    """Return a seed of 63 bits for a step: neighbouring steps must not get related streams."""
    digest = hashlib.sha256(f"{seed}|{step}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
