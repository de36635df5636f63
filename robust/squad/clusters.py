"""Which article and paragraph a question belongs to: the clusters that statistics resample.

A perturbed copy belongs to the clusters of the question it was made from, which its id names:
``<id>#<k>`` (our variants), ``<id>-high-conf`` and ``<id>-high-conf-turk<N>`` (Jia & Liang 2017).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from robust.squad.records import Question

_COPY = re.compile(r"(?P<original>.+?)(?:-(?:high|low)-conf(?:-turk\d+)?)?(?:#\d+)?", re.DOTALL)


def original_id(question_id: str) -> str:
    """Return the id of the question that this one is a perturbed copy of; its own id where it is none."""
    if "#" not in question_id and "-conf" not in question_id:
        return question_id
    match = _COPY.fullmatch(question_id)
    return match["original"] if match else question_id


class ArticleNames:
    """Unique article names for one file: the title, or ``title (2)`` and so on where titles repeat."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def next(self, title: str) -> str:
        """Return the name that ``take`` would give."""
        name, number = title, 1
        while name in self._used:
            number += 1
            name = f"{title} ({number})"
        return name

    def take(self, title: str) -> str:
        """Return a name not given before in this file."""
        name = self.next(title)
        self._used.add(name)
        return name


def paragraph_name(article: str, number: int) -> str:
    """Return the paragraph's id from its article's name and its place there (from 1)."""
    return f"{article}:{number}"


def inherit(questions: Sequence[Question], fixed: set[str]) -> list[Question]:
    """Return the questions with perturbed copies moved into their originals' clusters.

    Copies whose original is not among the questions keep their own; so do those whose id is in ``fixed``
    (the file says outright which clusters they are in).
    """
    by_id = {question.id: question for question in questions}

    def placed(question: Question) -> Question:
        original = by_id.get(original_id(question.id), question)
        if original is question or question.id in fixed:
            return question
        return replace(question, article=original.article, paragraph_id=original.paragraph_id)

    return [placed(question) for question in questions]
