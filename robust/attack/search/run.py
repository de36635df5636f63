"""The driver: many questions' searches at once, what they want scored in one go.

A search alone asks for a handful of texts at a time, which leaves a GPU idle (and costs a CPU its batches).
Here so many questions are under way that a request holds ``at_once`` texts; what comes of a question does not
depend on the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from robust.attack.scorers import GoldLoss, Scorers, Screen
from robust.attack.search.one import OneSearch, Plan, SearchOutcome
from robust.squad.records import Question

__all__ = ["Plan", "SearchOutcome", "search"]


def search(
    questions: Sequence[Question],
    plan: Plan,
    reader: GoldLoss,
    scorers: Scorers,
    *,
    screen: Screen | None = None,
    at_once: int = 256,
) -> Iterator[SearchOutcome]:
    """Yield the outcome of every question once, as they are finished.

    ``scorers`` are what the attack may ask, ``reader`` is who is attacked; where there is a ``screen`` it is
    asked first, and the reader about what that takes for wrong. New questions are begun as long as
    fewer than ``at_once`` texts are wanted; no more are ever given to the reader in one call.
    """
    waiting = deque(questions)
    running: list[OneSearch] = []
    while waiting or running:
        wanted = sum(len(one.wanted) for one in running)
        while waiting and wanted < at_once:
            running.append(OneSearch(waiting.popleft(), plan, scorers, screened=screen is not None))
            wanted += len(running[-1].wanted)
        losses = {
            of_screen: _losses(running, of_screen, reader, screen, at_once) for of_screen in (False, True)
        }
        for one in running:
            one.take([next(losses[one.of_screen]) for _ in one.wanted])
            if one.outcome is not None:
                yield one.outcome
        running = [one for one in running if one.outcome is None]


def _losses(
    running: Sequence[OneSearch], of_screen: bool, reader: GoldLoss, screen: Screen | None, at_once: int
) -> Iterator[float]:
    """Return the losses of the texts that are wanted of the screen, or of the reader, in their order."""
    texts = [question for one in running if one.of_screen == of_screen for question in one.wanted]
    asked = screen if of_screen and screen is not None else reader
    parts = (texts[first : first + at_once] for first in range(0, len(texts), at_once))
    return iter([loss for part in parts for loss in asked.loss(part)])
