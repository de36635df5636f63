"""SQuAD questions as TextAttack has data: two columns, question and context, and the id as what is right.

TextAttack knows texts only. What belongs to a question (its gold answers, what must not be touched) is found
again by the text that an attack set out from.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.errors import UserError
from robust.squad.records import Question
from robust.textattack.library import textattack

QUESTION, CONTEXT = "question", "context"
COLUMNS = [QUESTION, CONTEXT]


class QuestionDataset(textattack.datasets.Dataset):
    """Questions as a TextAttack data set; those that it could not lay out are in ``refused``: id -> reason.

    ``scorers`` are the models that our attacks and constraints may ask.
    """

    def __init__(self, questions: Sequence[Question], scorers: Scorers = NO_SCORERS) -> None:
        self.refused = {q.id: reason for q in questions if (reason := refusal(q))}
        fit = [question for question in questions if question.id not in self.refused]
        self.questions = {question.id: question for question in fit}
        self._ids = {(question.text, question.context): question.id for question in reversed(fit)}
        self._scene = lru_cache(maxsize=64)(lambda name: Scene(self.questions[name], scorers=scorers))
        super().__init__([((q.text, q.context), q.id) for q in fit], input_columns=COLUMNS)

    def question(self, text: Any) -> Question:
        """Return the question that an AttackedText was made of; UserError where it is none of these.

        Two questions of the same words on one paragraph are taken for the first.
        """
        columns = original(text).tokenizer_input
        found = self._ids.get(columns) if isinstance(columns, tuple) else None
        if found is None:
            raise UserError(
                f"textattack: {str(columns)[:60]!r} is no text of this data set; expected a question of it"
            )
        return self.questions[found]

    def scene(self, text: Any) -> Scene:
        """Return the question that an AttackedText was made of, laid out."""
        scene: Scene = self._scene(self.question(text).id)
        return scene


def refusal(question: Question) -> str:
    """Return why TextAttack cannot take the question; "" where it can."""
    split = textattack.shared.AttackedText.SPLIT_TOKEN
    if split in question.text or split in question.context:
        return f"question: holds {split}, which TextAttack puts between columns"
    if not textattack.shared.utils.words_from_text(question.text):
        return "question: nothing to edit"
    return ""


def original(text: Any) -> Any:
    """Return the AttackedText that ``text`` was made of, step by step; itself where it was not edited."""
    while "previous_attacked_text" in text.attack_attrs:
        text = text.attack_attrs["previous_attacked_text"]
    return text


def columns(text: Any) -> tuple[str, str]:
    """Return question and context of an AttackedText."""
    question, context = text.tokenizer_input
    return question, context
