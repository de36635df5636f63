"""Things that a stranger may send: a pickle that writes a file when it is opened, and how to tell."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest


class Evil:
    """Unpickled, it makes a folder: proof that code of the file has run."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def evil_pickle(mark: Path) -> bytes:
    return pickle.dumps(Evil(mark), protocol=2)


def has_run(mark: Path) -> bool:
    return mark.exists()


def check_it_would_run(mark: Path) -> None:
    """Make sure that the trap works: a test that cannot fail is none."""
    proof = mark.with_name("proof")
    pickle.loads(evil_pickle(proof))
    if not proof.exists():
        pytest.fail("the crafted pickle does nothing, so this test shows nothing")
