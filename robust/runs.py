"""The run folder: what was run on what, every prediction, every score. Tables and gates read only this.

RUN/manifest.json        command, configuration, seeds, versions, git commit, device, SHA-256 of everything
RUN/predictions.parquet  one row for each distinct question: key, text, null_odds, n_best
RUN/scores.parquet       one row for each question of each set, arm and condition (evaluation/scores.py)
RUN/summary.json         the figures of each set (evaluation/summary.py)
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust import __version__
from robust.errors import UserError
from robust.folders import replace_folder

if TYPE_CHECKING:
    import pandas as pd

    from robust.reader.decode import Prediction

FORMAT = "robust-run/1"
_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "pandas", "pyarrow", "scipy")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, read back: see the module for what each part holds."""

    manifest: dict[str, Any]
    predictions: pd.DataFrame
    scores: pd.DataFrame
    summary: dict[str, Any]


def is_run(path: Path) -> bool:
    """Say whether a folder is a finished run."""
    return (path / "manifest.json").is_file() and (path / "scores.parquet").is_file()


def write_run(
    path: Path,
    manifest: Mapping[str, Any],
    predictions: Mapping[str, Prediction],
    scores: pd.DataFrame,
    summary: Mapping[str, Any],
) -> None:
    """Write a run folder, whole or not at all; ``predictions`` are keyed by content.

    Raises UserError where ``path`` holds something that is not a run, or cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    candidate = pa.struct([("text", pa.string()), ("start", pa.int32()), ("score", pa.float64())])
    schema = pa.schema(
        [
            ("key", pa.string()),
            ("text", pa.string()),
            ("null_odds", pa.float64()),
            ("n_best", pa.list_(candidate)),
        ]
    )
    rows = [
        {
            "key": key,
            "text": p.text,
            "null_odds": p.null_odds,
            "n_best": [{"text": c.text, "start": c.start, "score": c.score} for c in p.n_best],
        }
        for key, p in predictions.items()
    ]

    def write(folder: Path) -> None:
        parquet.write_table(
            pa.Table.from_pylist(rows, schema=schema), folder / "predictions.parquet", compression="zstd"
        )
        table = pa.Table.from_pandas(scores, preserve_index=False)
        parquet.write_table(table, folder / "scores.parquet", compression="zstd")
        _write_json(folder / "summary.json", summary)
        _write_json(folder / "manifest.json", {"format": FORMAT, **manifest})

    replace_folder(path, write, ours=is_run, what="a run")


def read_run(path: Path) -> Run:
    """Return the run in a folder; raises UserError where there is none, or it is broken."""
    import pandas as pd

    if not is_run(path):
        raise UserError(f"{path}: no run here (manifest.json, scores.parquet); make one: robust eval --out")
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        summary = json.loads((path / "summary.json").read_text(encoding="utf-8"))
        predictions = pd.read_parquet(path / "predictions.parquet")
        scores = pd.read_parquet(path / "scores.parquet")
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: a broken run ({error}); run robust eval again") from error
    if manifest.get("format") != FORMAT:
        raise UserError(f"{path}: format {manifest.get('format')!r}, expected {FORMAT!r}; run it again")
    return Run(manifest, predictions, scores, summary)


def provenance(device: str) -> dict[str, Any]:
    """Return versions, git commit and device, as every manifest names them."""
    versions = {"python": platform.python_version(), "robust": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {"versions": versions, "git_commit": git_commit(), "device": device}


def git_commit() -> str | None:
    """Return the commit of the checkout that this package runs from; None where it is installed."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
