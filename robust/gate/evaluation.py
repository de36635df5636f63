"""Evaluation on demand: the run folder of exactly these inputs, made where there is none yet.

The folder is named by the content of what is evaluated. Where it stands, nothing is predicted and torch is
not imported. Of several processes that want the same, one works and the others wait.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.gate.inputs import input_key
from robust.gate.sharing import alone
from robust.gate.thresholds import Threshold
from robust.home import robust_home, sets_home
from robust.pace import counting_lines
from robust.runs import is_run

if TYPE_CHECKING:
    from robust.evaluation.sets import EvaluationSet

_PLAIN = "a plain data file, nothing to compare with; name a robustness set"
Notice = Callable[[str], None]
# (a callable's id, set, limit, null threshold) -> the callable, which must not go while its id is a key,
# and its run
Asked = dict[tuple[int, str | None, int | None, str | None], tuple[Any, "Evaluated"]]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A run folder, and how it was come by: ``made`` or ``waited`` for, in seconds; both 0 where it stood."""

    run: Path
    made: float = 0.0
    waited: float = 0.0


def _silent(line: str) -> None:
    pass


def evaluate(threshold: Threshold, notice: Notice = _silent, asked: Asked | None = None) -> Evaluated:
    """Return the run folder that a threshold is judged on, evaluating the reader where it must be.

    ``notice`` is told, in a line, that something is evaluated or waited for. ``asked`` keeps what callables
    answered, so that each is asked once. Raises UserError for readers, sets and files that are not there or
    do not fit.
    """
    if threshold.run is not None:
        return Evaluated(Path(threshold.run).expanduser())
    if threshold.model is not None and not isinstance(threshold.model, str):
        return _evaluate_own(threshold, notice, {} if asked is None else asked)
    key = input_key(threshold, _resolve)
    run = _folder(threshold.source, key)
    if is_run(run):
        return Evaluated(run)
    what = f"{threshold.source} on {Path(str(threshold.set)).name}"
    with alone(key[:32], f"it evaluates {what}", notice) as waited:
        if is_run(run):
            return Evaluated(run, waited=waited)
        begin = time.monotonic()
        if threshold.predictions is not None:
            from robust.evaluation.answers import read_answers, write_answers

            file, opened = Path(threshold.predictions), _open_paired(threshold)
            write_answers(
                run, file, [opened], read_answers(file), command=_command(threshold), limit=threshold.limit
            )
        else:
            _evaluate_model(run, threshold, what, notice)
        return Evaluated(run, made=time.monotonic() - begin, waited=waited)


def open_questions(threshold: Threshold, run: Path, name: str) -> EvaluationSet | None:
    """Return the set ``name`` of the ``run`` that a threshold was judged on, with its texts.

    Of a finished run it is the set that the threshold names, where it is here, else the one that the run's
    manifest tells of, where it lies as it was; None where neither is.
    """
    from robust.breakdown.material import differing, locate
    from robust.errors import UserError
    from robust.evaluation.sets import open_set
    from robust.runs import read_run
    from robust.squad.catalogue import here

    if threshold.run is None:
        return _open(threshold)
    if threshold.set is not None:
        try:
            return _open(threshold)
        except UserError:  # it may have been built elsewhere, and named by what the run calls it
            pass
    finished = read_run(run, predictions=False)
    place = locate(finished, {}, sets_home(), here).get(name)
    if place is None or differing(place, finished.manifest["sets"][name]) is not None:
        return None
    return open_set(str(place), _resolve, controls=False)


def _open(threshold: Threshold) -> EvaluationSet:
    from robust.evaluation.sets import open_set

    return open_set(str(threshold.set), _resolve, controls=False, limit=threshold.limit)


def _open_paired(threshold: Threshold) -> EvaluationSet:
    """Return the set that a threshold names; raises UserError for a data file without rewordings."""
    from robust.errors import UserError

    opened = _open(threshold)
    if opened.plain:
        raise UserError(f"{opened.name}: {_PLAIN}")
    if opened.arms["main"].expected != "same":
        raise UserError(
            f"{opened.name}: asks for something else than its clean questions, so it has no drop; name a set "
            "whose answers stay the same"
        )
    return opened


def _resolve(name: str) -> Path:
    from robust.squad.catalogue import resolve

    return resolve(name)


def _folder(source: str, key: str) -> Path:
    """Return where a run goes: under our home, named after the reader and its inputs."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", source)[:100] or "reader"
    return robust_home() / "runs" / f"{plain}-gate-{key[:12]}"


def _command(threshold: Threshold) -> str:
    """Return the command that evaluates the same, for the manifest."""
    model = threshold.model if isinstance(threshold.model, str) else threshold.source
    source = ["--predictions", threshold.predictions] if threshold.predictions else ["--model", model]
    words: list[object] = ["robust", "eval", *source, "--set", threshold.set]
    words += ["--threshold", threshold.null_threshold] if threshold.null_threshold else []
    words += ["--limit", threshold.limit] if threshold.limit else []
    words += [] if threshold.predictions else ["--no-controls"]
    return shlex.join(str(word) for word in words)


def _evaluate_model(run: Path, threshold: Threshold, what: str, notice: Notice) -> None:
    from robust.evaluation.evaluate import check_threshold, evaluate_seeds
    from robust.reader.seeds import find_seed_folders
    from robust.zoo.checkpoints import load_reader

    opened = _open_paired(threshold)  # first: a set that will not do is told before a model is loaded
    doing = f"evaluating {what}"
    notice(doing)
    model = str(threshold.model)
    folders = find_seed_folders(model)
    names = [str(folder) for folder in folders] if folders else [model]
    first = load_reader(names[0])
    check_threshold(threshold.null_threshold, first)
    evaluate_seeds(
        threshold.source,
        chain([first], (load_reader(name) for name in names[1:])),
        [opened],
        threshold=threshold.null_threshold,
        out=run,
        command=_command(threshold),
        limit=threshold.limit,
        progress=counting_lines(doing, notice),
        notice=notice,
    )


def _evaluate_own(threshold: Threshold, notice: Notice, asked: Asked) -> Evaluated:
    """Ask a reader of the user's own every question; its answers name the run, for its code has no key."""
    from robust.evaluation.own import evaluate as ask
    from robust.reader.own.callable import from_callable

    own = (id(threshold.model), threshold.set, threshold.limit, threshold.null_threshold)
    if own in asked:
        return Evaluated(asked[own][1].run)
    opened = _open_paired(threshold)
    reader = (
        threshold.model
        if hasattr(threshold.model, "answer")
        else from_callable(threshold.model, threshold.source)
    )
    begin = time.monotonic()
    doing = f"evaluating {threshold.source} on {opened.name}"
    notice(doing)
    key = hashlib.sha256(f"{threshold.source}|{opened.name}".encode()).hexdigest()
    with alone(key[:32], f"it evaluates {threshold.source}", notice):
        found = ask(
            reader,
            opened,
            threshold=threshold.null_threshold,
            controls=False,
            progress=counting_lines(doing, notice),
            notice=notice,
        )
    made = Evaluated(Path(found["run"]), made=time.monotonic() - begin)
    asked[own] = (threshold.model, made)
    return made
