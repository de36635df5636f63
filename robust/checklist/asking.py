"""Asking a reader the cases' questions: a loaded one, one of the user's own, or a file of final answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robust.errors import UserError
from robust.evaluation.asked import DistinctQuestions
from robust.evaluation.asking import ask, kept
from robust.home import robust_home
from robust.reader.cache import PredictionCache, content_key
from robust.reader.decode import Prediction
from robust.reader.own.protocol import Reader, settle
from robust.squad.records import Question

if TYPE_CHECKING:
    from robust.reader.predict import PredictSettings
    from robust.zoo.checkpoints import LoadedReader

# a reader without a threshold of its own abstains where "no answer" scores higher than the best span
_EVEN = 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What a reader answered, by question id; ``spans`` and ``threshold`` are None of final ones."""

    name: str
    given: Mapping[str, str]
    spans: Mapping[str, str] | None
    threshold: float | None


def ask_loaded(
    reader: LoadedReader,
    questions: Sequence[Question],
    settings: PredictSettings,
    *,
    threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Answers:
    """Return a loaded reader's answers; its own threshold, or 0, where ``threshold`` is None.

    Predictions are kept under ``$ROBUST_HOME/predictions`` as those of ``robust eval`` are.
    """
    from robust.reader.predict import predict, run_key

    chosen = settings.resolve()
    with PredictionCache(robust_home() / "predictions", run_key(reader, chosen)) as cache:
        found = predict(reader, questions, chosen, cache=cache, lists=False, progress=progress, notice=notice)
    own = reader.settings.null_threshold
    rule = threshold if threshold is not None else own if own is not None else _EVEN
    return _with_threshold(Path(reader.name).name or reader.name, questions, found, rule)


def ask_own(
    reader: Reader,
    questions: Sequence[Question],
    *,
    version: str | None = None,
    threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    notice: Callable[[str], None] | None = None,
) -> Answers:
    """Return the answers of a reader of the user's own, each question asked once; ``version`` as in eval.

    With null odds it abstains above ``threshold`` (None: 0). Raises UserError for a threshold where it gives
    none, and for what is no answer.
    """

    def check(odds: bool | None) -> None:
        if odds is False and threshold is not None:
            raise UserError(
                f"--threshold {threshold:g}: {reader.name} gives no null odds, so its answers are final; "
                "leave it out"
            )

    about = {"name": reader.name, "version": version, "address": getattr(reader, "address", None)}
    with kept(reader, about, version) as cache:
        found = ask(
            reader, DistinctQuestions(questions), cache=cache, check=check, progress=progress, notice=notice
        )
    said = [found[content_key(q.text, q.context)] for q in questions]
    if all(math.isnan(one.null_odds) for one in said):
        return final(reader.name, questions, {q.id: one.text for q, one in zip(questions, said, strict=True)})
    rule = _EVEN if threshold is None else threshold
    return _with_threshold(reader.name, questions, [settle(one) for one in said], rule)


def final(name: str, questions: Sequence[Question], texts: Mapping[str, str]) -> Answers:
    """Return final answers, {id: text}, as those of a file; UserError where a question has none."""
    missing = [q.id for q in questions if q.id not in texts]
    if missing:
        raise UserError(
            f"{name}: {len(missing)} of the {len(questions)} questions have no answer, the first is "
            f"{missing[0]!r}; answer the file that robust checklist --export writes with the same options"
        )
    return Answers(name, {q.id: texts[q.id] for q in questions}, None, None)


def _with_threshold(
    name: str, questions: Sequence[Question], found: Sequence[Prediction], rule: float
) -> Answers:
    spans = {q.id: one.text for q, one in zip(questions, found, strict=True)}
    given = {q.id: "" if one.null_odds > rule else one.text for q, one in zip(questions, found, strict=True)}
    return Answers(name, given, spans, rule)
