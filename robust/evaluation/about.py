"""What a run's manifest says of its sets and thresholds, and whether a run can be written at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.evaluation.sets import EvaluationSet
from robust.files import sha256_file
from robust.folders import check_writable, real
from robust.reader.threshold import Thresholds
from robust.runs import is_run, read_manifest


def check_out(out: Path, reader: str | None = None) -> None:
    """Raise UserError now rather than after hours, where a run cannot be written to ``out``.

    ``reader`` is the name of what will be evaluated: the run of another is never replaced.
    """
    given, out = out, real(out)
    if out.exists() and not (out.is_dir() and (is_run(out) or not any(out.iterdir()))):
        raise UserError(f"{out}: exists and is not a run; choose another --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{out}: cannot write there ({error.strerror}); choose another --out") from error
    check_writable(out.parent, out.name)
    if reader is not None and (held := _held(out)) not in (None, reader):
        raise UserError(f"{given}: holds a run of {held}; choose another --out, or remove it")


def _held(out: Path) -> str | None:
    """Return whose run a folder holds; None where there is none, or its manifest does not tell."""
    if not is_run(out):
        return None
    try:
        model = read_manifest(out).get("model")
    except UserError:  # a broken run is worth nothing, and is replaced
        return None
    name = model.get("name") if isinstance(model, dict) else None
    return name if isinstance(name, str) else None


def about_set(found: EvaluationSet) -> dict[str, Any]:
    """Return what a manifest says of a set: what built it, and the SHA-256 of every file."""

    def name(path: Path) -> str:
        control = path.parent.parent.name == "controls"
        return f"controls/{path.parent.name}/{path.name}" if control else path.name

    kept = ("attack", "build_id", "seed", "lexicon_sha256")
    return {key: found.manifest.get(key) for key in kept} | {
        "sha256": {name(path): sha256_file(path) for path in found.sources}
    }


def set_place(found: EvaluationSet) -> str | None:
    """Return the folder of a built set, or the data file; None for one that was made in memory."""
    if not found.sources:
        return None
    first = found.sources[0].resolve()
    return str(first.parent if found.manifest else first)


def about_thresholds(rules: Sequence[Thresholds]) -> dict[str, Any]:
    """Return what a summary says of the thresholds of one seed or several."""
    if len(rules) == 1:
        return {"kind": rules[0].kind, "by_fold": list(rules[0].by_fold)}
    return {"kind": rules[0].kind, "by_seed": [list(rule.by_fold) for rule in rules]}
