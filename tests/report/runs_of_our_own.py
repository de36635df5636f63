"""Small runs with known answers, made in memory: no model, no files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from robust.attack.records import Edit
from robust.evaluation.scores import score_set
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.reader.decode import Prediction
from robust.reader.threshold import single
from robust.report.html.questions import Shown
from robust.runs import Run, write_run
from robust.squad.records import Answer, Question

NASTY = "</script><script>document.title='run'</script><img src=x onerror=alert(1)> \u2028 🍋 & <!--"


def questions(count: int = 40, articles: int = 8, nasty: str = "") -> list[Question]:
    """Return questions, every other one unanswerable; ``nasty`` stands in the texts of the first."""
    found = []
    for i in range(count):
        context = f"{nasty if i == 0 else ''}The old mill {i} was built by Edda Marsh in {1700 + i}."
        answer = Answer(str(1700 + i), context.index(str(1700 + i)))
        title = f"Town {i % articles}"
        text = f"When was the big mill {i} built{' ' + nasty if i == 0 and nasty else ''}?"
        answers = (answer,) if i % 2 == 0 else ()
        found.append(Question(f"q{i}", text, context, answers, title, not i % 2, f"{title}:{i}", title))
    return found


def shown(asked: list[Question], word: str = "large") -> Shown:
    """Return the questions as a set whose variants say another word for "big"."""
    perturbed = [replace(q, id=f"{q.id}#1", text=q.text.replace("big", word)) for q in asked]
    start = "When was the "
    edit = Edit("question", len(start), len(start) + 3, "big", word, "big", "a", "large.a.01", 1, 0.5, 0.2)
    arm = Arm(asked, perturbed, {f"{q.id}#1": q.id for q in asked})
    return Shown(arm, None, {"command": "robust build-qads --data x"}, {q.id: (edit,) for q in perturbed})


def run_of(
    arms: dict[str, Shown],
    answer: Callable[[str, Question], tuple[str, float]],
    *,
    model: str = "reader-a",
    name: str = "small",
    final: bool = False,
) -> Run:
    """Return a run in which ``answer(arm, question)`` gives each text and null odds; threshold 0."""
    frames = []
    for arm, found in arms.items():
        one = EvaluationSet(name, {MAIN: found.arm}, ())
        rows = score_set(
            one,
            lambda q, arm=arm: Prediction(q.id, *answer(arm, q)),
            single(0.0, "none" if final else "own"),
            model=model,
            seed=0,
        )
        frames.append(rows.assign(arm=arm))
    scores = pd.concat(frames, ignore_index=True)
    summary = summarise_seeds(scores) | {"threshold": {"kind": "own", "by_fold": [0.0] * 5}}
    manifest = {
        "command": f"robust eval --model {model} --set {name}",
        "model": {"name": model, "sha256": "0" * 64, "settings": {"family": "bert", "training": {}}},
        "sets": {name: {"attack": "qads.v1", "seed": 0, "sha256": {}, "path": None}},
        "seeds": {"model": 0},
        "versions": {"robust": "0.1.0"},
        "device": "cpu",
        "git_commit": "abc",
    }
    return Run(manifest, pd.DataFrame(), scores, {"model": model, "sets": {name: summary}})


def falls_for(*numbers: int) -> Callable[[str, Question], tuple[str, float]]:
    """Return a reader that is right but for a wrong span on the perturbed questions of these numbers."""

    def answer(arm: str, q: Question) -> tuple[str, float]:
        number = int(q.id.partition("#")[0][1:])
        fell = "#" in q.id and number in numbers and arm != "identity"
        text = "Edda Marsh" if fell else str(1700 + number)
        return text, 1.0 if not q.answerable else -1.0

    return answer


def on_disk(run: Run, folder: Path) -> Path:
    """Write a run where robust report finds it."""
    write_run(folder, run.manifest, (), run.scores, run.summary)
    return folder
