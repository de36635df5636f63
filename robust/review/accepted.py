"""What raters accepted, as a robustness set of its own: any command that takes a set takes it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robust.attack.base import canonical_json
from robust.attack.records import Edit, Variant
from robust.build import RobustnessSet, is_set, read_edits, read_set
from robust.build.folder import FORMAT, read_manifest, write_arm, write_manifest
from robust.errors import UserError
from robust.files import sha256_file
from robust.folders import check_apart, replace_folder
from robust.review.items import MAIN, Reviewable, controlled_by
from robust.review.outcome import Decision, decide, summarise
from robust.review.ratings import Rating
from robust.squad.records import Question


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewed set: its folder and its manifest, whose ``review`` block has the figures."""

    out: Path
    manifest: dict[str, Any]


def write_reviewed(
    found: Reviewable, ratings: Sequence[Rating], out: Path, *, files: Sequence[Path] = (), command: str = ""
) -> Reviewed:
    """Write the set of the accepted variants to ``out``, whole or not at all, with ratings.parquet.

    The control arms keep what stands beside accepted variants. ``files`` (where the ratings came from) and
    ``command`` are noted. Raises UserError where nothing was accepted, or ``out`` holds something else than
    a reviewed set.
    """
    decisions = decide(found, ratings)
    if not decisions:
        raise UserError(f"{found.path}: no variant of the set was judged, only control items; rate some")
    review = summarise(found, ratings, decisions)
    review["parent"] = {
        "sha256": found.built.manifest["sha256"],
        **{key: found.built.manifest.get(key) for key in ("build_id", "command", "variants", "covered")},
    }
    review["files"] = [{"name": file.name, "sha256": sha256_file(file)} for file in files]
    kept = [decision.item.variant_id for decision in decisions if decision.accepted]
    if not kept:
        raise UserError(
            f"{found.path}: none of {len(decisions)} judged variants was accepted; no set to write"
        )
    identity = [FORMAT, found.built.manifest["build_id"], sorted(kept), review["files"]]
    common = {
        "build_id": hashlib.sha256(canonical_json(identity).encode()).hexdigest(),
        "command": command,
        "review": review,
    }
    manifest: dict[str, Any] = {}

    def write(folder: Path) -> None:
        _write_ratings(folder / "ratings.parquet", found, ratings)
        review["ratings_sha256"] = sha256_file(folder / "ratings.parquet")
        chosen = read_edits(found.path)
        covered = {MAIN: {variant_id.rpartition("#")[0] for variant_id in kept}}
        arms = dict(found.built.manifest["controls"])
        for name, path in found.built.controls.items():
            control, edits = read_set(path), read_edits(path)
            pairs = controlled_by(chosen, edits)
            beside = {own for own, controlled in pairs.items() if controlled in set(kept)}
            covered[name] = {own.rpartition("#")[0] for own in beside}
            arms[name] = {**arms[name], "questions": len(covered[name])}
            if beside:
                own = _write(folder / "controls" / name, control, edits, beside)
                write_manifest(folder / "controls" / name, control.manifest | common | own)
        own = _write(folder, found.built, chosen, set(kept))
        own["rejections"] = {**found.built.manifest["rejections"], **_turned_down(found, decisions)}
        own |= {"controls": arms, "intersection": len(set.intersection(*covered.values()))}
        manifest.update(found.built.manifest | common | own)
        write_manifest(folder, manifest)

    check_apart(found.path, out, "the set that was rated")
    replace_folder(out, write, ours=_is_reviewed, what="a reviewed set")
    return Reviewed(out, manifest)


def _write(
    folder: Path, built: RobustnessSet, edits: Mapping[str, tuple[Edit, ...]], kept: set[str]
) -> dict[str, Any]:
    """Write one arm's kept variants; return what its manifest says of them."""
    originals = {question.id: question for question in built.original}
    variants: dict[str, list[Variant]] = {}
    for rewritten in (question for question in built.perturbed if question.id in kept):
        original = originals[built.variant_of[rewritten.id]]
        variants.setdefault(original.id, []).append(_variant(original, rewritten, edits[rewritten.id], built))
    sums = write_arm(folder, built.original, variants)
    covered = [originals[question_id] for question_id in variants]
    answerable = sum(question.answerable for question in covered)
    return {
        "covered": len(covered),
        "covered_answerable": answerable,
        "covered_unanswerable": len(covered) - answerable,
        "coverage": len(covered) / built.manifest["questions"],
        "variants": sum(map(len, variants.values())),
        "edits": sum(len(v.edits) for found in variants.values() for v in found),
        "sha256": {name.partition(".")[0]: digest for name, digest in sums.items()},
    }


def _variant(
    original: Question, rewritten: Question, edits: tuple[Edit, ...], built: RobustnessSet
) -> Variant:
    return Variant(
        variant_id=rewritten.id,
        original_id=original.id,
        question=rewritten.text,
        edits=edits,
        attack=built.manifest["attack"],
        expected=built.manifest["expected"],
        settings_hash=built.manifest["settings_hash"],
        seed=built.manifest["seed"],
        context=None if rewritten.context == original.context else rewritten.context,
    )


def _turned_down(found: Reviewable, decisions: Sequence[Decision]) -> dict[str, int]:
    counts = Counter(f"review: {d.reason or 'no reason given'}" for d in decisions if not d.accepted)
    if left := len(found.of_arm(MAIN)) - len(decisions):
        counts["review: not judged"] = left
    return dict(sorted(counts.items()))


def _write_ratings(path: Path, found: Reviewable, ratings: Sequence[Rating]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    names = ("item", "variant_id", "arm", "rater", "rater_kind", "verdict", "reason", "note")
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = []
    for rating in (rating for rating in ratings if rating.verdict):
        item = found.items[rating.item]
        values = (item.code, item.variant_id, item.arm, rating.rater, rating.kind)
        rows.append(dict(zip(names, (*values, rating.verdict, rating.reason, rating.note), strict=True)))
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), path, compression="zstd")


def _is_reviewed(path: Path) -> bool:
    return is_set(path) and "review" in read_manifest(path)
