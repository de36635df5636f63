"""The checkpoints of a pre-training run: the last few states, each whole or not there at all.

RUN/checkpoints/step-0001000.safetensors    weights, optimiser, random states, the rows of all steps so far
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import torch

from robust.errors import UserError
from robust.folders import is_empty, is_leftover
from robust.training.state import BrokenState, load_state, load_table, save_state

FOLDER = "checkpoints"

Row = dict[str, float]


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return where the state after ``step`` steps lies in a run's ``folder``."""
    return folder / FOLDER / f"step-{step:07d}.safetensors"


def checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints in a run's ``folder``, the oldest first; none where there is no run."""
    return sorted((folder / FOLDER).glob("step-*.safetensors"), key=_step)


def is_begun(folder: Path) -> bool:
    """Say whether a folder holds an interrupted run and nothing else, be it without a checkpoint yet."""
    held = [path.name for path in folder.iterdir() if not is_leftover(path)]
    return held == [FOLDER] and (bool(checkpoints(folder)) or is_empty(folder / FOLDER))


def save_checkpoint(
    folder: Path,
    objective: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    rows: Sequence[Row],
    *,
    asked: Mapping[str, Any],
    keep: int,
) -> None:
    """Write the state after ``len(rows)`` steps, then remove all but the last ``keep``.

    UserError where it cannot be written (a full disk); the older ones stay then.
    """
    columns = sorted({name for row in rows for name in row})
    # a JSON list of a long run's rows would burst the 100 MB that a safetensors header may have
    table = torch.tensor(
        [[row.get(name, float("nan")) for name in columns] for row in rows], dtype=torch.float64
    )
    progress = {"asked": dict(asked), "columns": columns}
    save_state(
        checkpoint_path(folder, len(rows)), objective, optimiser, progress, fingerprint(asked), table=table
    )
    for left in (folder / FOLDER).iterdir():  # by a write that was killed
        if is_leftover(left):
            left.unlink(missing_ok=True)
    found = checkpoints(folder)
    last = [path for path in found if _step(path) <= len(rows)][-keep:]
    for path in found:
        if path not in last:  # a later one was broken, or this run would have gone on from it
            path.unlink(missing_ok=True)


def load_newest(
    folder: Path,
    objective: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    *,
    asked: Mapping[str, Any],
    notice: Callable[[str], None] = lambda line: None,
) -> list[Row]:
    """Put the newest whole checkpoint into objective and optimiser and return its rows; [] without any.

    Says in one notice each which newer ones are broken. UserError where all are, and where one belongs to a
    run with other settings.
    """
    found = checkpoints(folder)
    for path in reversed(found):
        try:
            load_state(path, objective, optimiser, fingerprint(asked), asked=asked)
        except BrokenState as error:
            if path == found[0]:
                raise UserError(
                    f"{path}: broken, and no whole checkpoint before it; delete it to start anew"
                ) from error
            notice(f"{path}: broken, going on from the checkpoint before it")
        else:
            return read_rows(path)
    return []


def read_rows(path: Path) -> list[Row]:
    """Return the rows that a checkpoint holds, one for each step."""
    progress, table = load_table(path)
    return [
        {name: value for name, value in zip(progress["columns"], values, strict=True) if not isnan(value)}
        for values in table.tolist()
    ]


def fingerprint(asked: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a run was asked for."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))
