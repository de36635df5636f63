"""The driver: many questions' searches at once, what they want scored in one go.

A search alone asks for a handful of texts at a time, which leaves a GPU idle (and costs a CPU its batches).
Here so many questions are under way that a request holds ``at_once`` texts; what comes of a question does not
depend on the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from robust.attack.scorers import GoldLoss, Scorers
from robust.attack.search.one import OneSearch, Outcome, Plan
from robust.squad.records import Question

__all__ = ["Outcome", "Plan", "search"]


def search(
    questions: Sequence[Question],
    plan: Plan,
    reader: GoldLoss,
    scorers: Scorers,
    *,
    at_once: int = 256,
) -> Iterator[Outcome]:
    """Yield the outcome of every question once, as they are finished.

    ``scorers`` are what the attack may ask, ``reader`` is who is attacked. New questions are begun as long as
    fewer than ``at_once`` texts are wanted; no more are ever given to the reader in one call.
    """
    waiting = deque(questions)
    running: list[OneSearch] = []
    while waiting or running:
        wanted = sum(len(one.wanted) for one in running)
        while waiting and wanted < at_once:
            running.append(OneSearch(waiting.popleft(), plan, scorers))
            wanted += len(running[-1].wanted)
        texts = [question for one in running for question in one.wanted]
        parts = (texts[first : first + at_once] for first in range(0, len(texts), at_once))
        losses = iter([loss for part in parts for loss in reader.loss(part)])
        for one in running:
            one.take([next(losses) for _ in one.wanted])
            if one.outcome is not None:
                yield one.outcome
        running = [one for one in running if one.outcome is None]
