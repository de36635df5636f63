"""How long building a robustness set takes, in seconds of the clock and of the processor, and in memory.

    python benchmarks/build_speed.py [--data squad2:dev] [--workers 2] [--limit N] [--json]

Builds the preset ``safe`` without and with its four control arms, each in a process of its own, so that no
run profits from the caches of another. The target: 11,873 questions, one arm, in under 20 s and 1 GB on 2
cores.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {"one arm": ["--no-controls"], "with four controls": []}


def measure(data: str, workers: int, limit: int | None, options: list[str]) -> dict[str, float]:
    folder = Path(tempfile.mkdtemp())
    command = [
        sys.executable,
        "-m",
        "robust.cli.main",
        "build-qads",
        "--data",
        data,
        "--out",
        str(folder / "set"),
    ]
    command += ["--workers", str(workers), "--json", *options]
    command += ["--limit", str(limit)] if limit else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(folder)
    built = json.loads(process.stdout)
    return {
        "questions": built["questions"],
        "covered": built["covered"],
        "wall_s": round(wall, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        # The largest single process (Linux counts in KiB); workers come on top, see below.
        "largest_process_mb": round(after.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = {
        name: measure(arguments.data, arguments.workers, arguments.limit, options)
        for name, options in CASES.items()
    }
    if arguments.json:
        print(json.dumps(results))
        return
    for name, result in results.items():
        memory = result["largest_process_mb"] * (arguments.workers + 1)
        print(
            f"{name:>20}: {result['questions']:,} questions ({result['covered']:,} covered) "
            f"in {result['wall_s']} s, "
            f"{result['cpu_s']} s of processor, at most {memory:,} MB in {arguments.workers + 1} processes"
        )


if __name__ == "__main__":
    main()
