"""What a reader is fine-tuned on: which questions, which are held out, and in what batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from robust.squad.metric import normaliser
from robust.squad.records import Question

# Batches are formed inside pools of this many: enough to sort by length, few enough to shuffle.
POOL = 50


def question_bytes(question: Question) -> bytes:
    """Return everything of a question that training reads, for a hash of the data."""
    golds = [(a.text, a.start) for a in question.answers]
    return json.dumps([question.id, question.text, question.context, golds]).encode()


def _order(seed: int, *parts: str) -> str:
    return hashlib.sha256("\0".join([str(seed), *parts]).encode()).hexdigest()


def hold_out(
    questions: Sequence[Question], share: float, *, seed: int
) -> tuple[list[Question], list[Question]]:
    """Return (training, held-out) questions; whole articles are held out, about ``share`` of them.

    Which ones depends on ``seed`` and the articles' names alone.
    """
    articles = sorted({q.article for q in questions}, key=lambda a: _order(seed, "hold-out", a))
    count = min(len(articles) - 1, max(1, round(share * len(articles)))) if share > 0 else 0
    held = set(articles[:count])
    return [q for q in questions if q.article not in held], [q for q in questions if q.article in held]


def sample(questions: Sequence[Question], limit: int, *, seed: int) -> list[Question]:
    """Return ``limit`` of the questions (all where there are fewer), chosen by a hash of their ids."""
    if len(questions) <= limit:
        return list(questions)
    chosen = sorted(range(len(questions)), key=lambda i: _order(seed, "sample", questions[i].id))[:limit]
    return [questions[i] for i in sorted(chosen)]


def add_unanswerable(questions: Sequence[Question], share: float, *, seed: int) -> list[Question]:
    """Return the questions plus enough made-up unanswerable ones to reach ``share`` of the whole.

    A made-up one asks an answerable question of another paragraph of the same article, one that does not
    contain any of its answers. Their ids end in ``~other``. Where the share is reached already, or the
    articles have a single paragraph each, nothing (more) is added.
    """
    wanted = round((share * len(questions) - sum(not q.answerable for q in questions)) / (1 - share))
    contexts: dict[str, dict[str, str]] = {}
    for q in questions:
        # a variant may have rewritten its paragraph, and stands behind its original
        contexts.setdefault(q.article, {}).setdefault(q.paragraph_id, q.context)
    normalised: dict[tuple[Callable[[str], str], str], str] = {}
    made: list[Question] = []
    answerable = sorted(
        (q for q in questions if q.answerable), key=lambda q: _order(seed, "unanswerable", q.id)
    )
    for q in answerable:
        if len(made) >= wanted:
            break
        normal = normaliser(q.text)
        golds = [f" {normal(a.text)} " for a in q.answers]
        others = sorted(
            (p for p in contexts[q.article] if p != q.paragraph_id),
            key=lambda p: _order(seed, "paragraph", q.id, p),
        )
        for p in others:
            if (normal, p) not in normalised:
                normalised[normal, p] = f" {normal(contexts[q.article][p])} "
            if not any(gold in normalised[normal, p] for gold in golds):
                made.append(
                    replace(
                        q,
                        id=f"{q.id}~other",
                        context=contexts[q.article][p],
                        answers=(),
                        answerable=False,
                        paragraph_id=p,
                    )
                )
                break
    return [*questions, *made]


def epoch_batches(
    lengths: NDArray[np.int64], batch: int, *, seed: int, epoch: int
) -> list[NDArray[np.int64]]:
    """Return the batches of an epoch: arrays of window indices, every window once.

    Windows are shuffled, sorted by length inside pools of ``POOL`` batches (so that little is padded),
    and the batches shuffled again. Depends on the arguments alone.
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    batches: list[NDArray[np.int64]] = []
    for first in range(0, len(order), batch * POOL):
        pool = order[first : first + batch * POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + batch] for i in range(0, len(pool), batch)]
    return [batches[i] for i in generator.permutation(len(batches))]
