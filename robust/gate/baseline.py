"""What a reader did before, kept in a small file that users commit; and the comparison with it, paired."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.errors import UserError
from robust.files import write_text
from robust.gate.evidence import Evidence, clusters_of, drops
from robust.gate.sharing import alone
from robust.stats.clustered import ClusteredMean, clustered_mean

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "robust-baseline/1"


def entry_of(evidence: Evidence, rows: pd.DataFrame) -> dict[str, Any]:
    """Return what is kept of a figure: its headline, and the questions whose score changed, by id.

    ``fell`` maps a question's id to its drop in points where it is not nought; which questions
    there were is in ``questions`` and ``questions_sha256`` (ids and texts). ``rows`` are ``question_rows``.
    """
    found = drops(rows, evidence.figure)
    return {
        "model": evidence.model,
        "set": evidence.set,
        "figure": evidence.figure,
        "clean": round(evidence.clean, 2),
        "drop": round(evidence.drop, 2),
        "questions": len(found),
        "questions_sha256": _questions_sha256(rows),
        "fell": {str(name): _short(value) for name, value in found.items() if value},
    }


def write_entry(path: Path, name: str, entry: dict[str, Any]) -> None:
    """Put an entry into a baseline file, keeping the others: sorted, one question a line, the same bytes."""
    lock = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    with alone(f"baseline-{lock}", f"it writes {path}"):
        entries = read_baseline(path) if path.exists() else {}
        whole = {"format": FORMAT, "thresholds": {**entries, name: entry}}
        write_text(path, json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_baseline(path: Path) -> dict[str, Any]:
    """Return name -> entry; raises UserError where the file is missing or no baseline."""
    again = "write it again: pytest --robust-update-baseline"
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no baseline yet; write one: pytest --robust-update-baseline") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); {again}") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise UserError(f"{path}: no baseline of format {FORMAT!r}; name another file, or {again}")
    return dict(whole["thresholds"])


def increase(path: Path, name: str, evidence: Evidence, rows: pd.DataFrame) -> ClusteredMean:
    """Return new drop minus the baseline's, question by question, in points, clustered.

    Raises UserError where the baseline lacks ``name``, or was made of other questions.
    """
    entry = entry_in(path, name)
    found = drops(rows, evidence.figure)
    same = entry["figure"] == evidence.figure and entry["questions_sha256"] == _questions_sha256(rows)
    if not same:
        raise UserError(
            f"{path}: {name}: made of other questions ({entry['questions']:,} of {entry['set']}, "
            f"{entry['figure']}) than this run's ({len(found):,} of {evidence.set}, {evidence.figure}); "
            "put the old set back, or write it again: pytest --robust-update-baseline"
        )
    before = [entry["fell"].get(str(identifier), 0.0) for identifier in found.index]
    more = np.asarray(found, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return clustered_mean(more, clusters_of(rows, evidence.cluster)[found.index].tolist())


def entry_in(path: Path, name: str) -> dict[str, Any]:
    """Return an entry of a baseline; raises UserError where it has none of that name."""
    entries = read_baseline(path)
    if name not in entries:
        raise UserError(
            f"{path}: nothing of {name!r} in this baseline; write it: pytest --robust-update-baseline"
        )
    return dict(entries[name])


def was_right(entry: dict[str, Any]) -> Callable[[str], bool]:
    """Return whether a question did not fall in the baseline, by its id."""
    return lambda identifier: entry["fell"].get(identifier, 0) <= 0


def _questions_sha256(rows: pd.DataFrame) -> str:
    lines = sorted({f"{i}\t{key}" for i, key in zip(rows["original_id"], rows["key"], strict=True)})
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _short(value: float) -> float:
    """Return a drop with as few digits as it needs: 100 and -50, not 100.0."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded
