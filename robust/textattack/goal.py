"""The goal of an attack on a reader: a question whose answer was right, and is wrong now.

Right and wrong are the official metric's, abstention included: a reader abstains where its null odds are
above its threshold, and that is the right answer to a question without one. TextAttack has no goal for such
readers (its issues 261, 529, 548, 597, 637 and 639 ask for one).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from robust.errors import UserError
from robust.reader.decode import Prediction
from robust.reader.threshold import Thresholds
from robust.squad.metric import exact_match, f1, normalise_answer
from robust.squad.records import Question
from robust.textattack.dataset import QuestionDataset
from robust.textattack.library import textattack
from robust.textattack.reader import ReaderWrapper

Guide = Literal["loss", "f1"]
Wrong = Literal["exact", "f1"]
# a margin that no reader reaches: where one side has no span at all
_FAR = 30.0


class WrongAnswer(textattack.goal_functions.GoalFunction):
    """Untargeted: the answer becomes wrong.

    ``wrong``: by exact match (0), or by F1 (0: not a word is right any more). ``guide``: what the search
    climbs, in [0, 1]: ``loss`` is the chance of a wrong answer in a choice between the gold span and its best
    rival (the logistic of their distance, over 0.5 where the answer is wrong), from the reader's n-best list;
    ``f1`` is 1 - F1, all that is known of a black box. ``thresholds`` say where it abstains; None: its
    answers are final, and such are searched by F1 alone.
    """

    def __init__(
        self,
        reader: ReaderWrapper,
        dataset: QuestionDataset,
        *,
        thresholds: Thresholds | None = None,
        guide: Guide = "loss",
        wrong: Wrong = "exact",
        **how: Any,
    ) -> None:
        # TextAttack warns of a goal that it does not know, whatever the model
        textattack.shared.validators.MODELS_BY_GOAL_FUNCTION.setdefault(type(self), [".*"])
        super().__init__(reader, **{"model_batch_size": max(32, reader.batch), **how})
        self.dataset = dataset
        self.thresholds = thresholds
        self.guide = guide
        self.wrong = wrong

    @property
    def question(self) -> Question:
        """The question under attack: what is right is its id."""
        return self.dataset.questions[self.ground_truth_output]

    def answer(self, found: Prediction) -> str:
        """Return the final answer, "" where the reader abstains; UserError where that cannot be told."""
        if self.thresholds is None:
            if found.text and not math.isnan(found.null_odds):
                raise UserError(
                    f"{self.model.name}: gives null odds; say where it abstains, as with --threshold 0"
                )
            return found.text
        over = not math.isnan(found.null_odds) and found.null_odds > self._threshold
        return "" if over else found.text

    @property
    def _threshold(self) -> float:
        return self.thresholds.of(self.question.article) if self.thresholds is not None else 0.0

    def _is_goal_complete(self, model_output: Prediction, attacked_text: Any) -> bool:
        return self._is_wrong(model_output)

    def _is_wrong(self, found: Prediction) -> bool:
        answer = self.answer(found)
        measure = exact_match if self.wrong == "exact" else f1
        return max(measure(gold, answer) for gold in golds(self.question)) == 0

    def _get_score(self, model_output: Prediction, attacked_text: Any) -> float:
        if self.guide == "f1" or self.thresholds is None:
            return 1.0 - max(f1(gold, self.answer(model_output)) for gold in golds(self.question))
        margin = loss(model_output, self.question, self._threshold, null_alone=self.model.null_alone)
        # beyond 30 a float holds no difference to 1 any more
        chance = 1 / (1 + math.exp(-max(-_FAR, min(_FAR, margin))))
        # the answer decides: the list holds texts once, and n_best of them
        return max(chance, 0.5) if self._is_wrong(model_output) else min(chance, 0.5)

    def _get_displayed_output(self, raw_output: Prediction) -> str:
        return self.answer(raw_output) or "(abstains)"

    def _goal_function_result_type(self) -> Any:
        return textattack.goal_function_results.TextToTextGoalFunctionResult

    def _process_model_outputs(self, inputs: Any, outputs: Sequence[Prediction]) -> Sequence[Prediction]:
        return outputs

    def extra_repr_keys(self) -> list[str]:
        """Return what TextAttack prints of a goal."""
        return [*super().extra_repr_keys(), "guide", "wrong"]


def golds(question: Question) -> tuple[str, ...]:
    """Return the gold answers; ``("",)`` where the right answer is to abstain."""
    return tuple(answer.text for answer in question.answers) or ("",)


def loss(found: Prediction, question: Question, threshold: float, *, null_alone: bool = False) -> float:
    """Return by how much a rival beats the gold answer, in units of the reader's scores; above 0 it is wrong.

    Answerable: the better of the best wrong span and of abstaining, less the best span that the metric takes
    for a gold answer; unanswerable: the best span less abstaining. A gold span that is not in the n-best
    list counts as its last. ``null_alone``: null odds are a logit of their own, not weighed against spans.
    """
    if not found.n_best:
        return _FAR if question.answers else -_FAR
    best = found.n_best[0].score
    beyond = found.null_odds - threshold  # of the null score, over the best span's unless it stands alone
    right = {normalise_answer(gold) for gold in golds(question)}
    if not question.answers:
        return -beyond
    gold = max(
        (one.score for one in found.n_best if normalise_answer(one.text) in right),
        default=found.n_best[-1].score,
    )
    rival = max(
        (one.score for one in found.n_best if normalise_answer(one.text) not in right), default=-math.inf
    )
    return max(rival - gold, beyond if null_alone else best + beyond - gold)
