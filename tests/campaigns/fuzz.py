"""Coverage-guided fuzzing of a target with atheris (pip install '.[fuzz]'), by hand and nightly.

    python -m tests.campaigns.fuzz squad --runs 100000 --seconds 600

Inputs are bytes that libFuzzer changes where that reaches new code, and every other time the target's own
mutator (trees of JSON). It stops at the first exception that is no UserError, at an input that takes 5 s, and
at 1 GB of memory; the input is written to --keep, from where it moves to tests/campaigns/found/TARGET/.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["robust"], enable_loader_override=False):
    from tests.campaigns.targets import TARGETS, clear

PATIENCE, MEMORY = 5, 1024  # seconds for an input; megabytes of the whole process


def main() -> None:
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    about.add_argument("target", choices=sorted(TARGETS))
    about.add_argument("--runs", type=int, default=100_000)
    about.add_argument("--seconds", type=int, default=0, help="stop after so many, 0: never")
    about.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for what is found")
    asked = about.parse_args()
    target = TARGETS[asked.target]
    asked.keep.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as place:
        folder, corpus = Path(place) / "work", Path(place) / "corpus"
        folder.mkdir()
        corpus.mkdir()
        for number, seed in enumerate(target.seeds()):
            (corpus / str(number)).write_bytes(seed)

        def attempt(data: bytes) -> None:
            try:
                target.attempt(data, folder)
            finally:
                clear(folder)

        def worse(data: bytes, most: int, seed: int) -> bytes:
            random = Random(seed)
            return target.worse(data, random)[:most] if seed % 2 else atheris.Mutate(data, most)

        limits = [f"-runs={asked.runs}", f"-timeout={PATIENCE}", f"-rss_limit_mb={MEMORY}", "-max_len=65536"]
        limits += [f"-max_total_time={asked.seconds}", f"-artifact_prefix={asked.keep}/{asked.target}-"]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], attempt, custom_mutator=worse)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
