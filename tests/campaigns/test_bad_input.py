"""Bad input, in short: some hundred changed inputs for every target (by hand and nightly: 100,000 and more).

ROBUST_CAMPAIGN=100000 pytest tests/campaigns/test_bad_input.py
python -m tests.campaigns.fuzz TARGET --runs 100000     # guided by coverage, with the extra fuzz
"""

from __future__ import annotations

import faulthandler
import os
import resource
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random

import pytest

from tests.campaigns import targets
from tests.campaigns.targets import TARGETS, clear

INPUTS = int(os.environ.get("ROBUST_CAMPAIGN", "200"))
PATIENCE = 5.0  # seconds of this process's own for one input: others may keep the machine busy
MEMORY = 1 << 20  # KiB that the process may grow by
# what the campaigns found once, and is held by tests beside it
FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_end_in_one_line_or_are_read(name: str, tmp_path: Path) -> None:
    target, random = TARGETS[name], Random(f"{name} 1")
    seeds = target.seeds()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(INPUTS):
        data = seeds[number % len(seeds)]
        for _ in range(number % 4):  # the seeds themselves too
            data = target.worse(data, random)
        faulthandler.dump_traceback_later(600, exit=True)  # a hang in native code, too, ends the campaign
        start = time.process_time()
        try:
            target.attempt(data, tmp_path)
        except BaseException:
            (tmp_path.parent / f"found-{name}").write_bytes(data)
            print(f"kept: {tmp_path.parent / f'found-{name}'}, {data[:300]!r}")
            raise
        finally:
            faulthandler.cancel_dump_traceback_later()
        assert time.process_time() - start < PATIENCE, data[:300]
        clear(tmp_path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEMORY, f"grew by {grown >> 10} MB"


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused as it stands leads nowhere when it is changed."""
    monkeypatch.setattr(targets, "refusing", nullcontext)
    for seed in TARGETS[name].seeds():
        TARGETS[name].attempt(seed, tmp_path)
        clear(tmp_path)


@pytest.mark.parametrize(
    "file", sorted(FOUND.glob("*/*")), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_what_was_found_stays_mended(file: Path, tmp_path: Path) -> None:
    TARGETS[file.parent.name].attempt(file.read_bytes(), tmp_path)
