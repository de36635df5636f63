"""The work on a Ray cluster: a task a piece, done again where a node is lost.

Ray is imported by `connected` alone, that is with ``--engine ray``.
"""

from __future__ import annotations

import logging
import os
import socket
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from robust.errors import UserError, extra, first_line
from robust.scale.installed import differences, installed
from robust.scale.machines import Given, Made, Work

# How often a piece is begun again after its node or worker died, before the piece itself is to blame.
_AGAIN = 10
# Pieces that wait for each processor or GPU: enough that none is idle while results travel.
_WAITING = 2
# How long nothing may come back before we look whether any machine is left, in seconds.
_PATIENCE = 60.0
# How long a head may take to answer, in seconds.
_ANSWERS = 10.0
_NO_CLUSTER = "no Ray cluster answers ({}); start one with: ray start --head"
_EXTRA = f"--engine ray needs Ray, which is not installed; {extra('ray')}"


@contextmanager
def connected(address: str | None = None) -> Iterator[RayMachines]:
    """Yield the machines of a Ray cluster; leave it afterwards as it was.

    ``address`` is its HOST:PORT, or "auto": a cluster that runs on this machine; None is that, or else a Ray
    of this machine alone, which ends with the context. Raises UserError where Ray is missing or
    nothing answers.
    """
    try:
        import ray
    except ImportError as error:
        raise UserError(_EXTRA) from error
    if address is not None and address != "auto":
        _check_listens(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    alone: dict[str, Any] = {} if address else {"include_dashboard": False}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **alone)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise UserError(f"--address {address or 'auto'}: {_NO_CLUSTER.format(first_line(error))}") from error
    try:
        yield RayMachines(ray)
    finally:
        ray.shutdown()


def _check_listens(address: str) -> None:
    """Raise UserError where nothing listens: Ray itself would go on asking for many minutes."""
    host, colon, port = address.rpartition(":")
    if "/" in address or not (colon and host and port.isdecimal()):
        raise UserError(
            f"--address {address}: expected HOST:PORT of the cluster's head, and this command to run on one "
            "of its nodes; see docs/scale.md"
        )
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWERS).close()
    except (OSError, OverflowError) as error:
        raise UserError(f"--address {address}: {_NO_CLUSTER.format(first_line(error))}") from error


class RayMachines:
    """A cluster that this process is connected to."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    @property
    def gpus(self) -> int:
        """How many GPUs the nodes have that are up now."""
        return int(self._ray.cluster_resources().get("GPU", 0))

    def run(
        self, work: Work[Given, Made], pieces: Iterable[Given], *, in_order: bool = False
    ) -> Iterator[tuple[int, Made]]:
        """Yield (number, what was made of it) as pieces are finished, or in their order."""
        ray = self._ray
        # in a list, Ray leaves it to the task to fetch: once a process, not once a piece
        held = [ray.put(work)]
        task = ray.remote(_do).options(num_cpus=1, num_gpus=work.gpus, max_retries=_AGAIN)
        name = uuid.uuid4().hex
        ahead = iter(enumerate(pieces))
        waiting: deque[tuple[Any, int]] = deque()
        try:
            while True:
                room = self._room(work.gpus) - len(waiting)
                for number, piece in islice(ahead, max(0, room)):
                    waiting.append((task.remote(name, held, installed(), piece), number))
                if not waiting:
                    return
                found = [waiting[0][0]] if in_order else [ref for ref, _ in waiting]
                ready, _ = ray.wait(found, num_returns=1, timeout=_PATIENCE)
                if not ready:
                    self._check_alive(work.gpus)
                    continue
                place = next(i for i, (ref, _) in enumerate(waiting) if ref == ready[0])
                ref, number = waiting[place]
                del waiting[place]
                yield number, self._get(ref)
        finally:
            for ref, _ in waiting:
                with suppress(Exception):  # the cluster may be what was lost
                    ray.cancel(ref, force=False)

    def _room(self, gpus: int) -> int:
        """Return how many pieces may be on their way: it follows nodes that come and go."""
        slots = self._ray.cluster_resources().get("GPU" if gpus else "CPU", 0)
        return max(4, int(slots) * (1 + _WAITING))

    def _check_alive(self, gpus: int) -> None:
        kind = "GPU" if gpus else "CPU"
        if self._ray.cluster_resources().get(kind, 0) < 1:
            raise UserError(
                f"the Ray cluster has no node with a {kind} left; start nodes and run the same command "
                "again, it continues"
            )

    def _get(self, ref: Any) -> Any:
        exceptions = self._ray.exceptions
        try:
            return self._ray.get(ref)
        except exceptions.RayTaskError as error:
            if isinstance(error.cause, UserError):
                raise UserError(str(error.cause)) from None
            raise
        except exceptions.RayError as error:
            raise UserError(
                f"a piece of work was lost {_AGAIN + 1} times on the Ray cluster ({first_line(error)}); "
                "see the nodes' memory; the same command continues"
            ) from error


# The work that a worker process has open: (name of the run, what does a piece).
_open: tuple[str, Callable[[Any], Any]] | None = None


def _do(name: str, held: list[Any], wanted: dict[str, str], piece: Any) -> Any:
    """Do one piece in a worker process of a node."""
    global _open  # noqa: PLW0603 - it lives as long as the process, over many tasks
    if _open is None or _open[0] != name:
        import ray

        _open = None  # before the next is loaded: a GPU may not hold two
        if told := differences(wanted, installed()):
            raise UserError(
                f"node {os.uname().nodename}: has {told}; results would differ: install the same on all nodes"
            )
        _open = name, ray.get(held[0]).open()
    return _open[1](piece)
