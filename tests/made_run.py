"""A robustness set of our own and run folders over it, whose figures can be worked out by hand; no model.

Ten articles of ten answerable and two unanswerable questions, each in other words once. A reader that is
right on all clean questions and loses ``fell[a]`` of the answerable ones of article a drops by
10 * mean(fell) points of HasAns_exact; the interval is that of Student's t over the ten articles.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from robust.build.folder import FORMAT
from robust.evaluation.scores import score_set
from robust.evaluation.seeds import summarise_seeds
from robust.evaluation.sets import open_set
from robust.files import sha256_file
from robust.reader.decode import Prediction
from robust.reader.threshold import single
from robust.runs import write_run
from robust.squad.io import write_squad
from robust.squad.records import Answer, Question

EVEN = (1,) * 10  # drop 10 in every article alike: from 10 to the exact binomial bound, 37.8
UNEVEN = (0, 2) * 5  # drop 10, standard error 10/3, t(9) = 2.262: [2.5, 17.5]
NONE = (0,) * 10  # drop 0, no question turned: from 0 to the exact binomial bound, 30.8
ABSTAINS = "abstains"


def make_set(folder: Path, verb: str = "unlocks", answerable: int = 10) -> Path:
    """Write the set, reworded with ``verb``, and return its folder."""
    original, perturbed = [], []
    for number in range(10):
        article = f"Castle_{number}"
        context = " ".join(f"Key{number}x{door} opens door {door}." for door in range(10))
        for door in range(12):
            key = f"Key{number}x{door}"
            answers = (Answer(key, context.index(key)),) if door < answerable and door < 10 else ()
            for into, suffix, word in ((original, "", "opens"), (perturbed, "#1", verb)):
                text = f"Which key {word} door {door}?"
                into.append(
                    Question(
                        f"q{number:02}{door:02}{suffix}", text, context, answers, article, bool(answers),
                        f"{article}:1", article,
                    )
                )  # fmt: skip
    folder.mkdir(parents=True)
    write_squad(folder / "original.json", original)
    write_squad(folder / "perturbed.json", perturbed)
    about = {"format": FORMAT, "attack": "made.v1", "coverage": 1.0, "questions": len(original)}
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder


def answers(folder: Path, fell: Sequence[int] | str) -> dict[str, str]:
    """Return id -> answer: gold but for the last ``fell[a]`` answerable questions of each article."""
    opened = open_set(str(folder), Path, controls=False)
    main = opened.arms["main"]
    found = {}
    for question in (*main.original, *main.perturbed):
        number, door = int(question.id[1:3]), int(question.id[3:5])
        gold = question.answers[0].text if question.answers else ""
        loses = fell == ABSTAINS or ("#" in question.id and 10 - int(fell[number]) <= door < 10)
        found[question.id] = "" if loses else gold
    return found


def make_run(path: Path, folder: Path, fell: Sequence[int] | str, model: str = "keeper") -> Path:
    """Write the run folder of a reader over the set in ``folder``, and return it."""
    return make_seeds_run(path, folder, [fell], model)


def make_seeds_run(
    path: Path, folder: Path, fells: Sequence[Sequence[int] | str], model: str = "keeper"
) -> Path:
    """Write the run folder of the seeds of a reader, one for each of ``fells``, and return it."""
    opened = open_set(str(folder), Path, controls=False)
    frames = []
    for seed, fell in enumerate(fells):
        texts = answers(folder, fell)

        def predict(question: Question, texts: dict[str, str] = texts) -> Prediction:
            text = texts[question.id]
            return Prediction(question.id, text or "nothing", -1.0 if text else 1.0)

        frames.append(score_set(opened, predict, single(0.0), model=model, seed=seed))
    rows = pd.concat(frames, ignore_index=True)
    summary = {"model": model, "sets": {opened.name: summarise_seeds(rows)}}
    about = {"sha256": {file.name: sha256_file(file) for file in opened.sources}}
    write_run(path, {"command": "made", "sets": {opened.name: about}}, (), rows, summary)
    return path
