"""Seconds and memory of ``robust compare``: two models on six sets of the whole SQuAD 2.0 dev set.

    python benchmarks/compare_speed.py [--controls 4] [--repeat 3] [--keep FOLDER]

The run folders are made up (``write_runs``): 11,873 questions in 35 articles and 1,204 paragraphs, each
rewritten in every set, with the columns and the n-best lists of a real run. What is measured is the command
in a fresh process, from the run folders to the printed table.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from robust.evaluation.seeds import summarise_seeds
from robust.reader.decode import Candidate, Prediction
from robust.reader.threshold import fold_of
from robust.runs import write_run

QUESTIONS, ARTICLES, PARAGRAPHS = 11_873, 35, 1_204
CONTROLS = ("identity", "first-sense", "random-sense", "non-synonym")


def write_runs(
    folder: Path,
    *,
    models: int = 2,
    sets: int = 6,
    questions: int = QUESTIONS,
    controls: int = 0,
    candidates: int = 20,
) -> list[Path]:
    """Write made-up run folders and return them, one a model: "model-1" falls by 3 points, "model-2" by 5.

    All models have the same sets ("set-1", ...), each of all questions with one variant each, and that many
    control arms. ``candidates`` is the length of the n-best lists. The same arguments give the same bytes.
    """
    asked = _asked(questions)
    found = []
    for number in range(1, models + 1):
        random = np.random.default_rng(number)
        name = f"model-{number}"
        # how hard each article and each question is, the same for clean and perturbed
        skill = 0.6 + random.normal(0, 0.05, ARTICLES)[asked["place"]] + 0.3 * asked["ease"]
        drawn = random.random(questions)
        clean = _rows(asked, "clean", drawn < skill, random)
        frames = []
        for k in range(1, sets + 1):
            for arm in ("main", *CONTROLS[:controls]):
                drop = (0.03 + 0.02 * (number - 1)) * (1 if arm == "main" else 0.5)
                # some that were wrong are now right, more the other way round
                turned = random.random(questions)
                right = np.where(drawn < skill, turned > drop + 0.04, turned < 0.04)
                perturbed = _rows(asked, f"set-{k} {arm}", right, random)
                for condition, frame in (("clean", clean), ("perturbed", perturbed)):
                    about = {"model": name, "seed": 0, "set": f"set-{k}", "arm": arm, "condition": condition}
                    frames.append(pd.concat([pd.DataFrame(about, index=frame.index), frame], axis=1))
        scores = pd.concat(frames, ignore_index=True)
        names = list(scores["set"].unique())
        summary = {
            "model": name,
            "sets": {one: summarise_seeds(scores[scores["set"] == one]) for one in names},
        }
        manifest = {
            "command": f"robust eval --model {name}",
            "model": {"name": name},
            "sets": {one: {} for one in names},
            "seeds": {"model": 0},
            "configuration": {"limit": None, "threshold": "own"},
        }
        write_run(folder / name, manifest, _predictions(scores, candidates), scores, summary)
        found.append(folder / name)
    return found


def _asked(questions: int) -> pd.DataFrame:
    """Return the questions: id, article, paragraph, answerable, how easy (-0.5 to 0.5)."""
    random = np.random.default_rng(0)
    place = np.sort(random.integers(0, ARTICLES, questions))
    paragraph = np.arange(questions) * PARAGRAPHS // questions
    ids = [hashlib.sha256(str(k).encode()).hexdigest()[:24] for k in range(questions)]
    return pd.DataFrame(
        {
            "original_id": ids,
            "article": [f"Article_{k}" for k in place],
            "paragraph_id": [f"Article_{k}:{p}" for k, p in zip(place, paragraph, strict=True)],
            "answerable": random.random(questions) < 0.5,
            "ease": random.random(questions) - 0.5,
            "place": place,
        }
    )


def _rows(
    asked: pd.DataFrame,
    what: str,
    right: np.ndarray[tuple[int], np.dtype[np.bool_]],
    random: np.random.Generator,
) -> pd.DataFrame:
    """Return the score rows of one condition, but for the columns that name it."""
    end = "" if what == "clean" else "#1"
    em = right.astype(float)
    f1 = np.where(right, 1.0, np.round(random.random(len(asked)) * 0.6, 3))
    text = [f"answer {k % 900} of some words" for k in range(len(asked))]
    abstained = ~asked["answerable"].to_numpy() == right
    return pd.DataFrame(
        {
            "key": [hashlib.sha256(f"{what} {one}".encode()).hexdigest() for one in asked["original_id"]],
            "id": asked["original_id"] + end,
            "original_id": asked["original_id"],
            "article": asked["article"],
            "paragraph_id": asked["paragraph_id"],
            "answerable": asked["answerable"],
            "prediction": ["" if nothing else one for one, nothing in zip(text, abstained, strict=True)],
            "em": em,
            "f1": f1,
            "abstained": abstained,
            "span_text": text,
            "span_em": em,
            "span_f1": f1,
            "null_odds": np.round(random.normal(0, 4, len(asked)), 2),
            "threshold": 0.5,
            "fold": asked["article"].map({one: fold_of(one) for one in asked["article"].unique()}),
        }
    )


def _predictions(scores: pd.DataFrame, candidates: int) -> Iterator[tuple[int, str, Prediction]]:
    distinct = scores.drop_duplicates("key")
    for key, text, odds in zip(distinct["key"], distinct["span_text"], distinct["null_odds"], strict=True):
        best = tuple(Candidate(f"{text} {k}", k, 5.0 - k) for k in range(candidates))
        yield 0, key, Prediction("", text, float(odds), best)


def main() -> None:
    """Write the runs, compare them in a fresh process, print seconds and memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--controls", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        runs = write_runs(options.keep or Path(temporary), controls=options.controls)
        size = sum(file.stat().st_size for run in runs for file in run.iterdir()) / 1e6
        what = f"{len(runs)} models, 6 sets of {QUESTIONS:,} questions, {options.controls} control arms"
        print(f"{what}: {size:.0f} MB of run folders")
        command = [sys.executable, "-m", "robust.cli.main", "compare", *map(str, runs)]
        command += ["--controls"] if options.controls else []
        for _ in range(options.repeat):
            start = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            seconds, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
            print(f"{seconds:5.1f} s, {cpu:.1f} s of CPU, {used.ru_maxrss / 1e6:.2f} GB at most")
            if process.returncode:
                sys.exit(process.returncode)


if __name__ == "__main__":
    main()
