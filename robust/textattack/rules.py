"""What must not be touched, as TextAttack's constraints: columns, answer words, our rules, our measures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from robust.attack.constraints import broken, parse
from robust.attack.scene import Scene
from robust.textattack.dataset import COLUMNS, CONTEXT, QuestionDataset, columns, original
from robust.textattack.library import textattack
from robust.textattack.transformation import edits_of
from robust.textattack.words import spans
from robust.words.untouchable import answer_words


def question_only() -> Any:
    """Return the constraint that leaves the context as it is."""
    return textattack.constraints.pre_transformation.InputColumnModification(COLUMNS, {CONTEXT})


class _Protects(textattack.constraints.PreTransformationConstraint):
    """Base of constraints that protect tokens of the untouched question, wherever they stand now."""

    def __init__(self, dataset: QuestionDataset) -> None:
        self.dataset = dataset

    @abstractmethod
    def tokens(self, scene: Scene) -> Iterable[int]:
        """Return the indices of the question's tokens that must stay."""

    def _get_modifiable_indices(self, current_text: Any) -> set[int]:
        scene = self.dataset.scene(current_text)
        kept = [(scene.tokens[i].start, scene.tokens[i].end) for i in self.tokens(scene)]
        first = original(current_text)
        protected = [
            word
            for word, (start, end) in enumerate(spans(scene.question.text, first.words_per_input[0]))
            if any(start < stop and begin < end for begin, stop in kept)
        ]
        now = set(current_text.convert_from_original_idxs(protected))
        return {index for index in range(len(current_text.words)) if index not in now}


class AnswerWords(_Protects):
    """Words of the gold answers stay as they are, in any form."""

    def tokens(self, scene: Scene) -> Iterable[int]:
        """Return the tokens that are answer words."""
        answer = answer_words(tuple(answer.text for answer in scene.question.answers))
        return [i for i, t in enumerate(scene.tokens) if t.lemma in answer or t.text.lower() in answer]


class Untouchable(_Protects):
    """Our rules: no question word, name, number, quotation, stop or answer word, or half of an expression."""

    def tokens(self, scene: Scene) -> Iterable[int]:
        """Return the tokens that `robust.words.untouchable` names."""
        return scene.untouchable


class Keeps(textattack.constraints.Constraint):
    """A constraint of `robust.attack.constraints`, as it is written: ``Keeps("edit-rate<=0.2", dataset)``."""

    def __init__(self, written: str, dataset: QuestionDataset) -> None:
        super().__init__(compare_against_original=True)
        parse(written)  # a wrong one is told of here
        self.written = written
        self.dataset = dataset

    def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
        scene = self.dataset.scene(transformed_text)
        edits = edits_of(transformed_text, columns(original(transformed_text)))
        return not broken((self.written,), scene, edits)

    def extra_repr_keys(self) -> list[str]:
        """Return what TextAttack prints of it."""
        return ["written"]
