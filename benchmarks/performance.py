"""Every headline side by side with its peers, in one command: docs/performance.md with its table and plot.

    ROBUST_DATA=... NLTK_DATA=... python benchmarks/performance.py --peers peers/bin/python
    python benchmarks/performance.py --page          (write the page again of what was measured)

``--peers`` is the Python of an environment with the peers (benchmarks/requirements-peers.txt says how to
make it). Each side works in a process of its own, one thread, ``--rounds`` times, sides by turns; figures
are medians. What is measured goes to docs/performance.json, headline by headline, so that ``--only``
measures one of them anew. ``--quick`` tries all that with a tenth of the work, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from robust.files import write_text
from robust.report.html.drawing import Drawing, Shape

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
FIGURES, PAGE, PLOT = DOCS / "performance.json", DOCS / "performance.md", DOCS / "performance.svg"
OURS = "robust"


@dataclass(frozen=True, slots=True)
class Headline:
    """What is compared: a module under ``peers/``, what it counts, and how many times as fast we want to be.

    ``sides`` are the peers, slowest rival first; ``goals`` has the ratio wanted against each (CPU time).
    ``agree`` says how results are held against each other, ``note`` what a reader of the page must know.
    """

    name: str
    title: str
    unit: str
    ours: tuple[str, ...]
    sides: tuple[str, ...]
    goals: Mapping[str, float]
    agree: str
    note: str


HEADLINES = (
    Headline(
        "reading",
        "Asking a reader",
        "questions",
        (OURS,),
        ("pipeline", "run_qa loop"),
        {"run_qa loop": 2.2},
        "answers",
        "`minilm-squad2` in float32 on questions of SQuAD 2.0 dev, windows of 384 tokens; answers that are "
        "the same as ours are counted. transformers 4.57's own pipeline, and the loop that run_qa.py has. The"
        " goal was set against a loop with plain attention; here it has sdpa, which is faster.",
    ),
    Headline(
        "building",
        "Building a set",
        "questions",
        (OURS,),
        ("TextAttack augmenter", "pywsd loop"),
        {},
        "nothing",
        "`qads.v1` in one process. **No equal work**: the augmenter swaps a tenth of the words by any lemma "
        "of any synset; the loop takes the first word that pywsd's adapted Lesk finds another lemma for (with"
        " our tokens and tags: NLTK's models come by its downloader alone). Ours tags, chooses a sense in the"
        " light of question and paragraph, inflects, checks every word it touches, and says no where it is "
        "not sure.",
    ),
    Headline(
        "scoring",
        "Scoring answers",
        "questions",
        (OURS,),
        ("transformers", "evaluate"),
        {"transformers": 5.0},
        "figures",
        "The official metric over Google's BERT predictions for SQuAD 2.0 dev. `evaluate`'s squad_v2 is the "
        "same script as transformers' copy, but has to be fetched from a hub each time.",
    ),
    Headline(
        "intervals",
        "Bootstrap intervals",
        "intervals",
        (OURS,),
        ("scipy",),
        {},
        "intervals",
        "10,000 resamples of 1,204 paragraphs. scipy draws the percentile interval; ours is the bootstrap-t, "
        "which computes an error in every resample as well (docs/statistics.md says why).",
    ),
    Headline(
        "searching",
        "Searching for words that fool a reader",
        "questions",
        (OURS, "robust, bfloat16"),
        ("TextAttack",),
        {"TextAttack": 10.0},
        "nothing",
        "`robust attack`'s default, and TextAttack's greedy search by word importance, both with WordNet, the"
        " same reader and questions. Ours leaves names, numbers and answer words alone, so it can fool "
        "fewer; on TextAttack's own candidates it fools as many, 4.75 times as fast (132 questions, "
        "`benchmarks/attack_search.txt`).",
    ),
    Headline(
        "pretraining",
        "Pre-training",
        "tokens",
        (OURS,),
        ("Trainer",),
        {"Trainer": 1.3},
        "losses",
        "A BERT of the mini shape, 32 windows of 128 tokens a step, float32: a step, but the first two.",
    ),
)


def measure(headline: Headline, peers: str, *, rounds: int, quick: bool) -> dict[str, Any]:
    """Return what each side took, by turns, and what came of it; a side that cannot run says why."""
    sides = [*headline.ours, *headline.sides]
    taken: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    failed: dict[str, str] = {}
    for turn in range(rounds):
        for side in sides if turn % 2 == 0 else sides[::-1]:
            if side in failed:
                continue
            python = sys.executable if side in headline.ours else peers
            script = HERE / "peers" / f"{headline.name}.py"
            line = [python, str(script), "--side", side, *(["--quick"] if quick else [])]
            environment = os.environ | {
                "OMP_NUM_THREADS": "1",
                "PYTHONPATH": str(HERE.parent),
                "TOKENIZERS_PARALLELISM": "false",
            }
            done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                failed[side] = reason.replace(f"{Path.cwd()}/", "")  # whose machine it was says nothing
                print(f"{headline.name}: {side}: {failed[side]}", file=sys.stderr)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            taken[side].append(found)
            print(f"{headline.name}, {side}: {found['cpu']:.2f} s of CPU, {found['wall']:.2f} s", flush=True)
    if OURS in failed:
        raise SystemExit(f"{headline.name}: our own side failed: {failed[OURS]}")
    first = taken[OURS][0]["result"]
    return {
        "machine": machine(),
        "when": datetime.now(UTC).strftime("%d %B %Y").lstrip("0"),
        "rounds": rounds,
        "sides": {
            side: {
                "units": rows[0]["units"],
                "cpu": [round(row["cpu"], 4) for row in rows],
                "wall": [round(row["wall"], 4) for row in rows],
                "agrees": agreement(headline.agree, first, rows[0]["result"]),
                "versions": rows[0]["versions"],
            }
            for side, rows in taken.items()
            if rows and side not in failed
        },
        "failed": failed,
    }


def agreement(kind: str, ours: Any, theirs: Any) -> str:
    """Return in words how far a side's result is ours."""
    if kind == "answers":
        same = sum(ours[key] == text for key, text in theirs.items())
        return f"{100 * same / len(theirs):.1f} % of answers the same"
    if kind == "figures":
        return "same figures" if ours == theirs else f"other figures: {theirs}"
    if kind in ("intervals", "losses"):
        told = theirs if isinstance(theirs, list) else [theirs]
        return ("[{}]" if len(told) > 1 else "loss {}").format(", ".join(f"{one:.2f}" for one in told))
    return f"{theirs[0]} of {theirs[1]} fooled" if isinstance(theirs, list) else f"{theirs} changed"


