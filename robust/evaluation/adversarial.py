"""`robust attack`: a search against a reader, kept as a robustness set for other readers too.

out/original.json, perturbed.json, edits.parquet
                     the questions that the reader answered rightly when clean and that could be edited, and
                     the worst candidate of each, whether it succeeded or not
out/search.parquet   a row a question of the data: what was tried and what came of it
out/figures.json     attack success rate, accuracy under attack, queries, curves (`robust.evaluation.success`)
out/manifest.json    as a built set has it, and under ``search`` who was attacked and how; written last

What is finished of a search lies in ``.partial``, so that the same command goes on with it after a kill.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust import __version__
from robust.attack.base import canonical_json
from robust.attack.records import Edit, Variant
from robust.attack.scorers import NO_SCORERS, GoldLoss, Scorers, Screen
from robust.attack.search import Plan, SearchOutcome, search
from robust.build.folder import FORMAT, write_arm, write_manifest
from robust.build.identity import code_sha256, questions_sha256, words_sha256
from robust.build.made import Tally
from robust.build.run import PARTIAL, Source, about_arm, standing
from robust.build.shards import MAIN
from robust.commit import git_commit
from robust.errors import UserError, first_line
from robust.evaluation.searching import Searching, search_on
from robust.evaluation.side_by_side import Losses, count_workers, search_side_by_side
from robust.evaluation.success import figures
from robust.files import atomic_write, sha256_file, write_text
from robust.json_text import read_json
from robust.parquet_file import read_frame
from robust.scale.machines import Machines
from robust.squad.records import Question

if TYPE_CHECKING:
    import pandas as pd

ROWS, FIGURES = "search.parquet", "figures.json"


@dataclass(frozen=True, slots=True)
class Victim:
    """Who is attacked: a reader's name, its SHA-256, its thresholds for the manifest, and its losses.

    ``screen``, where there is one, is asked first, and the reader about what that takes for wrong. ``again``
    loads both anew in another process (None: one process searches).
    """

    name: str
    sha256: str
    threshold: Mapping[str, Any]
    loss: GoldLoss
    screen: Screen | None = None
    again: Losses | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackRequest:
    """Who is attacked, how, and on which questions.

    ``scorers`` are those that the attack may ask. The manifest says where the questions are from
    (``source``), which of them were taken (``selection``), and the ``command``.
    """

    questions: Sequence[Question]
    plan: Plan
    victim: Victim
    scorers: Scorers = NO_SCORERS
    source: Source | None = None
    selection: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A finished search: its folder, its figures, and whether it was made now (False: it stood there)."""

    out: Path
    manifest: dict[str, Any]
    figures: dict[str, Any]
    fresh: bool


def attack_reader(
    request: AttackRequest,
    out: Path,
    *,
    workers: int | None = 1,
    machines: Machines | None = None,
    gpus: int = 0,
    at_once: int = 256,
    progress: Callable[[int, int], None] | None = None,
) -> Attacked:
    """Search every question for a wording that the reader gets wrong, and write the folder ``out``.

    A search that was stopped goes on; a finished one of the same settings is returned as it is; anything else
    in ``out`` raises UserError, as does a search in which no question could be tried at all. ``workers``
    processes search (None: one a core, where that is worth it; one where the attack asks scorers); they
    change no byte. With ``machines`` these search, each piece on so many ``gpus``: the victim's ``again`` and
    the scorers travel to them. ``progress`` is called with the questions done and their total.
    """
    questions, plan = request.questions, request.plan
    if not questions:
        raise UserError("no questions left to attack; loosen --limit or --answerable-only")
    identity = _identity(request)
    build_id = hashlib.sha256(canonical_json([FORMAT, identity]).encode()).hexdigest()
    finished = standing(out, build_id)
    if finished is not None:
        return Attacked(out, finished, read_json(out / FIGURES), fresh=False)
    path = out / PARTIAL / f"{build_id[:32]}.jsonl"
    outcomes = _outcomes(
        request,
        path,
        workers=workers,
        machines=machines,
        gpus=gpus,
        at_once=at_once,
        progress=progress,
    )
    variants = {question.id: _variants(question, outcomes[question.id], plan) for question in questions}
    if not any(variants.values()):
        right = sum(outcome.clean_right for outcome in outcomes.values())
        shutil.rmtree(out / PARTIAL, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()
        raise UserError(
            f"{out}: {plan.attack!r} had no candidate for any of the {right} questions (of "
            f"{len(questions)}) that {request.victim.name} answers rightly; loosen its settings, or take more"
        )
    rows = _rows(questions, outcomes, plan.strategy.name)
    found = figures(rows, plan.budget)
    _write_rows(out / ROWS, rows)
    write_text(out / FIGURES, json.dumps(found, indent=2, sort_keys=True) + "\n")
    sums = write_arm(out, questions, variants)
    tally = Tally(bytearray(len(questions)))
    for place, question in enumerate(questions):
        tally.rejections.update(outcomes[question.id].rejected)
        tally.add(place, question, (len(variant.edits) for variant in variants[question.id]))
    manifest = {
        "format": FORMAT,
        "build_id": build_id,
        "command": request.command,
        "versions": {"robust": __version__},
        "git_commit": git_commit(),
        "lexicon_sha256": plan.attack.lexicon_sha256,
        "words_sha256": words_sha256(),
        "data": asdict(request.source) if request.source else None,
        "questions_sha256": identity["questions"],
        "selection": dict(request.selection),
        "seed": plan.seed,
        "questions": len(questions),
        **about_arm(plan.attack, tally, sums),
        "arm": MAIN,
        "intersection": sum(map(bool, variants.values())),
        "controls": {},
        "search": identity["search"]
        | {"clean_right": found["clean_right"], "successes": found["successes"]}
        | {"sha256": {name: sha256_file(out / name) for name in (ROWS, FIGURES)}},
    }
    write_manifest(out, manifest)
    shutil.rmtree(out / PARTIAL, ignore_errors=True)
    return Attacked(out, manifest, found, fresh=True)


def _identity(request: AttackRequest) -> dict[str, Any]:
    """Return what a search that goes on, or stands there finished, must agree with."""
    plan, victim = request.plan, request.victim
    return {
        "robust": __version__,
        "attack": plan.attack.settings_hash(),
        "search": {
            "model": {"name": victim.name, "sha256": victim.sha256},
            "threshold": dict(victim.threshold),
            "strategy": plan.strategy.name,
            "strategy_settings": plan.strategy.settings(),
            "budget": plan.budget,
            "most_edits": plan.most,
            "screen": None if victim.screen is None else dict(victim.screen.about),
        },
        "loss": victim.loss.sha256,
        "screen": None if victim.screen is None else victim.screen.sha256,
        "scorers": request.scorers.sha256s(),
        "seed": plan.seed,
        "words": words_sha256(),
        "code": code_sha256(type(plan.attack)),
        "questions": questions_sha256(request.questions),
        "selection": dict(request.selection),
    }


def read_rows(folder: Path) -> pd.DataFrame:
    """Return the rows of a search; UserError where the folder holds none."""
    if not (folder / ROWS).is_file():
        raise UserError(f"{folder / ROWS}: missing, expected a set made by robust attack")
    try:
        rows: pd.DataFrame = read_frame(folder / ROWS)
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / ROWS}: broken ({first_line(error)}); run robust attack again") from error
    return rows


