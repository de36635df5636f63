"""Questions a second that a reader answers: ours, transformers' pipeline, the loop of run_qa.py.

All three ask ``minilm-squad2`` in float32 the same questions of SQuAD 2.0 dev, windows of 384 tokens with a
stride of 128, answers of up to 30 tokens, batches of 16; abstaining is switched off. ``result``: question
id -> best span.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from robust.build.sample import stratified_sample
from robust.reader.predict import PredictSettings, predict
from robust.squad.catalogue import load
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader, load_reader

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from side import Clock, run

LENGTH, STRIDE, BATCH, ANSWER = 384, 128, 16, 30
READER = "minilm-squad2"


def asked(quick: bool) -> tuple[LoadedReader, list[Question], list[Question]]:
    """Return the reader, its questions, and a few others to warm up with."""
    every = load("squad2:dev")
    questions = stratified_sample(every, 12 if quick else 120, seed=0)
    taken = {question.id for question in questions}
    return load_reader(READER), questions, [q for q in every if q.id not in taken][:8]


def ours(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Answer by this package."""
    reader, questions, warm = asked(quick)
    settings = PredictSettings(device="cpu", dtype="float32")
    predict(reader, warm, settings)
    with clock.timed():
        found = predict(reader, questions, settings)
    return len(questions), {one.id: one.text for one in found}


def pipeline(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Answer by ``transformers.pipeline("question-answering")``."""
    import transformers

    reader, questions, warm = asked(quick)
    ask = transformers.pipeline(
        "question-answering", model=reader.model, tokenizer=reader.tokenizer, device=-1, batch_size=BATCH
    )

    def answers(part: list[Question]) -> list[str]:
        rows = [{"question": q.text, "context": q.context} for q in part]
        found = ask(rows, max_seq_len=LENGTH, doc_stride=STRIDE, max_answer_len=ANSWER)
        return [one["answer"] for one in (found if isinstance(found, list) else [found])]

    answers(warm)
    with clock.timed():
        found = answers(questions)
    return len(questions), dict(zip((q.id for q in questions), found, strict=True))


def run_qa(quick: bool, clock: Clock) -> tuple[int, Any]:
    """Answer by a loop as run_qa.py has it: padded windows, spans sought in Python."""
    from prediction_speed import padded_loop

    reader, questions, warm = asked(quick)
    padded_loop(reader, warm, "cpu")
    with clock.timed():
        found = padded_loop(reader, questions, "cpu")
    return len(questions), dict(zip((q.id for q in questions), found, strict=True))


SIDES = {"robust": ours, "pipeline": pipeline, "run_qa loop": run_qa}

if __name__ == "__main__":
    run(SIDES)
