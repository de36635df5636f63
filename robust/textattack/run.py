"""A TextAttack attack over questions, one after the other: what came of each, and the figures of them all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from robust.attack.base import Edits
from robust.errors import UserError
from robust.squad.records import Question
from robust.stats.wilson import wilson
from robust.textattack.dataset import QuestionDataset, columns
from robust.textattack.goal import WrongAnswer
from robust.textattack.library import textattack
from robust.textattack.transformation import edits_of

Status = Literal["succeeded", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class TextAttackOutcome:
    """What came of a question.

    ``skipped``: it was answered wrongly as it was. ``edits`` are those of the best text that was found,
    whether that was enough or not; ``before`` and ``after`` are the answers, "" where the reader abstained;
    ``queries`` counts questions put to the reader, the untouched one included, as TextAttack counts them.
    """

    question_id: str
    status: Status
    edits: Edits
    before: str
    after: str
    queries: int


def attack_questions(
    attack: Any,
    dataset: QuestionDataset,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    rejected: Counter[str] | None = None,
) -> list[TextAttackOutcome]:
    """Return what came of each question of the data set, in its order.

    Chance is seeded for each question by itself, so that its outcome does not depend on the others. A
    question that TextAttack fails on is counted in ``rejected`` with the others that it cannot take.
    """
    counted: Counter[str] = Counter() if rejected is None else rejected
    counted.update(dataset.refused.values())
    outcomes = []
    for done, (columns_, question_id) in enumerate(dataset):
        if progress is not None:
            progress(done, len(dataset))
        textattack.shared.utils.set_seed(_seed(seed, question_id))
        try:
            result = attack.attack(columns_, question_id)
        except (AssertionError, IndexError, KeyError, ValueError) as error:
            if not _is_its_own(error):
                raise
            counted[f"question: TextAttack cannot lay it out ({type(error).__name__})"] += 1
            continue
        outcomes.append(_outcome(attack.goal_function, dataset.questions[question_id], result))
    if progress is not None:
        progress(len(dataset), len(dataset))
    return outcomes


def _is_its_own(error: BaseException) -> bool:
    """Return whether TextAttack itself raised it (its words are not found in its text), not the reader."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = "" if last is None else str(last.tb_frame.f_globals.get("__name__", ""))
    return bool(where.partition(".")[0] == textattack.__name__)


def _seed(seed: int, question_id: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{question_id}".encode()).digest()[:4], "big")


def _outcome(goal: WrongAnswer, question: Question, result: Any) -> TextAttackOutcome:
    results = textattack.attack_results
    status: Status = "failed"
    if isinstance(result, results.SkippedAttackResult):
        status = "skipped"
    elif isinstance(result, results.SuccessfulAttackResult):
        status = "succeeded"
    first, last = result.original_result, result.perturbed_result
    text = last.attacked_text
    same = columns(text) == (question.text, question.context)
    return TextAttackOutcome(
        question.id,
        status,
        () if same else edits_of(text, (question.text, question.context)),
        goal.answer(first.raw_output),
        goal.answer(last.raw_output),
        int(last.num_queries),
    )


def summarise(outcomes: Sequence[TextAttackOutcome]) -> dict[str, Any]:
    """Return success rate (of the questions answered rightly before) with its interval, queries, accuracy.

    Shares are 0 to 1, ``interval`` Wilson's of 95 %; accuracy is by the goal's own measure, over all
    questions. Raises UserError where there is no outcome.
    """
    if not outcomes:
        raise UserError("no question left to attack; loosen --limit or --answerable-only")
    attacked = [one for one in outcomes if one.status != "skipped"]
    succeeded = sum(one.status == "succeeded" for one in attacked)
    queries = sum(one.queries for one in attacked)
    n = len(outcomes)
    return {
        "questions": n,
        "wrong_before": n - len(attacked),
        "attacked": len(attacked),
        "succeeded": succeeded,
        "success_rate": succeeded / len(attacked) if attacked else None,
        "interval": wilson(succeeded, len(attacked)) if attacked else None,
        "accuracy_before": len(attacked) / n,
        "accuracy_after": (len(attacked) - succeeded) / n,
        "queries": queries,
        "queries_per_question": queries / len(attacked) if attacked else None,
    }
