"""The processes that share a run: one, or as many as torchrun or ``accelerate launch`` started.

All of them know all windows of a step and take some of its parts; ``accelerate`` and torch's
DistributedDataParallel average the gradients. So the number of processes changes no loss but by rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from importlib import import_module
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from robust.errors import UserError, extra
from robust.pretrain.objectives.base import ObjectiveOutput

Forward = Callable[..., ObjectiveOutput]


class Processes(Protocol):
    """What the loop asks of the processes it runs in; ``rank`` counts from 0, which alone writes files."""

    rank: int
    size: int
    device: torch.device

    def wrap(self, objective: nn.Module) -> Forward:
        """Return the objective's forward pass, whose backward pass averages gradients over all processes."""

    def alone(self) -> AbstractContextManager[Any]:
        """Return a context in which gradients of what was wrapped add up but are not exchanged."""

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""

    def agreed(self, value: float) -> float:
        """Return the first process's value, the same in all."""

    def first(self) -> AbstractContextManager[Any]:
        """Return a context that the first process goes through before the others enter it."""

    def finish(self) -> None:
        """Wait for all and part; nothing can be exchanged after it."""


class OneProcess:
    """A run in this process alone."""

    rank = 0
    size = 1

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)

    def wrap(self, objective: nn.Module) -> Forward:
        """Return the objective as it is."""
        return objective

    def alone(self) -> AbstractContextManager[Any]:
        """Return a context that does nothing, as do all here."""
        return nullcontext()

    def total(self, values: Tensor) -> Tensor:
        """Return the values."""
        return values

    def agreed(self, value: float) -> float:
        """Return the value."""
        return value

    def first(self) -> AbstractContextManager[Any]:
        """Return a context that does nothing."""
        return nullcontext()

    def finish(self) -> None:
        """Do nothing."""


class SeveralProcesses:
    """One of the processes that a launcher started, through an ``accelerate.Accelerator``."""

    def __init__(self, accelerator: Any) -> None:
        self._accelerator = accelerator
        self.rank: int = accelerator.process_index
        self.size: int = accelerator.num_processes
        self.device: torch.device = accelerator.device
        self._wrapped: Any = None

    def wrap(self, objective: nn.Module) -> Forward:
        """Put the objective into DistributedDataParallel, with the first process's weights in all."""
        self._wrapped = self._accelerator.prepare_model(objective)
        forward: Forward = self._wrapped
        return forward

    def alone(self) -> AbstractContextManager[Any]:
        """Return DistributedDataParallel's ``no_sync``."""
        context: AbstractContextManager[Any] = self._accelerator.no_sync(self._wrapped)
        return context

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        summed: Tensor = self._accelerator.reduce(values, reduction="sum")
        return summed

    def agreed(self, value: float) -> float:
        """Return the first process's value, the same in all."""
        return float(self.total(torch.tensor(0.0 if self.rank else value, device=self.device)))

    def first(self) -> AbstractContextManager[Any]:
        """Return accelerate's ``main_process_first``."""
        context: AbstractContextManager[Any] = self._accelerator.main_process_first()
        return context

    def finish(self) -> None:
        """Wait for all and close the group."""
        self._accelerator.wait_for_everyone()
        self._accelerator.end_training()


def launched(device: str) -> Processes:
    """Return the processes that this one was launched with on ``device`` (cpu or cuda): mostly, itself alone.

    Raises UserError where a launcher started it and accelerate is not installed.
    """
    if not torch.distributed.is_available() or not torch.distributed.is_torchelastic_launched():
        return OneProcess(device)
    try:
        from accelerate import Accelerator, DistributedDataParallelKwargs, InitProcessGroupKwargs
    except ImportError as error:
        raise UserError(
            f"several processes need accelerate, which is not installed; {extra('distributed')}"
        ) from error
    # before there is a group: this module would keep it, and its threads, into Python's own end (as
    # robust/scale/launched.py says), and a model brings it
    import_module("torch.distributed.nn.functional")
    # a pooler or an unused head gets no gradient in some objectives
    handler = DistributedDataParallelKwargs(find_unused_parameters=True)
    # the others wait while the first packs the corpus
    patience = InitProcessGroupKwargs(timeout=timedelta(days=1))
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="no", kwargs_handlers=[handler, patience])
    return SeveralProcesses(accelerator) if accelerator.num_processes > 1 else OneProcess(device)
