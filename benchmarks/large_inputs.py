"""Seconds and memory of build, eval, compare and report against the number of questions, up to a million.

    python benchmarks/large_inputs.py --data dev-v2.0.json --folder FOLDER [--questions 1000 1000000]

The questions are those of ``--data``, repeated and varied (``varied``) until there are as many. Each
command runs in a process of its own, as a user would type it: a set is built from parquet, two stub readers
(without a network: it is the suite that is measured) are evaluated on it, compared, and the report is
written. For each: seconds, processor seconds of all its processes, and the memory of the largest of them.
``--keep`` leaves the folder as it is; else each size's is removed. Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from robust.reader.cache import content_key
from robust.reader.decode import Prediction
from robust.squad.io import iter_questions, write_jsonl, write_parquet
from robust.squad.records import Question

SIZES = (1_000, 10_000, 100_000, 1_000_000)
GOAL_MB = 2_000
# Linux's PR_SET_CHILD_SUBREAPER: processes that lose their parent come to this one
_SUBREAPER = 36


def varied(questions: Sequence[Question], count: int) -> Iterator[Question]:
    """Yield ``count`` questions: those given, again and again, each round with articles of its own.

    A round's number ends each paragraph, so that no two are the same and no answer can be taken from another
    round's; offsets stay as they are.
    """
    for place in range(count):
        number, index = divmod(place, len(questions))
        one = questions[index]
        yield replace(
            one,
            id=f"{one.id}-{number}",
            context=f"{one.context} (Copy {number}.)",
            title=f"{one.title} {number}",
            article=f"{one.article} {number}",
            paragraph_id=f"{one.paragraph_id} {number}",
        )


class Stub:
    """A reader without a network: a gold-like guess for a share of the questions, told by their digest."""

    batch = 1_000

    def __init__(self, name: str, share: int) -> None:
        self.name = name
        self._share = share

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        """Return the first three words of the paragraph, and odds that look like any."""
        found = []
        for question in questions:
            drawn = int(content_key(question.text, question.context)[:8], 16)
            words = question.context.split(" ", 4)
            text = " ".join(words[:3]) if drawn % 100 < self._share else words[0]
            found.append(Prediction(question.id, text, drawn % 1_000 / 100 - 5))
        return found


FIRST, SECOND = Stub("stub-first", 60), Stub("stub-second", 40)


def commands(folder: Path, data: Path) -> dict[str, list[str]]:
    """Return what is measured, in the order in which it is run: a name, and a command line of ``robust``."""
    made = str(folder / "set")
    runs = [str(folder / "run-first"), str(folder / "run-second")]
    here = "benchmarks.large_inputs"
    build = ["build", "typo.v1", "--no-controls", "--data", str(data), "--out", made]
    evals = {
        name: ["eval", "--reader", f"{here}:{name.upper()}", "--set", made, "--out", run]
        for name, run in zip(("first", "second"), runs, strict=True)
    }
    return {
        "build": build,
        "eval": evals["first"],
        "eval (second)": evals["second"],
        "compare": ["compare", *runs],
        "report": ["report", *runs, "--out", str(folder / "report.html")],
    }


def measured(arguments: Sequence[str], log: Path, home: Path) -> tuple[float, float, float]:
    """Run a command; return seconds, processor seconds and megabytes (of its largest process)."""
    root = Path(__file__).resolve().parents[1]
    environment = os.environ | {"ROBUST_HOME": str(home), "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-m", "robust.cli.main", *arguments]
    start = time.perf_counter()
    with log.open("wb") as stream:
        actions = [(os.POSIX_SPAWN_DUP2, stream.fileno(), 1), (os.POSIX_SPAWN_DUP2, stream.fileno(), 2)]
        child = os.posix_spawn(sys.executable, line, environment, file_actions=actions)
        _, status, used = os.wait4(child, 0)
    took = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"robust {' '.join(arguments)}: failed, see {log}:\n{log.read_text()[-2000:]}")
    every = [used, *_left_behind()]
    seconds = sum(one.ru_utime + one.ru_stime for one in every)
    return took, seconds, max(one.ru_maxrss for one in every) / 1024


def _left_behind() -> Iterator[resource.struct_rusage]:
    """Yield what processes used that a command did not wait for: they are this one's to wait for now."""
    with suppress(ChildProcessError):
        while True:
            yield os.wait3(0)[2]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="SQuAD 2.0's dev file")
    parser.add_argument(
        "--folder", type=Path, required=True, help="where sets and runs go: 3 GB for a million"
    )
    parser.add_argument("--questions", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--format", choices=["parquet", "jsonl"], default="parquet")
    parser.add_argument("--only", nargs="+", help="these commands alone, on a folder that was kept")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    real = list(iter_questions(given.data))
    print(
        f"{'questions':>10}  {'command':14}{'seconds':>9}{'processor':>11}{'MB':>8}   questions/s", flush=True
    )
    for count in given.questions:
        folder = given.folder / str(count)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"questions.{given.format}"
        if not file.exists():
            # a generator: nothing here holds a million questions
            (write_parquet if given.format == "parquet" else write_jsonl)(file, varied(real, count))
        for name, arguments in commands(folder, file).items():
            if given.only and name not in given.only:
                continue
            for old in {"--out"} & set(arguments):
                target = Path(arguments[arguments.index(old) + 1])
                shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(
                    missing_ok=True
                )
            took, processor, memory = measured(arguments, folder / "log.txt", folder / "home")
            over = "" if memory < GOAL_MB else f"   over {GOAL_MB:,}"
            spent = f"{took:>9.1f}{processor:>11.1f}{memory:>8,.0f}"
            print(f"{count:>10,}  {name:14}{spent}{count / took:>14,.0f}{over}", flush=True)
        if not given.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
