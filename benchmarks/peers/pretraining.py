"""Tokens a second of pre-training: our loop, and transformers' Trainer; one side of `pretrain.py` each.

A BERT of the mini shape, 32 windows of 128 tokens a step, float32. ``result``: the mean loss.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from side import Clock, Side, run

WINDOWS, LENGTH = 32, 128


def one(side: str) -> Side:
    """Return the side of `pretrain.py` of that name."""

    def work(quick: bool, clock: Clock) -> tuple[int, Any]:
        script = Path(__file__).resolve().parents[1] / "pretrain.py"
        steps = "3" if quick else "8"
        done = subprocess.run(
            [sys.executable, str(script), "--side", side, "--steps", steps],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        clock.wall, clock.cpu = found["wall"], found["cpu"]
        clock.extra["peak_mb"] = round(found["peak"] / 1e6)
        return WINDOWS * LENGTH, round(found["loss"], 2)

    return work


SIDES = {"robust": one("robust"), "Trainer": one("Trainer")}

if __name__ == "__main__":
    run(SIDES)
