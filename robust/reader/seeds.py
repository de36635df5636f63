"""Several seeds of one training as one result: a folder of readers, and their spread.

OUT/seed-<n>/   a reader for each seed, finished or with the checkpoint that it goes on from
OUT/seeds.json  what they have in common and how far they lie apart; written last
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.files import write_text
from robust.folders import is_leftover
from robust.json_text import read_json
from robust.training.state import STATE_FILE
from robust.zoo.lookup import is_checkpoint, models_home
from robust.zoo.settings import SETTINGS_FILE, read_settings

SEEDS_FILE = "seeds.json"
FORMAT = "robust-seeds/1"
# the figures of a training summary whose spread is worth knowing
SPREAD = ("held_out_exact", "null_threshold", "loss_last")


def check_seeds_out(path: Path) -> None:
    """Raise UserError where ``path`` holds anything but seeds of an earlier call."""
    if not path.exists():
        return
    if not path.is_dir():
        raise UserError(f"{path}: is a file, expected a folder; choose another --out")
    other = sorted(
        p.name for p in path.iterdir() if not (p.name == SEEDS_FILE or _is_seed(p) or is_leftover(p))
    )
    if other:
        raise UserError(f"{path}: holds {other[0]!r}, no seeds of an earlier run; choose another --out")


def train_seeds(
    train: Callable[[int, Path], dict[str, Any]],
    asked: Callable[[int], Mapping[str, Any]],
    path: Path,
    seeds: Sequence[int],
    *,
    notice: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train each seed into its folder, write ``seeds.json`` and return what it holds.

    ``train(seed, folder)`` makes one reader and returns its summary; ``asked(seed)`` is what that summary
    must hold under ``asked`` for a seed that was finished before to be kept. Returns ``seeds``, ``runs`` (a
    summary each), ``mean`` and ``sd`` (over seeds, n - 1; None for one seed) of the figures in ``SPREAD``.
    Raises UserError for a finished seed that was trained in another way.
    """
    check_seeds_out(path)
    runs = []
    for seed in seeds:
        folder = path / f"seed-{seed}"
        done = _finished(folder)
        if done is None:
            notice(f"seed {seed}:")
            runs.append(train(seed, folder))
        elif json.loads(json.dumps(asked(seed))) != done.get("asked"):
            raise UserError(
                f"{folder}: a finished reader of other settings or data; give those of that run, choose "
                "another --out, or remove it"
            )
        else:
            notice(f"seed {seed}: finished before")
            runs.append(done)
    result = {"format": FORMAT, "seeds": list(seeds), "runs": runs, **_spread(runs)}
    write_text(path / SEEDS_FILE, json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    return result


def find_seed_folders(model: str) -> list[Path] | None:
    """Return what ``seed_folders`` does of the folder that ``--model`` names, or of that name made here.

    None where it is one reader, or nothing on this machine.
    """
    return seed_folders(Path(model).expanduser()) or seed_folders(models_home() / model)


def seed_folders(path: Path) -> list[Path] | None:
    """Return the readers' folders of a finished training with several seeds; None where it is none.

    Raises UserError where ``seeds.json`` is broken, a reader is missing, or the training did not finish.
    """
    file = path / SEEDS_FILE
    if not path.is_dir() or is_checkpoint(path):
        return None
    if not file.is_file():
        if any(_is_seed(p) for p in path.iterdir()):
            raise UserError(f"{path}: its seeds are not all trained; run the same robust finetune again")
        return None
    try:
        held = read_json(file)
        seeds = [int(seed) for seed in held["seeds"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file}: broken ({error}); run the same robust finetune again") from error
    if not seeds:
        raise UserError(f"{file}: names no seed; run the same robust finetune again")
    folders = [path / f"seed-{seed}" for seed in seeds]
    missing = next((folder for folder in folders if not is_checkpoint(folder)), None)
    if missing is not None:
        raise UserError(f"{file}: names {missing}, which is no reader; run the same robust finetune again")
    return folders


def _is_seed(path: Path) -> bool:
    return path.is_dir() and path.name.startswith("seed-")


def _finished(folder: Path) -> dict[str, Any] | None:
    """Return the training summary of a finished seed."""
    if not is_checkpoint(folder) or (folder / STATE_FILE).is_file():
        return None
    if not (folder / SETTINGS_FILE).is_file():
        raise UserError(
            f"{folder}: a reader without {SETTINGS_FILE}, expected one that robust finetune made; choose "
            "another --out, or remove it"
        )
    return read_settings(folder / SETTINGS_FILE).training


def _spread(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mean: dict[str, float] = {}
    deviation: dict[str, float | None] = {}
    for key in SPREAD:
        values = [float(run[key]) for run in runs if run.get(key) is not None]
        if len(values) == len(runs):
            mean[key] = round(statistics.fmean(values), 4)
            deviation[key] = round(statistics.stdev(values), 4) if len(values) > 1 else None
    return {"mean": mean, "sd": deviation}
