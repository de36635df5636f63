"""Scoring an outside system's answers, and their run folder. Nothing here needs torch or a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.errors import UserError
from robust.evaluation.about import about_set, check_out, set_place
from robust.evaluation.scores import score_set
from robust.evaluation.sets import MAIN, EvaluationSet
from robust.evaluation.summary import summarise_set, with_coverage
from robust.json_text import read_json
from robust.reader.cache import content_key
from robust.reader.decode import Prediction
from robust.reader.threshold import single
from robust.runs import provenance, write_run
from robust.squad.metric import official

if TYPE_CHECKING:
    import pandas as pd


def read_answers(path: Path) -> dict[str, str]:
    """Return id -> answer from an official predictions file; UserError where it is none."""
    try:
        values = read_json(path, once="id")
    except OSError as error:
        raise UserError(
            f"{path}: cannot read ({error.strerror}); expected a JSON file of id: answer"
        ) from error
    except ValueError as error:
        if not path.read_bytes().strip():
            raise UserError(f"{path}: the file is empty; expected one JSON object of id: answer") from error
        raise UserError(f"{path}: not JSON ({error}); expected one object of id: answer") from error
    if not isinstance(values, dict):
        found = "a list" if isinstance(values, list) else repr(values)[:80]
        raise UserError(f'{path}: found {found}, expected one JSON object of id: answer ("" abstains)')
    if isinstance(values.get("data"), list):
        raise UserError(
            f"{path}: is a SQuAD data file (questions, no answers of a system); expected one JSON object of "
            "id: answer; give questions with --set"
        )
    for name, answer in values.items():
        if not isinstance(answer, str):
            raise UserError(
                f'{path}: {name!r}: found {repr(answer)[:80]}, expected the answer as text ("" abstains)'
            )
    return values


def evaluate_answers(
    path: Path, sets: Sequence[EvaluationSet], texts: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Score an outside system's final answers and return ``{"predictions", "sets": {name: figures}}``.

    A plain data file gets the official script's keys, a set ``original``, ``perturbed`` and ``drop`` with
    them. Control arms are left out: their ids are the set's, so one file cannot answer both. ``texts``
    is what ``read_answers`` returned for ``path``, where it was called already. Raises
    UserError where the file is not ``{id: answer}``, lacks a question, or one id names two of them.
    """
    texts = read_answers(path) if texts is None else texts
    _check_ids(path, sets)
    results: dict[str, Any] = {}
    for one in sets:
        if one.plain:
            _check_whole(path, one, texts)
            results[one.name] = official(one.arms[MAIN].original, texts)
        else:
            results[one.name] = with_coverage(summarise_set(answer_rows(path, one, texts)), one)
    return {"predictions": str(path), "sets": results}


def write_answers(
    run: Path,
    path: Path,
    sets: Sequence[EvaluationSet],
    texts: Mapping[str, str],
    *,
    command: str = "",
    limit: int | None = None,
) -> dict[str, Any]:
    """Write the run folder of final answers; return ``{"model", "predictions", "run", "sets"}``.

    Score rows and figures are those of any run, predictions there are none: answers come by id, not by what
    was asked. ``limit`` is what the sets were opened with. Raises UserError where a question has no answer,
    or one id names two of them.
    """
    import pandas as pd

    _check_ids(path, sets)
    check_out(run, path.name)
    rows = {one.name: answer_rows(path, one, texts) for one in sets}
    summaries = {
        one.name: with_coverage(summarise_set(rows[one.name]), one) | {"threshold": {"kind": "none"}}
        for one in sets
    }
    answers = json.dumps(texts, sort_keys=True)
    digest = hashlib.sha256(answers.encode("utf-8", "surrogatepass")).hexdigest()
    used = {one.name: about_set(one) | {"path": set_place(one)} for one in sets}
    manifest = {
        "command": command,
        "model": {"name": path.name, "sha256": None, "answers_sha256": digest},
        "sets": used,
        "lexicon_sha256": sorted({str(u["lexicon_sha256"]) for u in used.values() if u["lexicon_sha256"]}),
        "seeds": {"model": 0},
        "configuration": {"threshold": "none", "limit": limit, "arms": [MAIN]},
        **provenance("none: final answers"),
    }
    scores = pd.concat(list(rows.values()), ignore_index=True)
    write_run(run, manifest, (), scores, {"model": path.name, "sets": summaries})
    return {"model": path.name, "predictions": str(path), "run": str(run), "sets": summaries}


def answer_rows(path: Path, one: EvaluationSet, texts: Mapping[str, str]) -> pd.DataFrame:
    """Return the score rows of final answers, ``{id: text}`` of the file ``path``, to a set itself.

    Raises UserError where a question has no answer.
    """
    _check_whole(path, one, texts)
    alone = EvaluationSet(one.name, {MAIN: one.arms[MAIN]}, ())
    return score_set(
        alone, lambda q: Prediction(q.id, texts[q.id], 0.0), single(0.0, "none"), model=path.name, seed=0
    )


def _check_ids(path: Path, sets: Sequence[EvaluationSet]) -> None:
    """Raise UserError where one id is two questions in two sets: the one answer would be scored as both.

    Every built set calls its variants ``<id>#1`` and so on, so most pairs of sets do.
    """
    if len(sets) < 2:  # in one set an id stands once
        return
    seen: dict[str, tuple[str, str]] = {}
    for one in sets:
        main = one.arms[MAIN]
        for question in chain(main.original, main.perturbed):
            key = content_key(question.text, question.context)
            name, before = seen.setdefault(question.id, (one.name, key))
            if key != before:
                raise UserError(
                    f"{path}: {question.id!r} names one question in {name} and another in {one.name}, so one "
                    "answer cannot do for both; give a predictions file per set, in a command each"
                )


def _check_whole(path: Path, one: EvaluationSet, texts: Mapping[str, str]) -> None:
    main = one.arms[MAIN]
    wanted = [q.id for q in (*main.original, *main.perturbed)]
    missing = [identifier for identifier in wanted if identifier not in texts]
    if missing:
        raise UserError(
            f"{path}: {len(missing)} of the {len(wanted)} questions of {one.name} have no answer, the "
            f"first is {missing[0]!r}; expected one for every id, perturbed ones too"
        )
