"""A training step as one CUDA graph: the GPU repeats it without being told every kernel again.

A small model's kernels take less time than Python takes to launch them. A recorded step has the same kernels
on the same addresses, so only what changes from step to step is copied in: what was drawn, and the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from robust.errors import UserError
from robust.pretrain.draws import Part

# Steps computed the plain way first: the optimiser makes its moments, libraries choose their kernels.
WARM = 3
Compute = Callable[[Sequence[Part]], Tensor]


class Recorded:
    """``compute`` (the parts of a step -> its figures, on the device), recorded once it is warm.

    It must draw nothing on the device and wait for nothing there. ``phase`` says what the step computes:
    where it changes, it is recorded again. Everything, the plain steps too, has to run in ``stream()``.
    """

    def __init__(self, compute: Compute, optimiser: torch.optim.Optimizer) -> None:
        self._compute, self._optimiser = compute, optimiser
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: list[Part] = []
        self._figures = torch.empty(0)
        self._phase: int | None = None
        self._plain = 0

    def stream(self) -> AbstractContextManager[Any]:
        """Return the context in which every step runs."""
        self._stream.wait_stream(torch.cuda.current_stream())
        context: AbstractContextManager[Any] = torch.cuda.stream(self._stream)
        return context

    def __call__(self, parts: Sequence[Part], phase: int) -> Tensor:
        """Return the figures of a step, which is computed, or repeated."""
        if phase != self._phase:
            self._phase, self._plain, self._graph = phase, 0, None
        if self._graph is None and self._plain < WARM:
            self._plain += 1
            return self._compute(parts)
        if self._graph is None:
            self._record(parts)
        for own, part in zip(self._inputs, parts, strict=True):
            for to, tensor in zip(own.drawn, part.drawn, strict=True):
                to.copy_(tensor)
        assert self._graph is not None
        self._graph.replay()
        return self._figures

    def _record(self, parts: Sequence[Part]) -> None:
        self._optimiser.zero_grad(set_to_none=True)  # the graph allocates gradients of its own
        self._inputs = [part._replace(drawn=tuple(t.cuda() for t in part.drawn)) for part in parts]
        graph = torch.cuda.CUDAGraph()
        # the thread that draws ahead may call CUDA meanwhile
        with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
            self._figures = self._compute(self._inputs)
        self._graph = graph


def check_recordable(device: torch.device, processes: int, dropouts: Sequence[float], *, ahead: bool) -> None:
    """Raise UserError where a step cannot be recorded: off CUDA, with dropout, or in several processes."""
    if device.type != "cuda":
        raise UserError(f"--cuda-graph: the device is {device.type}; expected cuda; leave it out here")
    if processes > 1:
        raise UserError(f"--cuda-graph: {processes} processes exchange gradients; leave it out, or start one")
    if not ahead:
        raise UserError("--cuda-graph: this objective's masks depend on its weights; leave it out")
    if any(dropouts):
        raise UserError(
            f"--cuda-graph: a dropout of {max(dropouts)} is drawn anew each step; add --dropout 0"
        )
