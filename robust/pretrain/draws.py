"""What chance decides of every step, made while the step before is computed.

Masks cost as much time as a small model takes for a step on a GPU, and they need nothing of it.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple

import torch
from torch import Tensor

from robust.pretrain.objectives.base import Objective
from robust.pretrain.packing import PackReader


class Part(NamedTuple):
    """A part of a step: the seed of its dropout, its share of the step's windows, what was drawn."""

    seed: int
    share: float
    drawn: tuple[Tensor, ...]


class Draws:
    """The parts of a step that one of several processes computes; use it as a context.

    ``batch`` windows a step in ``parts`` parts, of which this process (``rank`` of ``size``) takes every
    ``size``-th. Every part is drawn with a generator of its own, seeded by ``seed``, the step and the part.
    """

    def __init__(
        self,
        objective: Objective,
        windows: PackReader,
        *,
        batch: int,
        parts: int,
        seed: int,
        rank: int,
        size: int,
    ) -> None:
        self._objective, self._windows = objective, windows
        self._batch, self._parts, self._seed = batch, parts, seed
        self._rank, self._size = rank, size
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="draws")
        self._next: tuple[int, Future[list[Part]]] | None = None

    def __enter__(self) -> Draws:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)

    def of(self, step: int) -> list[Part]:
        """Return the parts of step ``step`` (from 0), and begin with the next where that can be."""
        if not self._objective.ahead:
            return self._draw(step)
        if self._next is None or self._next[0] != step:
            self._next = step, self._thread.submit(self._draw, step)
        found = self._next[1].result()
        self._next = step + 1, self._thread.submit(self._draw, step + 1)
        return found

    def _draw(self, step: int) -> list[Part]:
        batch = torch.from_numpy(self._windows.batch(step, self._batch, self._seed))
        cut = list(enumerate(batch.tensor_split(min(self._parts, len(batch)))))
        return [
            self._part(part, _seed(self._seed, step + 1, place), len(part) / len(batch))
            for place, part in cut[self._rank :: self._size]
        ]

    def _part(self, windows: Tensor, seed: int, share: float) -> Part:
        drawn = self._objective.draw(windows, torch.Generator().manual_seed(seed))
        return Part(seed + 1, share, tuple(drawn))


def _seed(seed: int, step: int, part: int) -> int:
    """Return a seed of 63 bits for a part of a step: neighbours must not get related streams."""
    digest = hashlib.sha256(f"{seed}|{step}|{part}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
