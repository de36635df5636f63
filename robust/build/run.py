"""Building a robustness set: data set x attack -> a folder, the same bytes for the same settings."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from robust import __version__
from robust.attack.base import Attack, canonical_json
from robust.attack.control import Control
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.build.folder import FORMAT, MANIFEST, check_files, read_manifest, write_manifest, write_pairs
from robust.build.identity import questions_sha256, words_sha256
from robust.build.made import Made, Tally
from robust.build.shards import MAIN, Job, Progress, chunks, work
from robust.commit import git_commit
from robust.errors import UserError
from robust.folders import check_writable
from robust.scale.machines import Machines
from robust.squad.records import Question

PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the questions came from, for the manifest: a name without its folder, and a SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Built:
    """A finished set: its folder, its manifest, and whether it was made now (False: it stood there)."""

    out: Path
    manifest: dict[str, Any]
    fresh: bool


def build(
    questions: Sequence[Question],
    attack: Attack,
    out: Path,
    *,
    seed: int = 0,
    workers: int | None = None,
    controls: Mapping[str, Control] | None = None,
    source: Source | None = None,
    selection: Mapping[str, Any] | None = None,
    command: str = "",
    progress: Progress | None = None,
    scorers: Scorers = NO_SCORERS,
    machines: Machines | None = None,
) -> Built:
    """Build the robustness set of ``attack`` over ``questions`` in the folder ``out``.

    ``controls`` are built beside it, on the words that ``attack`` edits. ``workers`` processes work on it
    (None: one per core); the files do not depend on their number. ``selection`` and ``command`` are noted in
    the manifest; so are the SHA-256 of the ``scorers``, the models that attacks may ask (then one process
    does the work). With ``machines`` the work is theirs; it changes no byte. ``progress`` is called with the
    questions done and their total. A build that was stopped continues. A finished set of the same settings
    is returned as it is; anything else in ``out`` raises UserError.
    """
    job = Job(attack, tuple(sorted((controls or {}).items())), seed, out / PARTIAL, scorers)
    identity = {**job.key(), "questions": questions_sha256(questions), "selection": dict(selection or {})}
    build_id = hashlib.sha256(canonical_json([FORMAT, identity]).encode()).hexdigest()
    finished = standing(out, build_id)
    if finished is not None:
        return Built(out, finished, fresh=False)
    if not questions:
        raise UserError("no questions left to build from; loosen --limit or --answerable-only")
    check_writable(out)  # said of the folder that was given, not of a shard in it
    pieces = list(chunks(questions))
    tell = progress or (lambda done, total: None)
    shards = work(
        job,
        questions,
        pieces,
        sha256=identity["questions"],
        workers=workers,
        progress=tell,
        machines=machines,
    )
    found = Made(job, questions, pieces, shards)
    tallies = found.tallies()
    made = {
        "format": FORMAT,
        "build_id": build_id,
        "command": command,
        "versions": {"robust": __version__},
        "git_commit": git_commit(),
        "lexicon_sha256": attack.lexicon_sha256,
        "words_sha256": words_sha256(),
        "data": asdict(source) if source else None,
        "questions_sha256": identity["questions"],
        "selection": dict(selection or {}),
        "seed": seed,
        "questions": len(questions),
    }
    if scorers.sha256s():
        made["scorers_sha256"] = scorers.sha256s()
    if not any(tallies[MAIN].covered):
        shutil.rmtree(job.folder, ignore_errors=True)
        if out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        raise UserError(
            f"{out}: {attack!r} could rewrite none of {len(questions)} questions; loosen its settings"
        )
    # an interrupted build with other settings may have left some
    shutil.rmtree(out / "controls", ignore_errors=True)
    for name, control in job.controls:
        if not any(tallies[name].covered):
            continue
        folder = out / "controls" / name
        sums = write_pairs(folder, found.rewritten(name))
        write_manifest(folder, made | about_arm(control, tallies[name], sums) | {"arm": name})
    sums = write_pairs(out, found.rewritten(MAIN))
    arms = [tally.covered for tally in tallies.values() if any(tally.covered)]
    manifest = made | about_arm(attack, tallies[MAIN], sums)
    manifest |= {"arm": MAIN, "intersection": sum(map(all, zip(*arms, strict=True)))}
    manifest["controls"] = {
        n: {"attack": c.name, "questions": sum(tallies[n].covered)} for n, c in job.controls
    }
    write_manifest(out, manifest)
    shutil.rmtree(job.folder, ignore_errors=True)
    return Built(out, manifest, fresh=True)


def standing(out: Path, build_id: str) -> dict[str, Any] | None:
    """Return the manifest of a finished set of the same settings; None where there is room to build."""
    check_room(out)
    if (out / MANIFEST).exists():
        manifest = read_manifest(out)
        if manifest.get("build_id") != build_id:
            made = manifest.get("command") or manifest.get("attack")
            raise UserError(
                f"{out}: holds a set made with other settings or by other code ({made}); "
                "choose another --out or remove it"
            )
        arms = [out / "controls" / name for name, arm in manifest["controls"].items() if arm["questions"]]
        for folder in (out, *arms):
            check_files(folder, manifest if folder == out else read_manifest(folder))
        shutil.rmtree(out / PARTIAL, ignore_errors=True)
        return manifest
    return None


def check_room(out: Path) -> None:
    """Raise UserError where ``out`` is a file, or a folder with anything else than a set, begun or whole."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file, expected a folder to write to; choose another --out")
    if (out / MANIFEST).exists():
        read_manifest(out)
    elif out.is_dir() and any(out.iterdir()) and not (out / PARTIAL).is_dir():
        raise UserError(f"{out}: not empty and not a robustness set; choose another --out")


def about_arm(attack: Attack, tally: Tally, sums: Mapping[str, str]) -> dict[str, Any]:
    """Return what a manifest says of an arm: what made it, what it covers, the checksums of its files."""
    covered = sum(tally.covered)
    return {
        "attack": attack.name,
        "settings": attack.settings(),
        "settings_hash": attack.settings_hash(),
        "expected": attack.expected,
        "covered": covered,
        "covered_answerable": tally.answerable,
        "covered_unanswerable": covered - tally.answerable,
        "coverage": covered / len(tally.covered),
        "variants": tally.variants,
        "edits": tally.edits,
        "rejections": dict(sorted(tally.rejections.items())),
        "sha256": {name.partition(".")[0]: digest for name, digest in sums.items()},
    }
