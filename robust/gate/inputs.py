"""What an evaluation depends on, by content: the name of its run folder, found without importing torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from robust import __version__
from robust.commit import git_commit
from robust.errors import UserError
from robust.files import sha256_file, write_text
from robust.gate.thresholds import Threshold
from robust.home import robust_home, sets_home

# Raise it when what a run folder holds for the same inputs changes.
VERSION = 2
_PACKAGES = ("torch", "transformers", "tokenizers")
# of a model's folder everything that its answers depend on, its threshold included, has one of these
_MODEL_FILES = (".json", ".safetensors", ".txt", ".model")


def input_key(threshold: Threshold, resolve: Callable[[str], Path]) -> str:
    """Return the SHA-256 of the files, settings and versions that an evaluation depends on.

    ``resolve`` finds data files by name. Raises UserError for a model, set or file that is not there.
    """
    about: dict[str, Any] = {
        "version": VERSION,
        "robust": [__version__, git_commit()],
        "set": [_sha256(path) for path in _set_files(str(threshold.set), resolve)],
        "set_name": Path(str(threshold.set)).name,
        "limit": threshold.limit,
        "null_threshold": threshold.null_threshold,
    }
    if threshold.predictions is not None:
        file = Path(threshold.predictions)
        if not file.is_file():
            raise UserError(f"{file}: no such file; expected answers, {{id: text}} as JSON")
        about["predictions"] = [file.name, sha256_file(file)]
    else:
        about["model"] = [threshold.source, _model_files(str(threshold.model))]
        about["packages"] = {package: metadata.version(package) for package in _PACKAGES}
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _set_files(name: str, resolve: Callable[[str], Path]) -> list[Path]:
    path = Path(name).expanduser()
    if not path.exists() and (sets_home() / name).is_dir():
        path = sets_home() / name
    if path.is_dir():
        files = [path / part for part in ("original.json", "perturbed.json", "manifest.json")]
        return [file for file in files if file.is_file()]  # what is missing is told where the set is opened
    if path.exists():
        return [path]
    if name.startswith("qads"):  # told where the set is opened, with the command that builds it
        return []
    return [resolve(name)]


def _model_files(model: str) -> dict[str, str]:
    """Return file -> SHA-256 of a reader's folder, or of the folders of its seeds."""
    from robust.zoo.lookup import find_reader, models_home

    folder = None
    for place in (Path(model).expanduser(), models_home() / model):
        if place.is_dir() and any(place.glob("seed-*/*.json")):
            folder = place
            break
    folder = folder or find_reader(model)
    files = sorted(path for path in folder.rglob("*") if path.suffix in _MODEL_FILES and path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    """Return a file's SHA-256, remembered under our home while its size and time of change are the same."""
    stat = path.stat()
    place = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}"
    name = hashlib.sha256(place.encode()).hexdigest()[:32]
    memo = robust_home() / "gate" / "sha256" / name
    try:
        return memo.read_text(encoding="ascii")
    except OSError:
        found = sha256_file(path)
        write_text(memo, found)
        return found
