"""One process works, the others wait and take what it made: a lock that a killed process lets go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from robust.files import cannot_write
from robust.home import robust_home

try:
    import fcntl
except ImportError:  # no such locks there: what two processes make at once is made twice, the last stays
    fcntl = None  # type: ignore[assignment]

_POLL = 0.1  # seconds


@contextmanager
def alone(name: str, what: str, notice: Callable[[str], None] = lambda line: None) -> Iterator[float]:
    """Hold the lock ``name`` of this machine; yield how many seconds it was waited for.

    Who has to wait says so through ``notice`` first: ``what`` is being done elsewhere. The file stays, empty.
    """
    path = robust_home() / "gate" / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a")
    except OSError as error:
        raise cannot_write(path, error) from error
    with stream:
        begin, waits = time.monotonic(), False
        while not _taken(stream.fileno()):
            if not waits:
                notice(f"waiting for another process: {what} (lock {path})")
                waits = True
            time.sleep(_POLL)
        yield time.monotonic() - begin if waits else 0.0  # closing the file lets the lock go


def _taken(descriptor: int) -> bool:
    """Take the lock; say whether it is ours, as it is where there are no locks at all."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system that knows none
        return True
    return True
