"""That the edits do not say the answer: in the question, or once more in the paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited
from robust.squad.metric import normaliser


def answer_leaks(edited: Edited) -> float:
    """Return how many gold answers the question has now and had not, or an added context text has.

    As whole words, in the metric's normal form. Text that an edit only moved was there before.
    """
    question = edited.scene.question
    normal = normaliser(question.text)
    golds = {normal(answer.text) for answer in question.answers} - {""}
    if not golds:
        return 0.0

    def says(text: str, gold: str) -> int:
        return len(_pattern(gold).findall(_normal(normal, text)))

    found = sum(says(edited.question, gold) > says(question.text, gold) for gold in golds)
    if any(edited.of("context")):
        found += sum(says(edited.context, gold) > says(question.context, gold) for gold in golds)
    return float(found)


@lru_cache(maxsize=256)
def _normal(normal: Callable[[str], str], text: str) -> str:
    return normal(text)


@lru_cache(maxsize=4096)
def _pattern(gold: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S){re.escape(gold)}(?!\S)")


KINDS = (
    Kind("answer-leak", answer_leaks, True, 0, "gold answers that stand in the edited question, or once more "
         "in the paragraph"),
)  # fmt: skip
