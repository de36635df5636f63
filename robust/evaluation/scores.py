"""Scores for every question: the rows of ``scores.parquet``, from which every figure is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.reader.cache import content_key
from robust.reader.threshold import NEVER, Thresholds, cross_fit, fold_of
from robust.squad.metric import score
from robust.squad.packed import Sources
from robust.squad.records import Question

if TYPE_CHECKING:
    import pandas as pd

    from robust.reader.decode import Prediction

CLEAN, PERTURBED = "clean", "perturbed"
# questions whose rows are in memory together
_PART = 1 << 15


def fit_thresholds(questions: Sequence[Question], predict: Callable[[Question], Prediction]) -> Thresholds:
    """Return thresholds cross-fitted on clean questions, for the highest exact match."""
    predictions = [predict(q) for q in questions]
    spans = score(questions, {q.id: p.text for q, p in zip(questions, predictions, strict=True)})
    odds = np.asarray([p.null_odds for p in predictions])
    return cross_fit([q.article for q in questions], odds, spans.em, spans.answerable)


def score_set(
    found: EvaluationSet,
    predict: Callable[[Question], Prediction],
    thresholds: Thresholds,
    *,
    model: str,
    seed: int,
) -> pd.DataFrame:
    """Return the score rows of a set, one for each question of each arm and condition.

    ``predict`` gives the prediction of a question. Columns: model, seed, set, arm, condition (clean or
    perturbed), key (of the question and its context, as in predictions.parquet), id, original_id,
    article, paragraph_id, answerable, prediction (what is answered, "" where it abstains), em, f1,
    span_text, span_em, span_f1 (the best span, null switched off), abstained, null_odds, threshold, fold.
    Scores are in [0, 1]; the clusters are the original question's. Where predictions are final
    (thresholds of kind none) the span columns, null_odds and threshold are empty. Where another answer is
    right than before, or none, there are as well: expected (abstain or other), and of perturbed questions
    kept and span_kept (whether the answer, or the best span, is one of the old answers).
    """
    import pandas as pd

    parts = score_parts(found, predict, thresholds, model=model, seed=seed)
    return pd.concat(list(parts), ignore_index=True)


def score_parts(
    found: EvaluationSet,
    predict: Callable[[Question], Prediction],
    thresholds: Thresholds,
    *,
    model: str,
    seed: int,
) -> Iterator[pd.DataFrame]:
    """Yield the rows that ``score_set`` returns, some thousand at a time."""
    empty = True
    for arm_name, arm in found.arms.items():
        known = Sources(arm.original)
        for condition, questions in ((CLEAN, arm.original), (PERTURBED, arm.perturbed)):
            for first in range(0, len(questions), _PART):
                empty = False
                asked = questions[first : first + _PART]
                sources = asked if condition == CLEAN else [_source(q, arm, known) for q in asked]
                frame = _rows(asked, sources, [predict(q) for q in asked], thresholds)
                if arm.expected != "same":
                    frame = frame.assign(expected=arm.expected, kept=np.nan, span_kept=np.nan)
                    if condition == PERTURBED:
                        frame["kept"] = _keeps(frame["prediction"], sources)
                        if thresholds.kind != "none":
                            frame["span_kept"] = _keeps(frame["span_text"], sources)
                for column, value in (
                    ("condition", condition),
                    ("arm", arm_name),
                    ("set", found.name),
                    ("seed", seed),
                    ("model", model),
                ):
                    frame.insert(0, column, value)
                yield frame
    if empty:
        raise UserError(f"{found.name}: no questions to score; loosen --limit or build the set again")


def rows_of_sets(
    sets: Sequence[EvaluationSet],
    predict: Callable[[Question], Prediction],
    thresholds: Mapping[str, Thresholds],
    *,
    model: str,
    seed: int,
) -> Iterator[pd.DataFrame]:
    """Yield the rows of several sets, some thousand at a time, all with the columns that any of them has."""
    changed = any(arm.expected != "same" for one in sets for arm in one.arms.values())
    for one in sets:
        for part in score_parts(one, predict, thresholds[one.name], model=model, seed=seed):
            if changed and "expected" not in part:
                yield part.assign(expected=None, kept=np.nan, span_kept=np.nan)
            else:
                yield part


def _source(variant: Question, arm: Arm, known: Sources) -> Question:
    """Return the question that a variant was made from."""
    found = known.find(arm.variant_of[variant.id])
    if found is None:
        raise KeyError(variant.id)
    return found[1]


def _rows(
    questions: Sequence[Question],
    sources: Sequence[Question],
    predictions: Sequence[Prediction],
    thresholds: Thresholds,
) -> pd.DataFrame:
    import pandas as pd

    final = thresholds.kind == "none"
    limit = [NEVER if final else thresholds.of(q.article) for q in sources]
    odds = [p.null_odds for p in predictions]
    texts = [
        "" if value > bound else p.text for p, value, bound in zip(predictions, odds, limit, strict=True)
    ]
    whole = score(questions, {q.id: text for q, text in zip(questions, texts, strict=True)})
    spans = score(questions, {q.id: p.text for q, p in zip(questions, predictions, strict=True)})
    empty = np.full(len(questions), np.nan)
    return pd.DataFrame(
        {
            "key": [content_key(q.text, q.context) for q in questions],
            "id": [q.id for q in questions],
            "original_id": [q.id for q in sources],
            "article": [q.article for q in sources],
            "paragraph_id": [q.paragraph_id for q in sources],
            "answerable": whole.answerable,
            "prediction": texts,
            "em": whole.em,
            "f1": whole.f1,
            "abstained": whole.abstained,
            "span_text": "" if final else [p.text for p in predictions],
            "span_em": empty if final else spans.em,
            "span_f1": empty if final else spans.f1,
            "null_odds": empty if final else odds,
            "threshold": empty if final else limit,
            "fold": [fold_of(q.article) for q in sources],
        }
    )


def _keeps(texts: Iterable[str], sources: Sequence[Question]) -> NDArray[np.float64]:
    """Return 1 where a text is one of the answers of the question as it was, by the official metric."""
    asked = [replace(q, id=str(k)) for k, q in enumerate(sources)]
    exact = score(asked, {str(k): text for k, text in enumerate(texts)}).em
    return np.asarray(exact, dtype=np.float64)


def arms_of(frame: pd.DataFrame) -> list[str]:
    """Return the arms in a set's rows, the set itself first."""
    return sorted(frame["arm"].unique(), key=lambda name: (name != MAIN, name))
