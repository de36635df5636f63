"""The official SQuAD 2.0 metric: exact match, F1, and the best no-answer thresholds.

The rules are those of the official ``evaluate-v2.0.py`` (Rajpurkar, Jia & Liang 2018,
https://rajpurkar.github.io/SQuAD-explorer/), to the last digit: answers are lower-cased, then lose ASCII
punctuation, then the articles a, an, the, then superfluous white space; F1 counts tokens as a multiset;
a question's score is the best over its gold answers; no gold answer means the empty one. Questions in
Chinese, of which SQuAD has none, are compared by characters (`robust.squad.chinese`).
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.squad import chinese
from robust.squad.records import Question

_ARTICLES = re.compile(r"\b(a|an|the)\b", re.UNICODE)
_ARTICLE_WORDS = frozenset(("a", "an", "the"))
_NO_PUNCTUATION = {ord(mark): None for mark in string.punctuation}


@lru_cache(maxsize=1 << 17)
def _tokens(text: str) -> tuple[str, ...]:
    bare = text.lower().translate(_NO_PUNCTUATION)
    if bare.isascii() and bare.isprintable():
        # Only letters, digits and spaces are left, so a word boundary is the edge of a token.
        return tuple(word for word in bare.split() if word not in _ARTICLE_WORDS)
    return tuple(_ARTICLES.sub(" ", bare).split())


def normalise_answer(s: str) -> str:
    """Return ``s`` as it is compared: in lower case, without punctuation and articles, single-spaced."""
    return " ".join(_tokens(s))


def normaliser(question: str) -> Callable[[str], str]:
    """Return what gives answers to ``question`` the form in which `score` compares them, words single-spaced.

    `normalise_answer`; of a question in Chinese its segments, of which each character is one.
    """
    return chinese.normalise if chinese.is_chinese(question) else normalise_answer


def exact_match(gold: str, pred: str) -> int:
    """Return 1 where the two answers are the same after normalising, else 0."""
    return int(_tokens(gold) == _tokens(pred))


def f1(gold: str, pred: str) -> float:
    """Return the harmonic mean of token precision and recall, in [0, 1]; 1 where both are empty."""
    return _f1(_tokens(gold), _tokens(pred))


def _f1(gold: tuple[str, ...], pred: tuple[str, ...]) -> float:
    if gold == pred:
        return 1.0
    if not gold or not pred:
        return 0.0
    # A dictionary of what is left of the gold answer: some ten times quicker than two Counters.
    left: dict[str, int] = {}
    for token in gold:
        left[token] = left.get(token, 0) + 1
    same = 0
    for token in pred:
        count = left.get(token, 0)
        if count:
            left[token] = count - 1
            same += 1
    if not same:
        return 0.0
    precision = same / len(pred)
    recall = same / len(gold)
    return 2 * precision * recall / (precision + recall)


@dataclass(frozen=True, slots=True)
class Scores:
    """Per-question scores in question order: all arrays have one entry per question.

    ``em`` and ``f1`` are in [0, 1] (float64); ``answerable`` says that the question has a gold answer,
    ``abstained`` that the prediction is the empty string (both bool).
    """

    ids: tuple[str, ...]
    em: NDArray[np.float64]
    f1: NDArray[np.float64]
    answerable: NDArray[np.bool_]
    abstained: NDArray[np.bool_]


def score(questions: Sequence[Question], predictions: Mapping[str, str]) -> Scores:
    """Return the scores of ``predictions`` (question id to answer text; "" abstains), before any threshold.

    Predictions of other questions are ignored. Raises UserError where a question has no prediction, or a
    prediction is not text.
    """
    _require(questions, predictions, "prediction")
    em = np.zeros(len(questions))
    best_f1 = np.zeros(len(questions))
    abstained = np.zeros(len(questions), dtype=np.bool_)
    for i, question in enumerate(questions):
        text = predictions[question.id]
        if not isinstance(text, str):
            raise UserError(
                f"predictions: question {question.id!r}: found {text!r}, expected the answer's text"
            )
        abstained[i] = not text
        cut, likeness = (
            (chinese.segments, chinese.f1) if chinese.is_chinese(question.text) else (_tokens, _f1)
        )
        pred = cut(text)
        golds = {tokens for answer in question.answers if (tokens := cut(answer.text))} or {()}
        if pred in golds:
            em[i] = best_f1[i] = 1.0
        else:
            best_f1[i] = max(likeness(gold, pred) for gold in golds)
    answerable = np.fromiter((bool(q.answers) for q in questions), dtype=np.bool_, count=len(questions))
    return Scores(tuple(q.id for q in questions), em, best_f1, answerable, abstained)


def official(
    questions: Sequence[Question],
    predictions: Mapping[str, str],
    null_odds: Mapping[str, float] | None = None,
    threshold: float = 1.0,
) -> dict[str, float]:
    """Return what the official script prints for these predictions: percentages, totals, best thresholds.

    ``null_odds`` (question id to the score of "no answer") turns every answer whose odds are above
    ``threshold`` into an abstention, and adds ``best_exact``, ``best_exact_thresh``, ``best_f1`` and
    ``best_f1_thresh``, the official script's oracle. Questions of equal odds are taken in the order of
    ``null_odds``, as its stable sort does. Keys of an empty half (HasAns or NoAns) are left out.
    Raises UserError where a question has no prediction or no null odds.
    """
    raw = score(questions, predictions)
    exact, f1_scores = raw.em, raw.f1
    if null_odds is not None:
        _require(questions, null_odds, "null odds")
        refused = np.array([null_odds[i] > threshold for i in raw.ids], dtype=np.bool_)
        exact = np.where(refused, ~raw.answerable, exact)
        f1_scores = np.where(refused, ~raw.answerable, f1_scores)
    result: dict[str, float] = {}
    everything = np.ones(len(raw.ids), dtype=np.bool_)
    for prefix, mask in (("", everything), ("HasAns_", raw.answerable), ("NoAns_", ~raw.answerable)):
        if total := int(mask.sum()):
            result[f"{prefix}exact"] = 100.0 * math.fsum(exact[mask]) / total
            result[f"{prefix}f1"] = 100.0 * math.fsum(f1_scores[mask]) / total
            result[f"{prefix}total"] = total
    if null_odds is not None and result:
        for name, values in (("exact", raw.em), ("f1", raw.f1)):
            result[f"best_{name}"], result[f"best_{name}_thresh"] = _best_threshold(raw, values, null_odds)
    return result


def _best_threshold(
    raw: Scores, values: NDArray[np.float64], null_odds: Mapping[str, float]
) -> tuple[float, float]:
    """Return (best score in percent, threshold): ``find_best_thresh`` of the official script.

    Starting from abstaining everywhere, questions are answered in the order of rising null odds; the
    threshold is the odds at which the running sum first reaches its maximum (0 if it never rises).
    """
    place = {question_id: i for i, question_id in enumerate(raw.ids)}
    best = current = float((~raw.answerable).sum())
    best_threshold = 0.0
    for question_id in sorted(null_odds, key=lambda key: null_odds[key]):
        i = place.get(question_id)
        if i is None:
            continue
        if raw.answerable[i]:
            current += float(values[i])
        elif not raw.abstained[i]:
            current -= 1.0
        if current > best:
            best, best_threshold = current, null_odds[question_id]
    return 100.0 * best / len(raw.ids), float(best_threshold)


def _require(questions: Sequence[Question], mapping: Mapping[str, object], what: str) -> None:
    missing = [q.id for q in questions if q.id not in mapping]
    if missing:
        raise UserError(
            f"predictions: {len(missing)} of {len(questions)} questions have no {what}, the first is "
            f"{missing[0]!r}; score the data set that the predictions were made for"
        )
