"""Work of our own for the tests of machines: what is pickled must be importable where it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from robust.errors import UserError


@dataclass(frozen=True)
class Noting:
    """Notes in ``folder`` which node began a piece and which ended it, and returns its square.

    On the node ``stuck_on`` no piece comes to an end; elsewhere none does before one was begun there.
    """

    folder: Path
    stuck_on: str = ""
    gpus: int = 0

    def open(self) -> Callable[[int], int]:
        import ray

        node = ray.get_runtime_context().get_node_id()

        def square(piece: int) -> int:
            name = f"{piece:03}-{node}-{os.getpid()}"
            (self.folder / f"{name}.begun").touch()
            while self.stuck_on and (node == self.stuck_on or not self._began_there()):
                time.sleep(0.1)
            (self.folder / f"{name}.ended").touch()
            return piece * piece

        return square

    def _began_there(self) -> bool:
        return any(self.folder.glob(f"*-{self.stuck_on}-*.begun"))


@dataclass(frozen=True)
class Refusing:
    """Finds a user's mistake in the third piece."""

    gpus: int = 0

    def open(self) -> Callable[[int], int]:
        def refuse(piece: int) -> int:
            if piece == 2:
                raise UserError("data.json: question 2 is wrong; correct it")
            return piece

        return refuse


@dataclass(frozen=True)
class Dying:
    """Ends its process, as running out of memory does."""

    gpus: int = 0

    def open(self) -> Callable[[int], int]:
        def die(piece: int) -> int:
            os._exit(1)

        return die
