"""The whole evaluation of a reader on any number of sets: predictions, thresholds, figures, run folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.evaluation.about import about_set, about_thresholds, check_out, set_place
from robust.evaluation.asked import Answers, DistinctQuestions, by_content
from robust.evaluation.scores import fit_thresholds, rows_of_sets
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import MAIN, EvaluationSet, all_questions
from robust.evaluation.summary import with_coverage
from robust.home import robust_home
from robust.reader.cache import PredictionCache, content_key
from robust.reader.decode import Prediction
from robust.reader.elsewhere import resolve_on
from robust.reader.predict import PredictSettings, predict, run_key
from robust.reader.threshold import Thresholds, check_folds, check_rule, single
from robust.runs import provenance, read_figure_rows, write_run
from robust.scale.machines import Here, Machines
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader


def evaluate_reader(
    reader: LoadedReader,
    sets: Sequence[EvaluationSet],
    settings: PredictSettings | None = None,
    *,
    threshold: str | None = None,
    out: Path | None = None,
    command: str = "",
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Evaluate a reader, write its run folder, and return ``{"model", "run", "sets": {name: figures}}``.

    ``threshold``: "own", "cross-fit" or a number as text; None is its own where it has one, else
    cross-fitted. ``out`` None: a folder under ``$ROBUST_HOME/runs`` named after what is evaluated.
    Predictions go through the cache in ``$ROBUST_HOME/predictions``, so a second call, or one after a
    kill, computes only what is new. ``limit`` is noted in the manifest (``open_set`` applies it).
    """
    return evaluate_seeds(
        Path(reader.name).name or reader.name,
        [reader],
        sets,
        settings,
        threshold=threshold,
        out=out,
        command=command,
        limit=limit,
        progress=progress,
        notice=notice,
    )


def evaluate_seeds(
    name: str,
    readers: Iterable[LoadedReader],
    sets: Sequence[EvaluationSet],
    settings: PredictSettings | None = None,
    *,
    threshold: str | None = None,
    out: Path | None = None,
    command: str = "",
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
    machines: Machines | None = None,
) -> dict[str, Any]:
    """Evaluate the seeds of one training as one result; otherwise as ``evaluate_reader``.

    ``readers`` are taken one after another, so that one at a time is in memory. Each has its own
    threshold; figures are means over seeds, with the spread over seeds beside (``summarise_seeds``).
    With ``machines`` they predict; all else is done here, and nothing in the run folder tells of them.
    """
    if out is not None:
        check_out(out, name)
    chosen, device = resolve_on(machines or Here(), settings or PredictSettings())
    questions = all_questions(sets)
    asked = DistinctQuestions(questions)
    done: list[_Seed] = []
    for reader in readers:
        check_threshold(threshold, reader)
        if _rule(threshold, reader) == "cross-fit":
            for one in sets:
                check_folds(q.article for q in one.arms[MAIN].original)
        key = run_key(reader, chosen)
        with PredictionCache(robust_home() / "predictions", key) as cache:
            found = predict(
                reader,
                questions,
                chosen,
                cache=cache,
                lists=False,
                progress=progress,
                notice=notice,
                machines=machines,
            )
        answers = Answers(asked)
        for question, said in zip(questions, found, strict=True):
            answers.put(content_key(question.text, question.context), said)
        rules = {one.name: _thresholds(threshold, reader, one, answers) for one in sets}
        seed = _seed(reader, done)
        done.append(_Seed(seed, key, _rule(threshold, reader), rules, answers, _about_model(reader)))
    used = {one.name: about_set(one) for one in sets}
    configuration = {
        "threshold": done[0].rule,
        "limit": limit,
        "batch_tokens": chosen.batch_tokens,
        "arms": sorted({arm for one in sets for arm in one.arms}),
    }
    prediction_keys = [seed.key for seed in done]
    several = len(done) > 1
    if out is None:
        about = [prediction_keys if several else prediction_keys[0], used, configuration]
        identity = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
        plain = re.sub(r"[^\w.@+-]+", "-", name)[:100]  # names may hold anything, names of folders may not
        out = robust_home() / "runs" / f"{plain}-{identity.hexdigest()[:10]}"
    manifest = {
        "command": command,
        "model": {"name": name} | ({"seeds": [s.about for s in done]} if several else done[0].about),
        # where a set lies is noted, but is no part of what was evaluated: the run's name does not hang on it
        "sets": {one.name: used[one.name] | {"path": set_place(one)} for one in sets},
        "lexicon_sha256": sorted({str(u["lexicon_sha256"]) for u in used.values() if u["lexicon_sha256"]}),
        "seeds": {"model": [s.seed for s in done] if several else done[0].seed},
        "configuration": configuration,
        "prediction_key": prediction_keys if several else prediction_keys[0],
        **provenance(device),
    }
    rows = (rows_of_sets(sets, by_content(s.answers), s.rules, model=name, seed=s.seed) for s in done)
    summary = write_run(
        out,
        manifest,
        _stored(done, list(asked)),
        chain.from_iterable(rows),
        lambda scores: {"model": name, "sets": _summaries(scores, sets, done)},
    )
    return {"model": name, "run": str(out), "sets": summary["sets"]}


