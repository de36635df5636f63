"""How far a reader is from the gold answer: what guides a search for questions that it gets wrong.

For extractive reading the answer's F1 says nothing until it changes; the scores behind it move with every
word (as in Morpheus, Tan et al. 2020, which climbs the loss of the gold span). The loss here is a margin in
units of the reader's own scores, over all windows of a question:

    answerable:    max(best wrong span, null - threshold) - best gold-consistent span
    unanswerable:  best span - (null - threshold)

where a span is gold-consistent if the official metric takes its text for one of the gold answers, and
``threshold`` is that of the null odds above which the reader abstains. Above 0 the question is answered
wrongly. ELECTRA's joint head does not weigh its logit for "no answer" against spans, so there it is
``max(best wrong span - best gold-consistent span, null - threshold)`` and ``threshold - null``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from robust.reader.decode import GRID, NO_SPAN, WindowSpans, is_close_call
from robust.reader.features import OUTSIDE, Windows, whole_letter
from robust.reader.predict import RELATIVE_ERROR, Engine, PredictSettings, run_key
from robust.reader.threshold import Thresholds
from robust.squad.metric import normalise_answer, normaliser
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader

# Contexts whose gold-consistent spans are remembered: a search asks some hundred times about each.
_REMEMBERED = 4_096
Normaliser = Callable[[str], str]


class ReaderLoss:
    """A reader as a `robust.attack.scorers.GoldLoss`: above 0 where its prediction is wrong, never elsewhere.

    In float32 they do not depend on what else is asked at the same time: they are kept on a grid of 0.01, and
    those that rounding could move are computed once more, alone, as `robust.reader.predict` does.

    The reader moves to its device when the first loss is asked for: until then this can travel to another
    machine, with ``settings`` that leave nothing to choose and no ``notice``.
    """

    def __init__(
        self,
        reader: LoadedReader,
        thresholds: Thresholds,
        settings: PredictSettings | None = None,
        *,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        wanted = settings or PredictSettings(dtype="float32")
        chosen = wanted if wanted.resolved else wanted.resolve()
        self._reader, self._settings, self._notice = reader, chosen, notice
        self._thresholds = thresholds
        self._max_answer = reader.settings.max_answer
        self._known: dict[tuple[object, ...], NDArray[np.int64]] = {}
        about = ["gold-loss/2", run_key(reader, chosen), asdict(thresholds)]
        self.sha256 = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
        """Identifies everything that a loss depends on beside the question."""

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self._reader, self._settings, self._notice)

    def loss(self, questions: Sequence[Question]) -> list[float]:
        """Return for each question how badly the gold answer does: higher is worse, above 0 it is wrong."""
        golds = [gold_texts(question) for question in questions]
        joint = self._engine.joint

        normal = [normaliser(question.text) for question in questions]

        def measure(place: int, found: Sequence[WindowSpans]) -> float:
            question = questions[place]
            threshold = self._thresholds.of(question.article)
            return margin(
                question.context, found, golds[place], threshold, null_alone=joint, normal=normal[place]
            )

        def unsure(place: int, found: list[WindowSpans]) -> bool:
            if is_close_call(found, questions[place].context, RELATIVE_ERROR, null_alone=joint):
                return True
            steps = measure(place, found) / GRID
            border = abs(steps - np.floor(steps) - 0.5) * GRID
            return bool(border < 2 * RELATIVE_ERROR * max(window.peak for window in found))

        def targets(windows: Windows, window: int) -> NDArray[np.int64]:
            place = int(windows.question_index[window])
            offsets, context = windows.offsets[window], questions[place].context
            return self._gold_spans(offsets, context, golds[place], normal[place])

        losses = [0.0] * len(questions)
        for place, found in self._engine.spans(questions, unsure, targets):
            question = questions[place]
            raw = measure(place, found)
            on_grid = round(round(raw / GRID) * GRID, 6)
            threshold = self._thresholds.of(question.article)
            wrong = is_wrong(
                question.context, found, golds[place], threshold, null_alone=joint, normal=normal[place]
            )
            losses[place] = max(on_grid, GRID) if wrong else min(on_grid, 0.0)
        return losses

    def _gold_spans(
        self, offsets: NDArray[np.int32], context: str, golds: frozenset[str], normal: Normaliser
    ) -> NDArray[np.int64]:
        """Return the gold-consistent spans of a window: first and last tokens, of shape (spans, 2)."""
        inside = np.flatnonzero(offsets[:, 0] != OUTSIDE)
        if not len(inside) or golds == {""}:
            return np.empty((0, 2), dtype=np.int64)
        first = int(inside[0])
        # the tokens between are the context's own, whatever the question
        key = (context, golds, normal, *offsets[first].tolist(), *offsets[inside[-1]].tolist(), len(inside))
        if key not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = gold_spans(offsets[inside], context, golds, self._max_answer, normal)
        return self._known[key] + first


def gold_texts(question: Question) -> frozenset[str]:
    """Return the normalised gold answers; ``{""}`` where the right answer is to abstain."""
    normal = normaliser(question.text)
    found = {normal(answer.text) for answer in question.answers} - {""}
    return frozenset(found or {""})


def gold_spans(
    offsets: NDArray[np.int32],
    context: str,
    golds: frozenset[str],
    max_answer: int,
    normal: Normaliser = normalise_answer,
) -> NDArray[np.int64]:
    """Return the spans of tokens whose text the official metric takes for a gold answer: (spans, 2).

    ``offsets`` (tokens, 2) are those of context tokens alone; ``golds`` were normalised by ``normal``.
    """
    longest = max(len(gold.replace(" ", "")) for gold in golds)
    letters = {gold[0] for gold in golds}
    found = []
    for i, (start, _) in enumerate(offsets.tolist()):
        for j in range(i, min(len(offsets), i + max_answer)):
            end = int(offsets[j, 1])
            if end <= offsets[j, 0]:  # without width: no answer ends there
                continue
            text = normal(context[start : whole_letter(context, end)])
            # "a" is an article, "apple" is not: only what cannot be one any more ends the row
            if len(text.replace(" ", "")) > longest or (len(text) > 3 and text[0] not in letters):
                break
            if text in golds:
                found.append((i, j))
    return np.asarray(found, dtype=np.int64).reshape(-1, 2)


def margin(
    context: str,
    windows: Sequence[WindowSpans],
    golds: frozenset[str],
    threshold: float,
    *,
    null_alone: bool = False,
    normal: Normaliser = normalise_answer,
) -> float:
    """Return the loss of the module's head, from the spans of all windows of a question; finite always."""
    ranked = _ranked(context, windows, normal)
    null = min(window.null for window in windows)
    if golds == {""}:
        if not ranked:
            return -NO_SPAN
        return threshold - null if null_alone else ranked[0][0] - null + threshold
    gold = max(window.target for window in windows)
    if not ranked or not np.isfinite(gold):
        return NO_SPAN
    wrong = next((score for score, text in ranked if text not in golds), -NO_SPAN)
    if null_alone:
        return max(wrong - gold, null - threshold)
    return max(wrong, null - threshold) - gold


def is_wrong(
    context: str,
    windows: Sequence[WindowSpans],
    golds: frozenset[str],
    threshold: float,
    *,
    null_alone: bool = False,
    normal: Normaliser = normalise_answer,
) -> bool:
    """Return whether the prediction made of these spans is wrong: by `decode.assemble` and exact match."""
    ranked = _ranked(context, windows, normal)
    if not ranked:  # null odds of NO_SPAN
        return golds != {""}
    odds = min(window.null for window in windows) - (0.0 if null_alone else ranked[0][0])
    if round(round(odds / GRID) * GRID, 6) > threshold:
        return golds != {""}
    return ranked[0][1] not in golds


def _ranked(context: str, windows: Sequence[WindowSpans], normal: Normaliser) -> list[tuple[float, str]]:
    """Return (score, normalised text) of the spans that hold text, best first."""
    ranked = sorted(
        (-score, start, end)
        for window in windows
        for score, start, end in zip(
            window.scores.tolist(), window.starts.tolist(), window.ends.tolist(), strict=True
        )
    )
    pieces = ((-score, context[start : whole_letter(context, end)]) for score, start, end in ranked)
    return [(score, normal(piece)) for score, piece in pieces if piece.strip()]
