"""The table of docs/qads.md: how often people accept a substitute, at equal coverage of SWORDS' targets.

    python benchmarks/validity_table.py SWORDS-DEV.json.gz [TEXTATTACK.json]

Each row is an attack that puts one word in the place of every target it can; its surest answers are kept
until the coverage of the column is reached. TEXTATTACK.json is made by `validity_textattack.py`; TextAttack
does not rank its offers, so its figure is the mean over them all and the same at every coverage.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from robust.attack.registry import make
from robust.attack.validity import answer, curve, offered, read_targets

COVERAGES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4)


def rows(targets):
    """Yield (name, answers) of our attacks, without a least safety."""
    paper = make("qads.v1", preset="paper")
    safe = make("qads.v1", cross_fitted=True, least_safety=0.0)
    for name, attack in (
        ("qads.v1 safe, cross-fitted", safe),
        ("first sense, filters and choice of safe", make("first-sense.v1", arm=safe)),
        ("random sense, filters and choice of safe", make("random-sense.v1", arm=safe)),
        ("qads.v1 paper", paper),
        ("first sense, first word", make("first-sense.v1", arm=paper)),
        ("random sense, first word", make("random-sense.v1", arm=paper)),
    ):
        yield name, [answer(attack, target) for target in targets]


def cell(point):
    """Return a point of a curve as a table's cell."""
    low, high = point["interval_judged"]
    return (
        f"{point['precision_judged']:.1%} [{low:.0%}, {high:.0%}] of {point['judged']}; "
        f"{point['precision_all']:.1%}"
    )


def main(path, offers=None):
    """Print every attack's precision at equal coverage, and TextAttack's offers where given."""
    targets = read_targets(Path(path))
    print("| attack | " + " | ".join(f"{c:.0%}" for c in COVERAGES) + " | all it covers |")
    print("|---" * (len(COVERAGES) + 2) + "|")
    for name, answers in rows(targets):
        points = curve(targets, answers)
        by_size = {point["answered"]: point for point in points}
        found = [by_size.get(round(c * len(targets))) for c in COVERAGES]
        cells = ["-" if point is None else cell(point) for point in found]
        last = points[-1]
        print(f"| {name} | " + " | ".join(cells) + f" | {cell(last)} at {last['coverage']:.0%} |")
    if offers:
        found = offered(targets, json.loads(Path(offers).read_text("utf-8")))
        low, high = found["interval_judged"]
        print(
            f"| TextAttack WordSwapWordNet, drawn | {found['precision_judged']:.1%} "
            f"[{low:.0%}, {high:.0%}] of {found['judged']}; {found['precision_all']:.1%} "
            f"(offers: {found['offers_accepted']} of {found['offers_judged']} judged) "
            f"at {found['coverage']:.0%} |"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
