"""How many questions a second every registered attack rewrites, and how many of them it covers.

    python benchmarks/attack_throughput.py [--data squad2:dev] [--limit 1000] [--masked-lm MODEL] [--json]

One process, the time of the processor (a build uses one process a core; attacks that ask a model use one
process, and torch's threads in it). Each attack is warmed up on 50 other questions, so that opening tables
is not counted. Controls are timed with the attack they control, which they run first. Attacks that ask a
model are left out where it is not named. The target: 500 questions a second on 2 cores (250 in one
process), 20 where a masked LM is asked.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from robust.attack.base import Attack
from robust.attack.registry import make, names
from robust.attack.scorers import Scorers
from robust.build import stratified_sample
from robust.cli.data import resolve_data
from robust.squad.io import read_questions
from robust.squad.records import Question

WARM_UP = 50


def timed(
    attack: Attack, questions: list[Question], warm_up: list[Question], scorers: Scorers
) -> dict[str, Any]:
    """Return the attack's figures over the questions."""
    for question in warm_up:
        attack.attempt(question, 0, scorers)
    clock, processor = time.perf_counter(), time.process_time()
    covered = sum(bool(attack.attempt(question, 0, scorers).variants) for question in questions)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    return {
        "attack": attack.name,
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
    chosen = stratified_sample(read_questions(resolve_data(options.data)), options.limit + WARM_UP, seed=0)
    warm_up, questions = chosen[:WARM_UP], chosen[WARM_UP:]
    held: dict[str, Scorers] = {}
    if options.masked_lm:
        from robust.probe.filling import load_filler

        held["masked-lm"] = Scorers(masked_lm=load_filler(options.masked_lm))
    rows = []
    for attack in map(make, names()):
        if attack.needs is not None and attack.needs not in held:
            continue
        few = questions[: len(questions) // 5] if attack.needs else questions
        rows.append(timed(attack, few, warm_up, held.get(attack.needs or "", Scorers())))
        if not options.json:
            row = rows[-1]
            print(
                f"{row['attack']:>20}: {row['a_second_of_processor']:6,} questions a second of processor, "
                f"{row['a_second']:6,} of the clock; {row['covered']:6.1%} of {row['questions']:,} covered",
                flush=True,
            )
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
