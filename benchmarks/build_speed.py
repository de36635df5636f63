"""How long building a robustness set takes, in seconds of the clock and of the processor, and in memory.

    python benchmarks/build_speed.py [--data squad2:dev] [--workers 2] [--limit N] [--times N] [--json]

Builds the preset ``safe`` without and with its four control arms, each in processes of its own, so that no
run profits from the caches of another. ``--times 4`` builds from the questions four times over, under other
ids, to show what grows with them. The peer is the simplest WordNet substitution, in one process: any word by
any lemma of any of its senses in NLTK's WordNet, without tags, inflection, senses or checks; it needs
NLTK's data. The target: 11,873 questions, one arm, in under 8 s and 1 GB on 2 quiet cores. Linux only.
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
from dataclasses import replace
from pathlib import Path

from robust.cli.data import resolve_data
from robust.squad.io import read_questions, write_squad
from robust.squad.records import Question

CASES = {"one arm": ["--no-controls"], "with four controls": []}
TICKS = os.sysconf("SC_CLK_TCK")


def family(root: int) -> list[int]:
    """Return a process and all that it started."""
    found = [root]
    for process in found:
        try:
            for thread in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
        except OSError:  # it has ended
            continue
    return found


def processor_seconds(process: int) -> float:
    """Return the seconds of processor, user and system, that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def megabytes(process: int) -> float:
    """Return the memory of a process, what it shares counted once among those who share it."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def watch(command: list[str]) -> dict[str, float]:
    """Run a command; return its wall time, and the processor time and peak memory of all its processes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    seconds: dict[int, float] = {}
    peak, rounds = 0.0, 0
    while process.poll() is None:
        memory = 0.0
        for member in family(process.pid):
            try:
                seconds[member] = processor_seconds(member)
                memory += megabytes(member) if rounds % 5 == 0 else 0.0
            except OSError:
                continue
        peak, rounds = max(peak, memory), rounds + 1
        time.sleep(0.05)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    built = json.load(process.stdout)  # type: ignore[arg-type]  # it is a pipe
    return {
        "questions": built["questions"],
        "covered": built["covered"],
        "wall_s": round(wall, 1),
        "cpu_s": round(sum(seconds.values()), 1),
        "peak_mb": round(peak),
    }


def measure(data: Path, workers: int, limit: int | None, options: list[str]) -> dict[str, float]:
    """Return what ``watch`` saw of one build, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "robust.cli.main", "build-qads", "--data", str(data)]
        command += ["--out", f"{folder}/set", "--workers", str(workers), "--json", *options]
        return watch(command + (["--limit", str(limit)] if limit else []))


def naive_swap(text: str, chance: random.Random) -> str:
    """Return the question with one word exchanged for a lemma that shares any synset with it."""
    from nltk.corpus import wordnet

    words = text.split()
    places = list(range(len(words)))
    chance.shuffle(places)
    for place in places:
        word = words[place].strip("?.,").lower()
        lemmas = {lemma for synset in wordnet.synsets(word) for lemma in synset.lemma_names()} - {word}
        if lemmas:
            words[place] = chance.choice(sorted(lemmas)).replace("_", " ")
            break
    return " ".join(words)


def peer(questions: list[Question]) -> dict[str, float] | None:
    """Return how many questions a second the naive swap does in one process, once WordNet is loaded."""
    try:
        naive_swap("What is a dog?", random.Random(0))
    except (ImportError, LookupError):
        return None
    start = time.process_time()
    for question in questions:
        naive_swap(question.text, random.Random(question.id))
    spent = time.process_time() - start
    return {"questions": len(questions), "cpu_s": round(spent, 1), "per_cpu_s": round(len(questions) / spent)}


def repeated(questions: list[Question], times: int) -> list[Question]:
    """Return the questions so many times over, each time under other ids, titles and clusters."""
    return [
        replace(
            question,
            id=f"{question.id}x{k}",
            title=f"{question.title} {k}",
            article=f"{question.article} {k}",
            paragraph_id=f"{k} {question.paragraph_id}",
        )
        for k in range(times)
        for question in questions
    ]


def main() -> None:
    """Build with one arm and with all, then the peer; print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="squad2:dev")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    data = resolve_data(arguments.data)
    questions = read_questions(data)
    results: dict[str, dict[str, float] | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        if arguments.times > 1:
            data = Path(folder) / "repeated.json"
            write_squad(data, repeated(questions, arguments.times))
        for name, options in CASES.items():
            results[name] = measure(data, arguments.workers, arguments.limit, options)
    results["peer"] = peer(questions)
    if arguments.json:
        print(json.dumps(results))
        return
    for name in CASES:
        result = results[name] or {}
        print(
            f"{name:>20}: {result['questions']:,} questions ({result['covered']:,} covered) "
            f"in {result['wall_s']} s, {result['cpu_s']} s of processor "
            f"({result['questions'] / result['cpu_s']:,.0f} questions a second of it), "
            f"at most {result['peak_mb']:,} MB in all processes"
        )
    if results["peer"]:
        print(
            f"{'naive NLTK swap':>20}: {results['peer']['questions']:,} questions in "
            f"{results['peer']['cpu_s']} s of one processor ({results['peer']['per_cpu_s']:,} a second), "
            "after loading WordNet"
        )
    else:
        print(f"{'naive NLTK swap':>20}: not run: NLTK or its WordNet is not here")


if __name__ == "__main__":
    main()
