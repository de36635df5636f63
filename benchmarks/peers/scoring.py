"""Questions a second that are scored by the official metric: ours, and transformers' copy of the script.

Google's BERT predictions for SQuAD 2.0 dev (11,873 questions). `evaluate`'s squad_v2 is that script too,
but is fetched from a hub each time: where it cannot be, the page says so. ``result``: exact match and F1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from robust.home import data_home
from robust.squad import metric
from robust.squad.io import read_questions
from robust.squad.records import Question

sys.path.insert(0, str(Path(__file__).resolve().parent))
from side import Clock, run

TIMES = 5


def asked() -> tuple[list[Question], dict[str, str]]:
    """Return the questions and the predictions."""
    home = data_home()
    if home is None:
        sys.exit("set ROBUST_DATA to the folder of the real data sets")
    questions = read_questions(home / "squad2/dev-v2.0.json")
    path = home / "squad2/official-predictions/bert-single-google.json"
    return questions, json.loads(path.read_text(encoding="utf-8"))


def ours(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Score by this package, its memory of texts emptied each time."""
    questions, predictions = asked()
    times = 1 if quick else TIMES
    for _ in range(times):
        metric._tokens.cache_clear()
        with clock.timed():
            found = metric.official(questions, predictions)
    return times * len(questions), [round(found[name], 9) for name in ("exact", "f1")]


def transformers(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Score by ``transformers.data.metrics.squad_metrics.squad_evaluate``."""
    from transformers.data.metrics.squad_metrics import squad_evaluate
    from transformers.data.processors.squad import SquadExample

    questions, predictions = asked()
    examples = [
        SquadExample(
            qas_id=q.id,
            question_text=q.text,
            context_text="",  # is not looked at
            answer_text=None,
            start_position_character=None,
            title=q.title,
            answers=[{"text": answer.text} for answer in q.answers],
            is_impossible=not q.answerable,
        )
        for q in questions
    ]
    times = 1 if quick else TIMES
    for _ in range(times):
        with clock.timed():
            found = squad_evaluate(examples, predictions)
    return times * len(questions), [round(found[name], 9) for name in ("exact", "f1")]


def evaluate(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Score by ``evaluate.load("squad_v2")``."""
    import evaluate as library

    questions, predictions = asked()
    squad = library.load("squad_v2")
    references = [
        {
            "id": q.id,
            "answers": {"text": [a.text for a in q.answers], "answer_start": [a.start for a in q.answers]},
        }
        for q in questions
    ]
    given = [
        {"id": q.id, "prediction_text": predictions[q.id], "no_answer_probability": 0.0} for q in questions
    ]
    with clock.timed():
        found = squad.compute(predictions=given, references=references)
    return len(questions), [round(found[name], 9) for name in ("exact", "f1")]


SIDES = {"robust": ours, "transformers": transformers, "evaluate": evaluate}

if __name__ == "__main__":
    run(SIDES)
