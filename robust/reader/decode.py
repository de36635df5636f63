"""From start and end logits to answers: spans over all windows, the null score, n-best lists.

The scheme is that of BERT's SQuAD 2.0 code (Devlin et al. 2019): a span's score is the sum of its start
and end logit, the null score is that of the classification token, least over a question's windows, and
``null_odds = null score - best span score``. Spans are searched on the grid of the 20 best starts and 20
best ends of each window, all windows of a batch at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robust.reader.features import OUTSIDE, whole_letter

TOP = 20
# null odds of a question in whose windows no span fits (an empty context)
NO_SPAN = 10_000.0
# null odds are kept on this grid, so that the last bits of a float do not reach files and thresholds
GRID = 1e-2


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer of the n-best list: its text, where it starts in the context, its score."""

    text: str
    start: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A reader's answer to one question.

    ``null_odds`` says how much rather the reader would give no answer (higher: rather none); an answer whose
    null odds lie above the threshold counts as abstention. Our own readers leave that to the threshold:
    ``text`` is their best span, empty only where no span fits the context. A reader of the user's own may
    abstain itself, with an empty ``text``, and without null odds (NaN) its answers are final.
    ``n_best`` holds distinct texts, best first.
    """

    id: str
    text: str
    null_odds: float
    n_best: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowSpans:
    """The best spans of one window: parallel arrays, best first, and the window's null score.

    ``starts`` and ``ends`` are code-point offsets in the context (end exclusive); ``peak`` is the largest
    absolute logit, the scale against which rounding errors are judged. Where only a beam of starts was
    searched, ``edge`` bounds what any other start could have scored and ``margin`` says by how much the
    next start missed the beam. ``target`` is the best score of the spans that were asked for by name,
    searched or not (-inf: none was, or none is in the window).
    """

    scores: NDArray[np.float32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    null: float
    peak: float
    margin: float = np.inf
    edge: float = -np.inf
    target: float = -np.inf


def decode_windows(
    start_logits: NDArray[np.float32],
    end_logits: NDArray[np.float32],
    offsets: Sequence[NDArray[np.int32]],
    *,
    max_answer: int = 30,
    n_best: int = 20,
) -> list[WindowSpans]:
    """Return the best spans of each window of a batch.

    The logits have shape (windows, tokens), padded at the right; ``offsets`` gives each window's own
    token offsets, shape (its tokens, 2), ``OUTSIDE`` for tokens that are no context. A span has at most
    ``max_answer`` tokens. Equal scores are ordered by start, then by end.
    """
    windows, length = start_logits.shape
    spans = np.full((windows, length, 2), OUTSIDE, dtype=np.int32)
    for row, own in enumerate(offsets):
        spans[row, : len(own)] = own
    # a token without width (a lone word mark) may begin an answer, as it does in readers trained elsewhere
    may_start, may_end = spans[:, :, 0] != OUTSIDE, spans[:, :, 1] > spans[:, :, 0]
    starts = _top(np.where(may_start, start_logits, -np.inf))
    ends = _top(np.where(may_end, end_logits, -np.inf))
    rows = np.arange(windows)[:, None]
    grid = start_logits[rows, starts][:, :, None] + end_logits[rows, ends][:, None, :]
    distance = ends[:, None, :] - starts[:, :, None]
    fits = (distance >= 0) & (distance < max_answer)
    fits &= may_start[rows, starts][:, :, None] & may_end[rows, ends][:, None, :]
    grid = np.where(fits, grid, -np.inf).reshape(windows, -1).astype(np.float32)
    order = np.argsort(-grid, axis=1, kind="stable")[:, :n_best]
    best = np.take_along_axis(grid, order, axis=1)
    first, last = starts[rows, order // ends.shape[1]], ends[rows, order % ends.shape[1]]
    begin, end = spans[rows, first, 0], spans[rows, last, 1]
    null = start_logits[:, 0].astype(np.float64) + end_logits[:, 0]
    found = np.isfinite(best)
    peak = [
        max(np.abs(logits[w, : len(own)]).max() for logits in (start_logits, end_logits))
        for w, own in enumerate(offsets)
    ]
    return [
        WindowSpans(best[w, found[w]], begin[w, found[w]], end[w, found[w]], float(null[w]), float(peak[w]))
        for w in range(windows)
    ]


def decode_beam(
    starts: NDArray[np.int64],
    scores: NDArray[np.float32],
    null: NDArray[np.float32],
    offsets: Sequence[NDArray[np.int32]],
    *,
    peak: NDArray[np.float32],
    margin: NDArray[np.float32],
    edge: NDArray[np.float32],
    n_best: int = 20,
) -> list[WindowSpans]:
    """Return the best spans of each window from a joint head's beam (``zoo.electra_head.Beam``).

    Equal scores are ordered by start, then by end.
    """
    width = scores.shape[2]
    flat = scores.reshape(len(scores), -1)
    order = np.argsort(-flat, axis=1, kind="stable")[:, :n_best]
    found = []
    for w, own in enumerate(offsets):
        chosen = order[w][np.isfinite(flat[w, order[w]])]
        first = starts[w, chosen // width]
        last = first + chosen % width
        found.append(
            WindowSpans(
                flat[w, chosen],
                own[first, 0],
                own[last, 1],
                float(null[w]),
                float(peak[w]),
                float(margin[w]),
                float(edge[w]),
            )
        )
    return found


def span_scores(
    start_logits: NDArray[np.float32], end_logits: NDArray[np.float32], wanted: Sequence[NDArray[np.int64]]
) -> list[float]:
    """Return the best score of each window's ``wanted`` spans (first and last tokens), -inf for none."""
    return [
        float((start_logits[w, own[:, 0]] + end_logits[w, own[:, 1]]).max()) if len(own) else -np.inf
        for w, own in enumerate(wanted)
    ]


