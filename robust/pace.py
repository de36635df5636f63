"""Progress where nobody watches a bar, in a file, a pipe or a CI's page: a line now and then."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

# Seconds between two lines: a log shows that work goes on, and a day of it does not drown in them.
SILENCE = 60.0


def counting_lines(
    what: str, say: Callable[[str], None], silence: float = SILENCE
) -> Callable[[int, int], None]:
    """Return what is told how many of how many are done, and says a line each ``silence`` seconds."""
    last = monotonic()

    def count(done: int, total: int) -> None:
        nonlocal last
        if done < total and monotonic() - last >= silence:
            last = monotonic()
            say(f"{what} ... {done:,} of {total:,}")

    return count