def _outcomes(
    request: AttackRequest,
    path: Path,
    *,
    workers: int | None,
    machines: Machines | None,
    gpus: int,
    at_once: int,
    progress: Callable[[int, int], None] | None,
) -> dict[str, SearchOutcome]:
    """Return the outcome of every question, each written down as soon as it is known."""
    plan, victim, scorers, questions = request.plan, request.victim, request.scorers, request.questions
    done = {outcome.question_id: outcome for outcome in _read(path)}
    left = [question for question in questions if question.id not in done]
    tell = progress or (lambda done, total: None)
    tell(len(done), len(questions))
    count = count_workers(workers, len(left))
    if machines is not None and victim.again is not None:
        screen_sha256 = None if victim.screen is None else victim.screen.sha256
        work = Searching(plan, victim.again, scorers, at_once, gpus, screen_sha256)
        found = search_on(machines, work, left)
    elif count == 1 or victim.again is None or scorers.sha256s():
        found = search(left, plan, victim.loss, scorers, screen=victim.screen, at_once=at_once)
    else:
        found = search_side_by_side(left, plan, victim.again, count, at_once=at_once)
    # what was half written when it was killed is dropped
    write_text(path, "".join(_line(outcome) for outcome in done.values()))
    with path.open("a", encoding="utf-8") as stream:
        for outcome in found:
            done[outcome.question_id] = outcome
            stream.write(_line(outcome))
            stream.flush()
            tell(len(done), len(questions))
    return done


def _line(outcome: SearchOutcome) -> str:
    """Return a line of ASCII: no letter can be cut in two by a kill, nor be taken for the end of a line."""
    return json.dumps(asdict(outcome)) + "\n"


def _read(path: Path) -> Iterator[SearchOutcome]:
    if not path.is_file():
        return
    *whole, _half = path.read_bytes().split(b"\n")
    for line in whole:
        value = json.loads(line)
        edits = tuple(Edit(**edit) for edit in value.pop("edits"))
        yield SearchOutcome(**value, edits=edits)


def _variants(question: Question, outcome: SearchOutcome, plan: Plan) -> list[Variant]:
    return [plan.attack.variant(question, 1, outcome.edits, plan.seed)] if outcome.edits else []


def _rows(
    questions: Sequence[Question], outcomes: Mapping[str, SearchOutcome], strategy: str
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "question_id": question.id,
            "strategy": strategy,
            "article": question.article,
            "answerable": question.answerable,
            "clean_right": outcome.clean_right,
            "success": outcome.success,
            "loss_before": outcome.before,
            "loss_after": outcome.after,
            "queries": outcome.queries,
            "repeated": outcome.repeated,
            "places": outcome.places,
            "screened": outcome.screened,
            "candidates": outcome.candidates,
            "edits": len(outcome.edits),
        }
        for question in questions
        for outcome in (outcomes[question.id],)
    )


def _write_rows(path: Path, rows: pd.DataFrame) -> None:
    with atomic_write(path) as temporary:
        rows.to_parquet(temporary, compression="zstd", index=False)
