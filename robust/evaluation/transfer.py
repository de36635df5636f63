"""Do questions that fool one reader fool others? The transfer matrix of adversarial sets and readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from robust.build.folder import MANIFEST, read_set
from robust.build.run import PARTIAL
from robust.errors import UserError
from robust.evaluation.adversarial import read_rows
from robust.evaluation.asked import by_content
from robust.evaluation.evaluate import clean_thresholds
from robust.evaluation.scores import CLEAN, PERTURBED, score_set
from robust.evaluation.sets import MAIN, Arm, EvaluationSet, all_questions, restrict
from robust.home import robust_home
from robust.reader.cache import PredictionCache, content_key
from robust.reader.predict import PredictSettings, predict, run_key
from robust.reader.threshold import Thresholds
from robust.squad.records import Question
from robust.stats.share import share_interval
from robust.zoo.checkpoints import LoadedReader


@dataclass(frozen=True, slots=True)
class Adversarial:
    """What fooled one reader: the questions of a search that succeeded, as they were and as they were asked.

    ``original`` are all those that the reader had right when clean; ``sha256`` identifies it, ``thresholds``
    are what it abstained by.
    """

    name: str
    attacked: str
    sha256: str
    thresholds: Thresholds
    original: Sequence[Question]
    arm: Arm


def open_adversarial(folder: Path) -> Adversarial:
    """Return the successes of a folder made by ``robust attack``; UserError where it is none, or has none."""
    if not (folder / MANIFEST).is_file():
        begun = " (an unfinished search: run its command again)" if (folder / PARTIAL).is_dir() else ""
        raise UserError(f"{folder}: no {MANIFEST}{begun}, expected a folder made by robust attack")
    whole = read_set(folder)
    about = whole.manifest.get("search")
    if about is None:
        raise UserError(
            f"{folder}: not made by robust attack, expected a set that was; use robust eval --set"
        )
    rows = read_rows(folder)
    won = set(rows.loc[rows["success"], "question_id"])
    if not won:
        raise UserError(
            f"{folder}: the search found nothing that fools {about['model']['name']}; nothing to ask"
        )
    arm = restrict(Arm(whole.original, whole.perturbed, whole.variant_of), won)
    rule = about["threshold"]
    thresholds = Thresholds(rule["kind"], tuple(rule["by_fold"]))
    model = about["model"]
    return Adversarial(folder.resolve().name, model["name"], model["sha256"], thresholds, whole.original, arm)


def check_names(called: Sequence[str], kind: str) -> None:
    """Raise UserError where two have one name: a cell of the matrix is known by its set and its model."""
    for name in called:
        if called.count(name) > 1:
            raise UserError(f"{name}: two {kind}s of this name, expected different ones; rename a folder")


def transfer_row(
    reader: LoadedReader,
    name: str,
    sets: Sequence[Adversarial],
    settings: PredictSettings | None = None,
    *,
    threshold: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Return how a reader fares on each set: exact match when clean and when perturbed, shares in [0, 1].

    The reader that a set was made against abstains by the threshold it had then, so that its accuracy there
    is 0, and has no interval; others by their own, the one asked for, or one cross-fitted on the set's clean
    questions. Intervals are clustered by article. Raises UserError where two sets are of one name.
    """
    check_names([found.name for found in sets], "set")
    chosen = (settings or PredictSettings(dtype="float32")).resolve()
    opened = [EvaluationSet(found.name, {MAIN: found.arm}, ()) for found in sets]
    questions = all_questions(opened)
    with PredictionCache(robust_home() / "predictions", run_key(reader, chosen)) as cache:
        answers = predict(reader, questions, chosen, cache=cache, lists=False, progress=progress)
    answer = by_content({content_key(q.text, q.context): p for q, p in zip(questions, answers, strict=True)})
    row = []
    for found, one in zip(sets, opened, strict=True):
        own = reader.sha256 == found.sha256
        rule = found.thresholds if own else clean_thresholds(threshold, reader, found.original, chosen)
        scores = score_set(one, answer, rule, model=name, seed=0)
        cell: dict[str, Any] = {
            "set": found.name,
            "attacked": found.attacked,
            "model": name,
            "own": own,
            "questions": len(found.arm.original),
            "threshold": rule.kind,
        }
        for condition in (CLEAN, PERTURBED):
            part = scores[scores["condition"] == condition]
            exact = part["em"].to_numpy(dtype=np.float64)
            # what the reader attacked had right and has wrong is so by choice, and no estimate
            bounds = None if own else share_interval(exact, part["article"].tolist())
            low, high = bounds or (None, None)
            cell[condition] = {
                "exact": round(float(exact.mean()), 6),
                "low": None if low is None else round(low, 6),
                "high": None if high is None else round(high, 6),
            }
        row.append(cell)
    return row
