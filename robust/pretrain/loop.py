"""The pre-training loop, on one page: windows in, weights out, resumable at any checkpoint.

Chance enters in three places: the order of windows, drawn from the seed; the objective's masks and dropout,
drawn anew for each part of a step from the seed, the step and the part (``draws``). So a run that was stopped
goes on with the very losses it would have had (same device), and several processes, which share out the
parts, have the losses of one (but for rounding).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from robust.errors import UserError
from robust.pretrain.checkpoints import checkpoint_path, load_newest, save_checkpoint
from robust.pretrain.draws import Draws
from robust.pretrain.flops import flops_per_window, peak_flops
from robust.pretrain.objectives.base import Objective
from robust.pretrain.packing import PackReader
from robust.pretrain.processes import Processes, launched
from robust.pretrain.recorded import Recorded, check_recordable
from robust.pretrain.step import Compute
from robust.training.optimiser import decay_groups, rate_factor, rate_on_device, set_rate

# Settings that change no loss, or no more than a device does: a run may go on with others.
_FREE = ("checkpoint_every", "keep", "device", "peak")
# Seconds after which the state is saved in any case: a step's time varies a thousandfold.
_LONGEST = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainSettings:
    """How to pre-train.

    ``lr`` is the peak rate, reached after the share ``warmup`` of the run and falling linearly to zero;
    ``batch`` windows a step over all processes, computed in ``accumulate`` parts, which the processes share;
    ``steps``, or a time ``budget`` in seconds that the schedule is tied to (0: by steps). Betas, eps, decay
    and clipping are ELECTRA's (Clark et al. 2020, Table 6). ``compile``: encoders go through torch.compile,
    which draws other dropout. ``cuda_graph``: the step is recorded once and repeated (``recorded.py``). The
    state is saved every ``checkpoint_every`` steps or ten minutes, and the
    last ``keep`` are kept. ``peak``: operations a second of one device, for the utilisation (0: see
    ``peak_flops``).
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
    compile: bool = False
    cuda_graph: bool = False
    checkpoint_every: int = 500
    keep: int = 2
    peak: float = 0.0

    def __post_init__(self) -> None:
        if self.dtype not in ("float32", "bfloat16"):
            raise UserError(f"--dtype {self.dtype}: expected float32 or bfloat16")
        for name in ("batch", "accumulate", "checkpoint_every", "keep"):
            if getattr(self, name) < 1:
                option = "keep-checkpoints" if name == "keep" else name.replace("_", "-")
                raise UserError(f"--{option} {getattr(self, name)}: expected a whole number of at least 1")


@dataclass(frozen=True, slots=True)
class Step:
    """One step's report: number (from 1), loss, figures, progress (0 to 1), rate, tokens a second so far.

    ``seconds``, ``tokens`` and ``flops`` are totals; ``flops_per_second`` and ``utilisation`` (the share of
    the peak) are means since the run began.
    """

    number: int
    loss: float
    figures: dict[str, float]
    progress: float
    rate: float
    tokens_per_second: float
    seconds: float = 0.0
    tokens: int = 0
    flops: float = 0.0
    flops_per_second: float = 0.0
    utilisation: float = 0.0

    def row(self) -> dict[str, float]:
        """Return what is kept of it: numbers by name, the figures among them."""
        row = {name: value for name, value in asdict(self).items() if name not in ("number", "figures")}
        return {"step": self.number, **row, **self.figures}


