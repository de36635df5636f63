"""A stratified sample of questions that does not depend on their order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from robust.squad.records import Question


def stratified_sample(questions: Sequence[Question], limit: int, seed: int) -> list[Question]:
    """Return ``limit`` questions (all, if there are fewer), in their order in ``questions``.

    Strata are article x answerable, each given its share by largest remainder; within a stratum the
    questions with the smallest SHA-256 of seed and id are taken, so that the same ones come whatever the
    order of the file.
    """
    if limit >= len(questions):
        return list(questions)
    strata: dict[tuple[str, bool], list[Question]] = defaultdict(list)
    for question in questions:
        strata[question.article, question.answerable].append(question)
    exact = {key: limit * len(members) / len(questions) for key, members in strata.items()}
    quota = {key: int(share) for key, share in exact.items()}
    # A hash breaks ties, so that no article is favoured for its place in the alphabet.
    by_remainder = sorted(strata, key=lambda key: (quota[key] - exact[key], _digest(seed, repr(key))))
    for key in by_remainder[: limit - sum(quota.values())]:
        quota[key] += 1
    taken = {
        question.id
        for key, members in strata.items()
        for question in sorted(members, key=lambda q: _digest(seed, q.id))[: quota[key]]
    }
    return [question for question in questions if question.id in taken]


def _digest(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}|{text}".encode()).hexdigest()