def seconds(side: Mapping[str, Any], clock: str) -> float:
    """Return the median seconds of a unit."""
    return statistics.median(side[clock]) / float(side["units"])


def ratios(found: Mapping[str, Any], ours: str, peer: str) -> dict[str, float]:
    """Return how many times as long a peer takes, of the processor and of the clock."""
    sides = found["sides"]
    return {clock: seconds(sides[peer], clock) / seconds(sides[ours], clock) for clock in ("cpu", "wall")}


def page(measured: Mapping[str, Any]) -> str:
    """Return docs/performance.md."""
    lines = [
        "# Performance",
        "",
        "<!-- written by benchmarks/performance.py from docs/performance.json: change those -->",
        "",
        "Every headline beside its peers, measured in one run by one command; a ratio of 2 means that",
        "the peer takes twice as long. Seconds of the processor first: clocks on shared machines say less.",
        "",
        "![Ratios to the peers](performance.svg)",
        "",
        "| headline | side | units/s of CPU | peer takes, CPU | by the clock | goal | result |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for headline in HEADLINES:
        found = measured["headlines"].get(headline.name)
        if found is None:
            continue
        for side in (*headline.ours, *headline.sides):
            if side in found["failed"]:
                lines.append(
                    f"| | {side} | - | - | - | - | could not run: {_escaped(found['failed'][side])} |"
                )
                continue
            if side not in found["sides"]:
                continue
            row = found["sides"][side]
            title = f"**{headline.title}**, {headline.unit}" if side == OURS else ""
            told = {clock: f"{value:.2f} x" for clock, value in ratios(found, OURS, side).items()}
            goal = headline.goals.get(side)
            lines.append(
                f"| {title} | {side} | {1 / seconds(row, 'cpu'):,.1f} | {told['cpu']} | {told['wall']} | "
                f"{_verdict(goal, found, headline, side)} | {row['agrees']} |"
            )
    machines = {one.get("machine", measured["machine"]): None for one in measured["headlines"].values()}
    lines += ["", f"Machine: {'; '.join(machines)}. One thread a side.", ""]
    for headline in HEADLINES:
        found = measured["headlines"].get(headline.name)
        if found is not None:
            lines += [
                f"- **{headline.title}** ({found['when']}, medians of {found['rounds']}). {headline.note}",
            ]
    lines += ["", "Versions:", ""]
    for name, versions in _versions(measured).items():
        lines.append(f"- {name}: " + ", ".join(f"{one} {version}" for one, version in versions.items()))
    lines += [
        "",
        "## By one command",
        "",
        "```",
        "python benchmarks/performance.py --peers peers/bin/python",
        "```",
        "`--only scoring` measures one headline again; `benchmarks/requirements-peers.txt` says how the",
        "peers' environment is made. Other figures, each with the command that made it, stand in",
        "`benchmarks/*.txt`; what a million questions take is in [Large inputs](scale.md#large-inputs).",
        "",
    ]
    return "\n".join(lines)


def _verdict(goal: float | None, found: Mapping[str, Any], headline: Headline, side: str) -> str:
    """Return the goal, and whether any of our sides meets it."""
    if goal is None:
        return "-"
    best = max(ratios(found, ours, side)["cpu"] for ours in headline.ours if ours in found["sides"])
    return f"{goal:g} x: met" if best >= goal else f"{goal:g} x: **missed** ({best:.2f} x at best)"


def _versions(measured: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"ours": {}, "peers": {}}
    for headline in HEADLINES:
        for side, row in measured["headlines"].get(headline.name, {"sides": {}})["sides"].items():
            found["ours" if side in headline.ours else "peers"] |= row["versions"]
    return found


def _escaped(text: str) -> str:
    short = text if len(text) < 120 else f"{text[:117]}..."
    return short.replace("|", "\\|").replace("<", "&lt;")


def plot(measured: Mapping[str, Any]) -> Drawing:
    """Return the ratios of CPU time as bars on a logarithmic scale, ours being the line at 1."""
    rows = [
        (
            headline.title,
            side if ours == OURS else f"{side} (ours in bfloat16)",
            ratios(found, ours, side)["cpu"],
        )
        for headline in HEADLINES
        if (found := measured["headlines"].get(headline.name)) is not None
        for side in headline.sides
        for ours in headline.ours
        if side in found["sides"] and ours in found["sides"]
    ]
    left, width, line, top = 250.0, 640.0, 24.0, 14.0
    low, high = min(0.25, *(r for *_, r in rows)), max(10.0, *(r for *_, r in rows))

    def x(value: float) -> float:
        share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return left + share * (width - left - 70)

    shapes: list[Shape] = []
    y = top
    last = ""
    for title, side, ratio in rows:
        if title != last:
            y += 18
            shapes.append(Shape("text", ((0, y),), "bold", title))
            y += 6
            last = title
        ends = sorted((x(1), x(ratio)))
        box = ((ends[0], y + 4), (ends[1], y + 4), (ends[1], y + line - 4), (ends[0], y + line - 4))
        shapes.append(Shape("area", box, "b0" if ratio >= 1 else "b1"))
        shapes.append(Shape("text", ((12, y + 16),), "text", side))
        shapes.append(Shape("text", ((max(ends) + 6, y + 16),), "soft", f"{ratio:.1f} x"))
        y += line
    marks = [mark for mark in (0.1, 0.25, 0.5, 1, 2, 5, 10, 20) if low <= mark <= high]
    lines = [Shape("line", ((x(mark), top), (x(mark), y)), "axis" if mark == 1 else "grid") for mark in marks]
    labels = [Shape("text", ((x(mark), y + 16),), "soft", f"{mark:g} x", "middle") for mark in marks]
    about = "; ".join(f"{title}, {side}: {ratio:.2f} times our time" for title, side, ratio in rows)
    axis = Shape("text", ((x(1), y + 34),), "soft", "CPU time of the peer, in times of ours", "middle")
    return Drawing(
        "performance", "How long peers take", about, width, y + 44, (*lines, *shapes, *labels, axis)
    )


def machine() -> str:
    """Return the processor and its cores, as the system names them."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        named = [row.partition(":")[2].strip() for row in text.splitlines() if row.startswith("model name")]
    except OSError:
        named = []
    name = named[0] if named else platform.processor() or platform.machine()
    return f"{name}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", help="the Python of the peers' environment")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=[headline.name for headline in HEADLINES])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", action="store_true", help="write the page of what was measured")
    given = parser.parse_args(arguments)
    if not given.page and not given.peers:
        parser.error("--peers is missing: the Python of an environment with the peers")
    measured: dict[str, Any] = {"machine": machine(), "headlines": {}}
    if FIGURES.exists():
        measured = json.loads(FIGURES.read_text(encoding="utf-8")) | (
            {} if given.page else {"machine": machine()}
        )
    for headline in () if given.page else HEADLINES:
        if given.only and headline.name not in given.only:
            continue
        found = measure(headline, given.peers, rounds=1 if given.quick else given.rounds, quick=given.quick)
        measured["headlines"][headline.name] = found
        if not given.quick:
            write_text(FIGURES, json.dumps(measured, indent=1, sort_keys=True) + "\n")
    if given.quick:
        print(page(measured))
        return
    write_text(PAGE, page(measured))
    write_text(PLOT, plot(measured).standalone() + "\n")


if __name__ == "__main__":
    main()
