"""Seconds, memory and the size of the page of ``robust report``: two models on six sets of the whole dev set.

    python benchmarks/report_speed.py [--controls 4] [--repeat 1] [--keep FOLDER]

The runs are those of compare_speed.py, with sets made up beside them: paragraphs of 120 words, one word
of each question replaced, by another in each set, so that the viewer has every text. Measured is the
command in a fresh process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compare_speed import write_runs

from robust.attack.records import Edit, Variant
from robust.build.folder import FORMAT, write_arm, write_manifest
from robust.runs import read_run
from robust.squad.records import Answer, Question


def write_sets(folder: Path, runs: list[Path]) -> None:
    """Write a set for each that the runs have, and note in the runs' manifests where it lies."""
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))) for _ in range(9_000)]
    scores = read_run(runs[0], predictions=False).scores
    sources: dict[str, dict[str, object]] = {}
    paragraphs: dict[str, str] = {}
    texts: dict[str, str] = {}
    for name, rows in scores[(scores["arm"] == "main") & (scores["condition"] == "clean")].groupby("set"):
        questions, variants = [], {}
        for number, row in enumerate(rows.itertuples()):
            key = str(row.paragraph_id)
            paragraph = paragraphs.setdefault(key, " ".join(draw.choices(words, k=120)))
            rest = texts.setdefault(str(row.original_id), " ".join(draw.choices(words, k=5)))
            text = f"What {words[number % 9_000]} is the old word of {rest}?"
            answers = (Answer(paragraph[:20], 0),) if row.answerable else ()
            question = Question(
                str(row.original_id), text, paragraph, answers, str(row.article), bool(answers), key,
                str(row.article),
            )  # fmt: skip
            start, before = 5, words[number % 9_000]
            after = words[(number * 7 + len(str(name))) % 9_000]
            edit = Edit(
                "question", start, start + len(before), before, after, before, "nvar"[number % 4], "x.n.01",
                1, 0.5, 0.1,
            )  # fmt: skip
            new = text[:start] + after + text[start + len(before) :]
            questions.append(question)
            variants[question.id] = [Variant(f"{question.id}#1", question.id, new, (edit,), "qads.v1")]
        where = folder / "sets" / str(name)
        where.mkdir(parents=True)
        digests = write_arm(where, questions, variants)
        own = {file.partition(".")[0]: digest for file, digest in digests.items()}
        write_manifest(
            where,
            {"format": FORMAT, "sha256": own, "questions": len(questions), "coverage": 1.0, "controls": {}},
        )
        kept = {file: digest for file, digest in digests.items() if file.endswith(".json")}
        sources[str(name)] = {"path": str(where), "sha256": kept, "attack": "qads.v1", "seed": 0}
    for run in runs:
        file = run / "manifest.json"
        manifest = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(manifest | {"sets": sources}), encoding="utf-8")


def main() -> None:
    """Write runs and sets, make the report in a fresh process, print seconds, memory and size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--controls", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        runs = write_runs(folder, controls=options.controls, candidates=1)
        write_sets(folder, runs)
        page = folder / "report.html"
        command = [sys.executable, "-m", "robust.cli.main", "report", *map(str, runs), "--out", str(page)]
        for _ in range(options.repeat):
            start = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            seconds, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
            size = page.stat().st_size / 1e6
            print(f"{seconds:5.1f} s, {cpu:.1f} s of CPU, {used.ru_maxrss / 1e6:.2f} GB, page {size:.1f} MB")
            if process.returncode:
                sys.exit(process.returncode)


if __name__ == "__main__":
    main()
