"""How many questions a second every registered attack rewrites, and how many of them it covers.

    python benchmarks/attack_throughput.py [--data squad2:dev] [--limit 1000] [--masked-lm MODEL] [--json]

The time of the processor in one process, fresh for each attack, so that none profits from what another has
tagged (a build uses one process a core; attacks that ask a model use one, with torch's threads in it). Each
is warmed up on 50 other questions, so that opening tables is not counted. Controls are timed with the attack
they control, which they run first. Attacks that ask a model are left out where it is not named, and are timed
on a fifth of the questions. The target: 500 questions a second on 2 cores (250 in one process), 20 where a
masked LM is asked.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from robust.attack.registry import get, make, names
from robust.attack.scorers import Scorers
from robust.cli.data import resolve_data
from robust.squad.io import read_questions
from robust.squad.records import Question

WARM_UP = 50


def whole_paragraphs(questions: list[Question], limit: int) -> list[Question]:
    """Return about ``limit`` questions: all those of one paragraph in so many, as a build meets them."""
    paragraphs: dict[str, list[Question]] = {}
    for question in questions:
        paragraphs.setdefault(question.paragraph_id, []).append(question)
    step = max(1, len(questions) // limit)
    return [question for members in list(paragraphs.values())[::step] for question in members]


def timed(name: str, data: str, limit: int, masked_lm: str | None) -> dict[str, Any]:
    """Return an attack's figures over a sample of the questions; to be run in a process of its own."""
    chosen = whole_paragraphs(read_questions(resolve_data(data)), limit + WARM_UP)
    warm_up, questions = chosen[:WARM_UP], chosen[WARM_UP:]
    attack = make(name)
    scorers = Scorers()
    if attack.needs == "masked-lm" and masked_lm is not None:
        from robust.probe.filling import load_filler

        scorers = Scorers(masked_lm=load_filler(masked_lm))
        questions = questions[: len(questions) // 5]
    for question in warm_up:
        attack.attempt(question, 0, scorers)
    clock, processor = time.perf_counter(), time.process_time()
    covered = sum(bool(attack.attempt(question, 0, scorers).variants) for question in questions)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    return {
        "attack": name,
        "questions": len(questions),
        "a_second_of_processor": round(len(questions) / processor),
        "a_second": round(len(questions) / clock),
        "covered": covered / len(questions),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--limit", type=int, default=1_000)
    parser.add_argument("--masked-lm")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    held = {None, "masked-lm"} if options.masked_lm else {None}
    rows = []
    for name in names():
        if get(name).needs not in held:
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            row = pool.submit(timed, name, options.data, options.limit, options.masked_lm).result()
        rows.append(row)
        if not options.json:
            print(
                f"{row['attack']:>20}: {row['a_second_of_processor']:6,} questions a second of processor, "
                f"{row['a_second']:6,} of the clock; {row['covered']:6.1%} of {row['questions']:,} covered",
                flush=True,
            )
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
