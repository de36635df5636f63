"""What a reader did before, kept in a small file that users commit; and the comparison with it, paired."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robust.errors import UserError
from robust.files import write_text
from robust.gate.evidence import Evidence, clusters_of, drops
from robust.gate.sharing import alone
from robust.home import robust_home
from robust.json_text import parse_json, read_json
from robust.stats.clustered import ClusteredMean, clustered_mean

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "robust-baseline/1"


# what an entry must hold, and of which type
_KEYS: dict[str, type | tuple[type, ...]] = {
    "model": str, "set": str, "figure": str, "cluster": str, "null_threshold": (str, type(None)),
    "clean": (int, float), "floor_clean": (int, float), "drop": (int, float),
    "questions": int, "questions_sha256": str, "fell": dict,
}  # fmt: skip
# what an entry was made of: in two entries of one name these must be the same
_MADE_OF = ("model", "set", "figure", "cluster", "null_threshold", "questions_sha256")
_UPDATE = "pytest --robust-update-baseline"
_AGAIN = f"delete it, and write it again: {_UPDATE}"


def entry_of(evidence: Evidence, rows: pd.DataFrame, null_threshold: str | None = None) -> dict[str, Any]:
    """Return what is kept of a figure: its headline, and the questions whose score changed, by id.

    ``fell`` maps a question's id to its drop in points where it is not nought; which questions
    there were is in ``questions`` and ``questions_sha256`` (ids and texts). ``rows`` are ``question_rows``.
    """
    found = drops(rows, evidence.figure)
    return {
        "model": evidence.model,
        "set": evidence.set,
        "figure": evidence.figure,
        "cluster": evidence.cluster,
        "null_threshold": null_threshold,
        "clean": round(evidence.clean, 2),
        "floor_clean": round(evidence.floor_clean, 2),
        "drop": round(evidence.drop, 2),
        "questions": len(found),
        "questions_sha256": _questions_sha256(rows),
        "fell": {str(name): _short(value) for name, value in found.items() if value},
    }


def write_entry(path: Path, name: str, entry: dict[str, Any], session: str = "") -> None:
    """Put an entry into a baseline file, keeping the others: sorted, one question a line, the same bytes.

    In one ``session`` (of pytest, with all its workers; "" is none) a name can be written again only with
    the same content: raises UserError where two thresholds of one name would overwrite one another.
    """
    lock = f"baseline-{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    with alone(lock, f"it writes {path}"):
        if session:
            _note(robust_home() / "gate" / f"{lock}.json", path, name, entry, session)
        entries = read_baseline(path) if path.exists() else {}
        whole = {"format": FORMAT, "thresholds": {**entries, name: entry}}
        write_text(path, json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_baseline(path: Path, limit: int | None = None) -> dict[str, Any]:
    """Return name -> entry; raises UserError where the file is missing or no baseline.

    ``limit``, here and below, is that of the sample whose entry is wanted: messages say how it is written.
    """
    try:
        whole = parse_json(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except FileNotFoundError:
        raise UserError(f"{path}: no baseline yet; write one: {_update(limit)}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); {_AGAIN}") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise UserError(f"{path}: no baseline of format {FORMAT!r}; name another file, or {_AGAIN}")
    if not isinstance(whole.get("thresholds"), dict):
        raise UserError(f"{path}: thresholds: expected an object, name: entry; {_AGAIN}")
    return dict(whole["thresholds"])


def increase(
    path: Path,
    name: str,
    evidence: Evidence,
    rows: pd.DataFrame,
    null_threshold: str | None = None,
    *,
    limit: int | None = None,
) -> ClusteredMean:
    """Return new drop minus the baseline's, question by question, in points, clustered.

    Raises UserError where the baseline lacks ``name``, or was made of other questions or settings.
    """
    entry = entry_in(path, name, limit)
    found = drops(rows, evidence.figure)
    same = entry["figure"] == evidence.figure and entry["questions_sha256"] == _questions_sha256(rows)
    if not same:
        raise UserError(
            f"{path}: {name}: made of other questions ({entry['questions']:,} of {entry['set']}, "
            f"{entry['figure']}) than this run's ({len(found):,} of {evidence.set}, {evidence.figure}); "
            f"put the old set back, or write it again: {_update(limit)}"
        )
    for key, value in (("cluster", evidence.cluster), ("null_threshold", null_threshold)):
        if entry[key] != value:
            raise UserError(
                f"{path}: {name}: made with {key} {entry[key]!r}, this threshold has {value!r}; write it "
                f'again ({_update(limit)}), or give the threshold a name: name = "..."'
            )
    before = [entry["fell"].get(str(identifier), 0.0) for identifier in found.index]
    more = np.asarray(found, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    return clustered_mean(more, clusters_of(rows, evidence.cluster)[found.index].tolist())


def entry_in(path: Path, name: str, limit: int | None = None) -> dict[str, Any]:
    """Return an entry of a baseline; raises UserError where it has none of that name, or a broken one."""
    entries = read_baseline(path, limit)
    if name not in entries:
        raise UserError(f"{path}: nothing of {name!r} in this baseline; write it: {_update(limit)}")
    entry = entries[name]
    if not isinstance(entry, dict):
        raise UserError(f"{path}: {name}: expected an object; {_AGAIN}")
    for key, kind in _KEYS.items():
        if key not in entry or not isinstance(entry[key], kind):
            found = repr(entry[key]) if key in entry else "nothing"
            raise UserError(f"{path}: {name}: {key}: found {found}, which no baseline has; {_AGAIN}")
    if not all(isinstance(points, int | float) for points in entry["fell"].values()):
        raise UserError(f"{path}: {name}: fell: expected question: points; {_AGAIN}")
    return dict(entry)


def _update(limit: int | None) -> str:
    """Return the command that writes an entry: a sample's own is written by a run with the same limit."""
    return _UPDATE if limit is None else f"{_UPDATE} --robust-limit {limit}"


def _no_number(found: str) -> float:
    raise ValueError(f"{found} is no number of points")


def _note(memo: Path, path: Path, name: str, entry: dict[str, Any], session: str) -> None:
    """Note what a session wrote under a name; raises UserError where it wrote something else before."""
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
    made_of = {key: entry[key] for key in _MADE_OF} | {"content": digest}
    try:
        held = read_json(memo)
    except (OSError, ValueError):
        held = {}
    names = held["names"] if held.get("session") == session else {}
    before = names.setdefault(name, made_of)
    if before != made_of:
        key = next(key for key in made_of if before[key] != made_of[key])
        what = f"{key} {before[key]!r}, now {made_of[key]!r}" if key in _MADE_OF[:-1] else "another reader"
        raise UserError(
            f"{path}: {name}: two thresholds of this name ({what}) would overwrite one another; give one of "
            'them a name: name = "..."'
        )
    write_text(memo, json.dumps({"session": session, "names": names}))


def _questions_sha256(rows: pd.DataFrame) -> str:
    lines = sorted({f"{i}\t{key}" for i, key in zip(rows["original_id"], rows["key"], strict=True)})
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _short(value: float) -> float:
    """Return a drop with as few digits as it needs: 100 and -50, not 100.0."""
    rounded = round(float(value), 2)
    return int(rounded) if rounded == int(rounded) else rounded