def pretrain(  # noqa: PLR0915 (the loop, on one page)
    objective: Objective,
    windows: PackReader,
    settings: PretrainSettings,
    *,
    folder: Path,
    identity: Mapping[str, Any] | None = None,
    report: Callable[[Step], None] = lambda step: None,
    notice: Callable[[str], None] = lambda line: None,
    processes: Processes | None = None,
) -> list[dict[str, float]]:
    """Train ``objective`` in place and return a row for every step: ``Step.row``.

    A checkpoint is written to ``folder`` every ``checkpoint_every`` steps, when the run ends, and on Ctrl-C;
    a run that finds some goes on from the newest whole one. ``identity`` (JSON values by name) says what the
    weights started as, and whatever else a checkpoint must agree in. ``processes``: by default those it was
    launched with; only the first writes and reports. Raises UserError where a checkpoint belongs to other
    settings (naming one that differs) or cannot be written, and where the loss is no number: the last
    checkpoint stays.
    """
    team = processes or launched(settings.device)
    check_parts(settings, team.size)
    objective.to(team.device).train()
    groups = decay_groups(objective, lr=settings.lr, weight_decay=settings.weight_decay)
    # fused on a CPU too: 1.6 times as fast as the default there, and equal to the last bit
    optimiser = torch.optim.AdamW(
        groups, betas=settings.betas, eps=settings.eps, fused=True, capturable=settings.cuda_graph
    )
    fixed = {name: value for name, value in asdict(settings).items() if name not in _FREE}
    asked = {**fixed, "objective": objective.name, "pack": windows.pack.sha256, **(identity or {})}
    rows = load_newest(folder, objective, optimiser, asked=asked, notice=notice)
    peak = team.size * (settings.peak or peak_flops(team.device, settings.dtype).rate)
    cost = _Cost(objective, windows, settings)
    if settings.compile:
        for model in objective.models().values():
            model.base_model.compile()
    compute = Compute(
        team.wrap(objective), objective, optimiser, team, dtype=settings.dtype, clip=settings.clip
    )
    recorded = _recorded(compute, objective, optimiser, team) if settings.cuda_graph else None
    started = time.monotonic() - (rows[-1]["seconds"] if rows else 0.0)
    saved, saved_at = len(rows), time.monotonic()
    whole = True  # weights and rows are of one step

    def checkpoint() -> tuple[int, float]:
        if team.rank == 0:
            save_checkpoint(folder, objective, optimiser, rows, asked=asked, keep=settings.keep)
        return len(rows), time.monotonic()

    draws = Draws(
        objective,
        windows,
        batch=settings.batch,
        parts=settings.accumulate,
        seed=settings.seed,
        rank=team.rank,
        size=team.size,
    )
    try:
        with draws, recorded.stream() if recorded else nullcontext():
            while True:
                number, elapsed = len(rows) + 1, time.monotonic() - started
                done = (
                    team.agreed(elapsed) / settings.budget if settings.budget else len(rows) / settings.steps
                )
                if done >= 1:
                    break
                factor = rate_factor(done, settings.warmup)
                set_rate(optimiser, factor)
                objective.begin(done)
                parts = draws.of(len(rows))
                whole = False
                found = recorded(parts, objective.phase) if recorded else compute(parts)
                figures = compute.read(found)  # a step waits for the GPU here only
                loss, length = figures.pop("loss"), figures.pop("gradient")
                if not math.isfinite(loss) or not math.isfinite(length):
                    raise _diverged(folder, number, loss, length, saved)
                seconds = time.monotonic() - started
                tokens, flops = number * cost.tokens, (rows[-1]["flops"] if rows else 0.0) + cost.flops()
                speeds = (tokens / seconds, seconds, tokens, flops, flops / seconds, flops / seconds / peak)
                step = Step(number, loss, figures, done, factor * settings.lr, *speeds)
                rows.append(step.row())
                whole = True
                if team.rank == 0:
                    report(step)
                if number % settings.checkpoint_every == 0 or time.monotonic() - saved_at > _LONGEST:
                    saved, saved_at = checkpoint()
    except KeyboardInterrupt:
        if whole and len(rows) > saved and team.size == 1:
            checkpoint()
        raise
    if len(rows) > saved:
        checkpoint()
    objective.to("cpu").eval()
    return rows


def _recorded(
    compute: Compute, objective: Objective, optimiser: torch.optim.Optimizer, team: Processes
) -> Recorded:
    """Return ``compute`` as it is recorded; UserError where it cannot be."""
    dropouts = [module.p for module in objective.modules() if isinstance(module, torch.nn.Dropout)]
    check_recordable(team.device, team.size, dropouts, ahead=objective.ahead)
    rate_on_device(optimiser, team.device)
    return Recorded(compute, optimiser)


def _diverged(folder: Path, number: int, loss: float, length: float, saved: int) -> UserError:
    what = f"gradient became {length}" if math.isfinite(loss) else f"loss became {loss}"
    kept = f"{checkpoint_path(folder, saved)} is kept" if saved else "there is no checkpoint yet"
    return UserError(
        f"{folder}: the {what} at step {number} (diverged); lower the rate or warm up longer; {kept}"
    )


def check_parts(settings: PretrainSettings, processes: int) -> None:
    """Raise UserError unless the parts of a step can be shared out evenly."""
    if min(settings.accumulate, settings.batch) % processes:
        raise UserError(
            f"--accumulate {settings.accumulate}: {processes} processes share the parts of a step; expected "
            f"a multiple of {processes}, up to --batch {settings.batch}"
        )


class _Cost:
    """What one step takes: tokens, and operations, counted anew where the objective's phase changes."""

    def __init__(self, objective: Objective, windows: PackReader, settings: PretrainSettings) -> None:
        self.tokens = settings.batch * windows.pack.length
        self._objective, self._batch = objective, settings.batch
        self._sample = torch.from_numpy(windows.batch(0, 2, settings.seed))
        self._known: tuple[int, float] | None = None

    def flops(self) -> float:
        """Return the operations of a step in this phase."""
        phase = self._objective.phase
        if self._known is None or self._known[0] != phase:
            self._known = phase, self._batch * flops_per_window(self._objective, self._sample)
        return self._known[1]
