"""One side of a comparison in a process of its own: does its work, prints what it took and what came of it.

A headline is a module with ``SIDES``, name -> what does the work. ``run`` is its command line, and what it
prints is one line of JSON: ``units`` (questions, tokens ...), ``wall`` and ``cpu`` (seconds of the work
alone, models loaded and warm), ``result`` (what both sides must agree on, or come near to) and
``versions``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any


@dataclass
class Clock:
    """Seconds of the clock and of the processor that blocks under ``timed`` took, all together."""

    wall: float = 0.0
    cpu: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what the block takes."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


Side = Callable[[bool, Clock], tuple[int, Any]]  # (quick, clock) -> units, result
_NAMED = ("robust-qa", "torch", "transformers", "textattack", "nltk", "pywsd", "evaluate", "scipy", "numpy")


def run(sides: Mapping[str, Side]) -> None:
    """Do the work of ``--side``, and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", choices=sides, required=True)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    given = parser.parse_args()
    clock = Clock()
    units, result = sides[given.side](given.quick, clock)
    versions = {}
    for name in _NAMED:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    said = {"units": units, "wall": clock.wall, "cpu": clock.cpu, "result": result, "versions": versions}
    sys.stdout.write("\n" + json.dumps(said | clock.extra) + "\n")
