"""Print the markdown tables of docs/results.md from the summaries of run folders.

    python tools/results_tables.py RUN [RUN ...]

Every figure comes from ``summary.json``; nothing is typed in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FIGURES = {
    "exact": "EM",
    "f1": "F1",
    "HasAns_exact": "HasAns EM",
    "HasAns_f1": "HasAns F1",
    "HasAns_span_exact": "HasAns EM, best span (null off)",
    "HasAns_span_f1": "HasAns F1, best span (null off)",
    "HasAns_abstained": "HasAns abstained (rise)",
    "NoAns_exact": "NoAns EM",
    "best_exact": "EM, oracle threshold",
    "best_f1": "F1, oracle threshold",
}


def interval(bounds: list[float] | None, sign: str = "+") -> str:
    """Return ``[low, high]`` with one decimal, or a dash: older runs have intervals of no width for none."""
    return "-" if not bounds or bounds[0] == bounds[1] else f"[{bounds[0]:{sign}.1f}, {bounds[1]:{sign}.1f}]"


def plain(summary: Mapping[str, Any]) -> list[str]:
    """Return the table of a plain data file."""
    lines = ["| figure | score | 95 % interval |", "|---|---|---|"]
    for key, label in FIGURES.items():
        if key in summary:
            bounds = interval(summary.get("interval", {}).get(key), "")
            name = label.removesuffix(" (rise)")
            lines.append(f"| {name} | {summary[key]:.2f} | {bounds} |")
    return lines


def paired(summary: Mapping[str, Any]) -> list[str]:
    """Return the table of a set: clean, perturbed, drop, by article and by paragraph."""
    lines = ["| figure | clean | perturbed | drop | by article | by paragraph |", "|---|---|---|---|---|---|"]
    before, after, drop = summary["original"], summary["perturbed"], summary["drop"]
    for key, label in FIGURES.items():
        if key in drop:
            fall = drop[key]
            bounds = [summary[name].get(key) for name in ("drop_interval", "drop_interval_paragraph")]
            if key == "HasAns_abstained":  # more of it is worse
                fall, bounds = 0.0 - fall, [[-b[1], -b[0]] if b else None for b in bounds]
            by_article, by_paragraph = (interval(b) for b in bounds)
            scores = f"{before[key]:.1f} | {after[key]:.1f} | {fall:+.1f}"
            lines.append(f"| {label} | {scores} | {by_article} | {by_paragraph} |")
    return lines


def controls(found: Mapping[str, Any]) -> list[str]:
    """Return the table of the control arms, on the questions that all arms share."""
    lines = [
        f"On the {found['questions']:,} questions that all arms rewrite:",
        "",
        "| arm | EM clean | EM perturbed | EM drop | by article | HasAns EM drop | best-span EM drop "
        "| abstained, rise |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, arm in found["arms"].items():
        drop, bounds = arm["drop"], interval(arm["drop_interval"].get("exact"))
        scores = f"{arm['original']['exact']:.1f} | {arm['perturbed']['exact']:.1f} | {drop['exact']:+.1f}"
        answerable = f"{drop['HasAns_exact']:+.1f} | {drop['HasAns_span_exact']:+.1f}"
        label = "QADS (the set)" if name == "main" else name
        rise = 0.0 - drop["HasAns_abstained"]
        lines.append(f"| {label} | {scores} | {bounds} | {answerable} | {rise:+.1f} |")
    return lines


def main(folders: list[str]) -> None:
    """Print the tables of every set of every run."""
    for folder in folders:
        run = json.loads((Path(folder) / "summary.json").read_text(encoding="utf-8"))
        command = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["command"]
        for name, summary in run["sets"].items():
            print(f"### {run['model']} on {name}\n\n`{command}`\n")
            if "original" not in summary:
                print(f"{summary['total']:,} questions.\n")
                print("\n".join(plain(summary)), "\n")
                continue
            count = f"{summary['questions']:,} questions in {summary['articles']} articles"
            if "coverage" in summary:
                count += f" ({100 * summary['coverage']:.1f} % of the {summary['asked']:,} asked)"
            print(f"{count}; {summary['variants']:,} variants.\n")
            print("\n".join(paired(summary)), "\n")
            if summary.get("controls", {}).get("arms"):
                print("\n".join(controls(summary["controls"])), "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
