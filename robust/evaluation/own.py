"""The evaluation of a model of the user's own: anything that answers questions, on any sets."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.evaluation.about import about_set, about_thresholds, check_out, set_place
from robust.evaluation.asked import Answers, DistinctQuestions, by_content
from robust.evaluation.asking import ask, kept
from robust.evaluation.scores import fit_thresholds, rows_of_sets
from robust.evaluation.sets import MAIN, EvaluationSet, Questions, check_names, open_set
from robust.evaluation.summary import summarise_set, with_coverage
from robust.home import robust_home
from robust.reader.decode import NO_SPAN, Prediction
from robust.reader.own.protocol import Reader
from robust.reader.threshold import Thresholds, check_folds, single
from robust.runs import provenance, read_figure_rows, write_run
from robust.squad.catalogue import resolve

Named = str | Path | EvaluationSet
CROSS_FIT = "cross-fit"


def evaluate(
    reader: Reader,
    sets: Named | Sequence[Named],
    *,
    out: str | Path | None = None,
    version: str | None = None,
    threshold: str | float | None = None,
    controls: bool = True,
    limit: int | None = None,
    command: str = "",
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Evaluate a reader, write its run folder, and return ``{"model", "run", "sets": {name: figures}}``.

    ``sets`` are built folders, their names, data files, catalogue names (``squad2:dev``) or opened sets.
    ``out`` None: a folder under ``$ROBUST_HOME/runs``. A reader without null odds gives final answers; with
    them its no-answer threshold is cross-fitted on clean questions, or the number ``threshold``.
    Questions are asked once each, however many sets and arms hold them, in the order of the sets.

    ``version`` says that a reader of this name and version always answers alike: its answers are then kept
    under ``$ROBUST_HOME/predictions``, and never asked for again. Without it those of an endpoint are kept
    until the run is written, so that an interrupted one goes on; others are not kept. A Hugging Face
    model is known by its weights and needs none. ``controls``, ``limit``: as ``open_set`` has them.
    ``progress(done, total)`` counts distinct questions; ``notice`` takes one-line messages.

    Raises UserError for what is no set, an answer that is none (naming the question), and a threshold for
    final answers.
    """
    folder = None if out is None else Path(out)
    if folder is not None:
        check_out(folder, reader.name)
    rule = None if threshold is None else str(threshold)
    named = [sets] if isinstance(sets, str | Path | EvaluationSet) else list(sets)
    opened = [
        one if isinstance(one, EvaluationSet) else open_set(str(one), resolve, controls=controls, limit=limit)
        for one in named
    ]
    check_names([one.name for one in opened])
    if (loaded := getattr(reader, "loaded", None)) is not None:  # of Hugging Face: torch is here already
        from robust.evaluation.evaluate import evaluate_reader

        return evaluate_reader(
            loaded,
            opened,
            getattr(reader, "settings", None),
            threshold=rule,
            out=folder,
            command=command,
            limit=limit,
            progress=progress,
            notice=notice,
        )
    _check_rule(rule)
    about = {"name": reader.name, "version": version, "address": getattr(reader, "address", None)}

    told: set[bool | None] = set()

    def check(odds: bool | None) -> None:
        if odds not in told:
            told.add(odds)
            _check_threshold(reader.name, odds, rule, opened)

    with kept(reader, about, version) as cache:
        answers = ask(
            reader,
            DistinctQuestions(Questions(opened)),
            cache=cache,
            check=check,
            progress=progress,
            notice=notice,
        )
        thresholds = _settled(answers, rule, opened)
        name = reader.name
        manifest = _manifest(about, opened, answers, thresholds) | {"command": command}
        manifest["configuration"] |= {"limit": limit}
        place = folder or _place(name, manifest)
        for one in opened:  # where a set lies is no part of what was evaluated
            manifest["sets"][one.name]["path"] = set_place(one)
        summary = write_run(
            place,
            manifest,
            ((0, key, one) for key, one in answers.items()),
            rows_of_sets(opened, by_content(answers), thresholds, model=name, seed=0),
            lambda scores: {"model": name, "sets": _summaries(scores, opened, thresholds)},
        )
    return {"model": name, "run": str(place), "sets": summary["sets"]}


def _summaries(
    scores: Path, sets: Sequence[EvaluationSet], thresholds: Mapping[str, Thresholds]
) -> dict[str, Any]:
    """Return the figures of each set, from the score rows as they are written."""
    return {
        one.name: with_coverage(summarise_set(read_figure_rows(scores, one.name)), one)
        | {"threshold": _about_rule(thresholds[one.name])}
        for one in sets
    }


def _check_rule(rule: str | None) -> None:
    if rule == "own":
        raise UserError(f"--threshold own: a model of your own has none; give {CROSS_FIT} or a number")
    try:
        finite = rule in (None, CROSS_FIT) or math.isfinite(float(str(rule)))
    except ValueError:
        finite = False
    if not finite:
        raise UserError(f"--threshold {rule}: expected {CROSS_FIT} or a number")


def _check_threshold(name: str, odds: bool | None, rule: str | None, sets: Sequence[EvaluationSet]) -> None:
    """Raise UserError as soon as it is known, not after hours, that there can be no such threshold."""
    if odds is False and rule is not None:
        raise UserError(
            f"--threshold {rule}: {name} gives no null odds, so its answers are final; leave it out"
        )
    if odds and rule in (None, CROSS_FIT):
        for one in sets:
            check_folds(q.article for q in one.arms[MAIN].original)


def _settled(found: Answers, rule: str | None, sets: Sequence[EvaluationSet]) -> dict[str, Thresholds]:
    """Give the answers what null odds they need; return the thresholds of each set."""
    if found.final:
        return {one.name: single(0.0, "none") for one in sets}
    found.settle(NO_SPAN)
    if rule not in (None, CROSS_FIT):
        return {one.name: single(float(str(rule))) for one in sets}
    predict = by_content(found)
    return {one.name: fit_thresholds(one.arms[MAIN].original, predict) for one in sets}


def _about_rule(rule: Thresholds) -> dict[str, Any]:
    return {"kind": "none"} if rule.kind == "none" else about_thresholds([rule])


def _manifest(
    about: Mapping[str, Any],
    sets: Sequence[EvaluationSet],
    answers: Mapping[str, Prediction],
    thresholds: Mapping[str, Thresholds],
) -> dict[str, Any]:
    """Return what can be named of a run of a model that is not ours to see: its answers identify it."""
    digest = hashlib.sha256()
    for key, one in answers.items():
        digest.update(json.dumps([key, one.text, str(one.null_odds)]).encode())
    used = {one.name: about_set(one) for one in sets}
    return {
        "model": {**about, "sha256": None, "answers_sha256": digest.hexdigest()},
        "sets": used,
        "lexicon_sha256": sorted({str(u["lexicon_sha256"]) for u in used.values() if u["lexicon_sha256"]}),
        "seeds": {"model": 0},
        "configuration": {
            "threshold": next(iter(thresholds.values())).kind,
            "arms": sorted({arm for one in sets for arm in one.arms}),
        },
        "prediction_key": dict(about),
        **provenance("not known: the reader is the user's own"),
    }


def _place(name: str, manifest: Mapping[str, Any]) -> Path:
    """Return the folder under our home that is named after what was evaluated."""
    identity = {key: manifest[key] for key in ("model", "sets", "configuration")}
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    return robust_home() / "runs" / f"{plain[:100]}-{digest[:10]}"
