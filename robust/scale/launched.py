"""The work on processes that torchrun (or ``accelerate launch``) started: the first leads, the others serve.

The first process runs the command; the others wait for pieces and give back what they made of them. So they
read no data set, write no file, and there may be another number of them next time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

import torch
import torch.distributed as dist

# Before there is a group: as a default of its functions this module keeps whatever group there is, and
# transformers imports it with a model. The threads of a group that is kept live on into Python's own end,
# which now and then aborts the process.
import torch.distributed.nn.functional

from robust.scale.machines import Given, Made, Work

# The others wait while the first reads its data.
_PATIENCE = timedelta(days=1)
_OPEN, _DO, _IDLE, _STOP = "open", "do", "idle", "stop"


@contextmanager
def joined() -> Iterator[Launched]:
    """Yield these processes. When the first one leaves the context, ``serve`` returns in the others."""
    if torch.cuda.is_available():  # "cuda" is then a GPU of this process's own
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group("gloo", timeout=_PATIENCE)
    found = Launched()
    try:
        yield found
    finally:
        if found.first:
            found.stop()
        dist.destroy_process_group()


class Launched:
    """A group of processes, of which this is one."""

    gpus = 0  # none to be asked for: each process has its own, or the processor

    def __init__(self) -> None:
        self.first = dist.get_rank() == 0
        self.size = dist.get_world_size()
        self._call: Callable[[Any], Any] | None = None

    def run(
        self, work: Work[Given, Made], pieces: Iterable[Given], *, in_order: bool = False
    ) -> Iterator[tuple[int, Made]]:
        """Yield (number, what was made of it) in the order of the pieces; a round of them at a time."""
        self._round([(_OPEN, work)] * self.size)
        ahead = iter(pieces)
        number = 0
        while batch := list(islice(ahead, self.size)):
            idle: list[tuple[str, Any]] = [(_IDLE, None)] * (self.size - len(batch))
            for made in self._round([*((_DO, piece) for piece in batch), *idle])[: len(batch)]:
                yield number, made
                number += 1

    def serve(self) -> None:
        """Do what the first process sends, until it has no more."""
        while self._take(None) is not None:
            pass

    def stop(self) -> None:
        """Let the others go."""
        self._take([(_STOP, None)] * self.size)

    def _round(self, messages: list[tuple[str, Any]]) -> list[Any]:
        """Send each process a message, itself too; return what they answer, or raise their first error."""
        answers = self._take(messages) or []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        return answers

    def _take(self, messages: list[tuple[str, Any]] | None) -> list[Any] | None:
        """Take part in one round: the first process gives the messages; None after the last round."""
        mine: list[Any] = [None]
        dist.scatter_object_list(mine, messages, src=0)
        kind, given = mine[0]
        if kind == _STOP:
            return None
        answer: Any = None
        try:
            if kind == _OPEN:
                self._call = None  # before the next is loaded: a GPU may not hold two
                self._call = given.open()
            elif kind == _DO and self._call is not None:
                answer = self._call(given)
        except Exception as error:  # it is raised in the first process, which all others wait for
            answer = error
        answers: list[Any] | None = [None] * self.size if self.first else None
        dist.gather_object(answer, answers, dst=0)
        return answers if answers is not None else []