def beam_scores(
    starts: NDArray[np.int64],
    scores: NDArray[np.float32],
    edge: NDArray[np.float32],
    wanted: Sequence[NDArray[np.int64]],
) -> list[float]:
    """Return what ``span_scores`` does, of a joint head's beam.

    A span that begins outside the beam has ``edge``, which is more than it could have scored.
    """
    found = []
    for w, own in enumerate(wanted):
        places = {int(start): k for k, start in enumerate(starts[w])}
        known = [
            float(scores[w, places[int(i)], j - i]) if int(i) in places else float(edge[w])
            for i, j in own
            if j - i < scores.shape[2]
        ]
        found.append(max(known, default=-np.inf))
    return found


def _top(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the positions of the ``TOP`` highest logits of each row, in order of position.

    In order of position, so that a stable sort of the grid breaks ties by start, then by end.
    """
    if logits.shape[1] > TOP:
        kept = np.argsort(-logits, axis=1, kind="stable")[:, :TOP]
    else:
        kept = np.broadcast_to(np.arange(logits.shape[1]), logits.shape)
    return np.sort(kept, axis=1)


def assemble(
    identifier: str,
    context: str,
    windows: Sequence[WindowSpans],
    *,
    n_best: int = 20,
    null_alone: bool = False,
) -> Prediction:
    """Return the prediction for a question from the spans of all its windows.

    With ``null_alone`` the null odds are the null score itself: a head that has a logit for "no answer"
    does not weigh it against the best span.

    Answers are cut from ``context`` as it is and stripped of white space at their ends (sentencepiece
    offsets carry leading spaces). Of equal texts the best is kept.
    """
    ranked = sorted((-score, start, end) for window in windows for score, start, end in _triples(window))
    distinct: dict[str, tuple[int, float]] = {}
    for negative, start, end in ranked:
        piece = context[start : whole_letter(context, end)]
        text = piece.strip()
        if text and text not in distinct:
            distinct[text] = start + len(piece) - len(piece.lstrip()), -negative
            if len(distinct) == n_best:
                break
    if not distinct:
        return Prediction(identifier, "", NO_SPAN)
    best, (_, best_score) = next(iter(distinct.items()))
    odds = min(window.null for window in windows) - (0.0 if null_alone else best_score)
    kept = tuple(Candidate(text, start, round(score, 3)) for text, (start, score) in distinct.items())
    return Prediction(identifier, best, round(round(odds / GRID) * GRID, 6), kept)


def _triples(window: WindowSpans) -> Iterator[tuple[float, int, int]]:
    """Yield score, start and end of each span as Python's own numbers, which are quicker one by one."""
    return zip(window.scores.tolist(), window.starts.tolist(), window.ends.tolist(), strict=True)


def is_close_call(
    windows: Sequence[WindowSpans], context: str, relative_error: float, *, null_alone: bool = False
) -> bool:
    """Say whether rounding errors in the scores could change the answer or its null odds.

    ``relative_error`` bounds the error of a score, relative to the largest logit. It could where another
    text scores within it of the best, where a start that just missed the beam could have, or where the
    null odds lie within it of the border between two points of their grid.
    """
    scores = [float(w.scores[0]) for w in windows if len(w.scores)]
    if not scores:
        return False
    best = max(scores)
    tolerance = relative_error * max(window.peak for window in windows)
    near = {
        context[start : whole_letter(context, end)].strip()
        for window in windows
        for score, start, end in _triples(window)
        if score >= best - 2 * tolerance
    }
    missed = any(w.margin < 2 * tolerance and w.edge >= best - 2 * tolerance for w in windows)
    odds = (min(window.null for window in windows) - (0.0 if null_alone else best)) / GRID
    border = abs(odds - np.floor(odds) - 0.5) * GRID
    return missed or len(near) > 1 or bool(border < 2 * tolerance)
