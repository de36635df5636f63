"""What TextAttack found as a robustness set in the house format: eval, report and review work on it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from robust import __version__
from robust.attack.base import canonical_json
from robust.attack.records import Variant, apply_edits
from robust.attack.scene import open_lexicon
from robust.build.folder import FORMAT, write_arm, write_manifest
from robust.build.identity import questions_sha256, words_sha256
from robust.build.run import Source
from robust.build.shards import MAIN
from robust.commit import git_commit
from robust.errors import UserError
from robust.squad.records import Question
from robust.textattack.run import TextAttackOutcome


def check_out(out: Path) -> None:
    """Raise UserError unless there is room for a set in the folder ``out``."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out}: not an empty folder; choose another --out or remove it")


def write(
    out: Path,
    questions: Sequence[Question],
    outcomes: Sequence[TextAttackOutcome],
    *,
    name: str,
    settings: Mapping[str, Any],
    seed: int,
    search: Mapping[str, Any],
    rejected: Counter[str],
    source: Source,
    selection: Mapping[str, Any],
    command: str,
) -> dict[str, Any]:
    """Write the set and return its manifest.

    It holds the questions whose text was changed, with the best text that was found for each: those
    answered rightly before, therefore. ``search`` has the figures over all. Raises UserError where nothing
    was changed.
    """
    settings_hash = hashlib.sha256(canonical_json({"name": name, "settings": settings}).encode()).hexdigest()
    by_id = {question.id: question for question in questions}
    variants = {
        one.question_id: [_variant(by_id[one.question_id], one, name, settings_hash, seed)]
        for one in outcomes
        if one.edits
    }
    if not variants:
        raise UserError(f"{out}: {name} changed none of {len(questions)} questions; raise --limit")
    sums = write_arm(out, questions, variants)
    answerable = sum(by_id[question_id].answerable for question_id in variants)
    known = [settings_hash, seed, questions_sha256(questions)]
    manifest = {
        "format": FORMAT,
        "build_id": hashlib.sha256(canonical_json([FORMAT, known]).encode()).hexdigest(),
        "command": command,
        "versions": {"robust": __version__, "textattack": version("textattack")},
        "git_commit": git_commit(),
        "lexicon_sha256": open_lexicon(None).sha256,
        "words_sha256": words_sha256(),
        "data": asdict(source),
        "questions_sha256": questions_sha256(questions),
        "selection": dict(selection),
        "seed": seed,
        "questions": len(questions),
        "attack": name,
        "settings": dict(settings),
        "settings_hash": settings_hash,
        "expected": "same",
        "covered": len(variants),
        "covered_answerable": answerable,
        "covered_unanswerable": len(variants) - answerable,
        "coverage": len(variants) / len(questions),
        "variants": len(variants),
        "edits": sum(len(found[0].edits) for found in variants.values()),
        "rejections": dict(sorted(rejected.items())),
        "sha256": {file.partition(".")[0]: digest for file, digest in sums.items()},
        "arm": MAIN,
        "intersection": len(variants),
        "controls": {},
        "search": dict(search),
    }
    write_manifest(out, manifest)
    return manifest


def _variant(question: Question, one: TextAttackOutcome, name: str, settings_hash: str, seed: int) -> Variant:
    context = apply_edits(question.context, one.edits, "context")
    return Variant(
        variant_id=f"{question.id}#1",
        original_id=question.id,
        question=apply_edits(question.text, one.edits),
        edits=tuple(replace(edit, reason=edit.reason or one.status) for edit in one.edits),
        attack=name,
        settings_hash=settings_hash,
        seed=seed,
        context=None if context == question.context else context,
    )
