"""A search by several processes: each has a reader of its own and takes some questions at a time.

One process keeps one core busy: more threads in the same small matrices bring next to nothing. What comes of
a question does not depend on the others, so neither does it depend on who searched it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from robust.attack.scorers import NO_SCORERS, GoldLoss, Screen
from robust.attack.search import Plan, SearchOutcome, search
from robust.build.shards import cores, start_worker
from robust.errors import UserError
from robust.squad.records import Question

# Questions that a process takes at a time, and how few are not worth the seconds in which another one loads.
PART, WORTH_PROCESSES = 64, 400

Losses = Callable[[], tuple[GoldLoss, Screen | None]]
"""Loads the reader anew, in another process: to be pickled, so no closure."""

_own: list[tuple[Plan, GoldLoss, Screen | None, int]] = []  # what a worker has loaded


def count_workers(wanted: int | None, questions: int) -> int:
    """Return how many processes to start: ``wanted``, or one a core where that is worth it; 1 is this one."""
    parts = -(-questions // PART)
    if wanted is None:
        wanted = cores()
        if questions < WORTH_PROCESSES:
            return 1
    return max(1, min(wanted, parts))


def search_side_by_side(
    questions: Sequence[Question], plan: Plan, losses: Losses, workers: int, *, at_once: int = 96
) -> Iterator[SearchOutcome]:
    """Yield the outcome of every question once, in the order in which they are finished.

    The attack may ask no scorer. Raises UserError where a process is killed (out of memory).
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # a fork would inherit torch's threads, which then wait for ever
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_load, initargs=(plan, losses, at_once)
    )
    try:
        parts = [questions[first : first + PART] for first in range(0, len(questions), PART)]
        for done in as_completed([pool.submit(_search, list(part)) for part in parts]):
            yield from done.result()
    except BrokenProcessPool as error:
        raise UserError(
            "a process of the search was killed (out of memory?); run the same with fewer --workers, "
            "it continues"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _load(plan: Plan, losses: Losses, at_once: int) -> None:
    """Make ready a worker."""
    import torch

    start_worker()
    torch.set_num_threads(1)
    _own[:] = [(plan, *losses(), at_once)]


def _search(questions: list[Question]) -> list[SearchOutcome]:
    ((plan, loss, screen, at_once),) = _own
    return list(search(questions, plan, loss, NO_SCORERS, screen=screen, at_once=at_once))