def _summaries(scores: Path, sets: Sequence[EvaluationSet], seeds: Sequence[_Seed]) -> dict[str, Any]:
    """Return the figures of each set, from the score rows as they are written."""
    return {
        one.name: with_coverage(summarise_seeds(read_figure_rows(scores, one.name)), one)
        | {"threshold": about_thresholds([seed.rules[one.name] for seed in seeds])}
        for one in sets
    }


@dataclass(frozen=True, slots=True)
class _Seed:
    """One seed's part of a result: where its predictions are kept, its thresholds by set, its answers."""

    seed: int
    key: dict[str, Any]
    rule: str
    rules: dict[str, Thresholds]
    answers: Answers
    about: dict[str, Any]


def _seed(reader: LoadedReader, before: Sequence[_Seed]) -> int:
    """Return the seed a reader was trained with; the next free number where another has it too."""
    seed = int(reader.settings.training.get("seed", 0))
    taken = {one.seed for one in before}
    return seed if seed not in taken else max(taken) + 1


def _stored(seeds: Sequence[_Seed], keys: Sequence[str]) -> Iterator[tuple[int, str, Prediction]]:
    """Yield every prediction from the caches, which alone hold the n-best lists."""
    for seed in seeds:
        with PredictionCache(robust_home() / "predictions", seed.key) as cache:
            for key, prediction in cache.stream(keys):
                yield seed.seed, key, prediction


def _about_model(reader: LoadedReader) -> dict[str, Any]:
    return {"sha256": reader.sha256, "settings": json.loads(reader.settings.to_json())}


def check_threshold(wanted: str | None, reader: LoadedReader) -> None:
    """Raise UserError for a threshold that is no choice, or one that the reader does not have."""
    if wanted == "own" and reader.settings.null_threshold is None:
        raise UserError(f"--threshold own: {reader.name} has none in robust.json; use --threshold cross-fit")
    check_rule(wanted)


def _rule(wanted: str | None, reader: LoadedReader) -> str:
    """Return own, cross-fit or a number as text: what was asked for, else what the reader has."""
    return wanted or ("own" if reader.settings.null_threshold is not None else "cross-fit")


def clean_thresholds(
    wanted: str | None,
    reader: LoadedReader,
    questions: Sequence[Question],
    settings: PredictSettings,
    machines: Machines | None = None,
) -> Thresholds:
    """Return the thresholds that are asked for; cross-fitted ones are fitted on these, clean, questions.

    ``settings`` are resolved ones; the questions are predicted by ``machines`` where they are given.
    """
    rule = _rule(wanted, reader)
    if rule != "cross-fit":
        own = reader.settings.null_threshold
        return single(own, "own") if rule == "own" and own is not None else single(float(rule))
    check_folds(question.article for question in questions)
    with PredictionCache(robust_home() / "predictions", run_key(reader, settings)) as cache:
        found = predict(reader, questions, settings, cache=cache, lists=False, machines=machines)
    answers = {content_key(q.text, q.context): p for q, p in zip(questions, found, strict=True)}
    return fit_thresholds(questions, by_content(answers))


def _thresholds(
    wanted: str | None, reader: LoadedReader, found: EvaluationSet, answers: Mapping[str, Prediction]
) -> Thresholds:
    rule = _rule(wanted, reader)
    if rule == "cross-fit":
        return fit_thresholds(found.arms[MAIN].original, by_content(answers))
    own = reader.settings.null_threshold
    return single(own, "own") if rule == "own" and own is not None else single(float(rule))
