"""What every command asks of the machines that share its work: take pieces, give back what was made of each.

Only the command's own process reads data sets and writes files. A piece and its result travel; so machines
need no disk in common, and a result is the same whoever made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
_Given_contra = TypeVar("_Given_contra", contravariant=True)
_Made_co = TypeVar("_Made_co", covariant=True)


class Work(Protocol[_Given_contra, _Made_co]):
    """A kind of work, as a value that can be pickled. It knows nothing of where it is done."""

    @property
    def gpus(self) -> int:
        """How many GPUs each piece needs: 0 or 1."""
        ...

    def open(self) -> Callable[[_Given_contra], _Made_co]:
        """Make ready in the process that does the work, once; return what is called for every piece.

        That must depend on the piece alone, and may run twice: where a machine is lost, its pieces are done
        again elsewhere.
        """
        ...


class Machines(Protocol):
    """One or many machines."""

    @property
    def gpus(self) -> int:
        """How many GPUs there are in all."""
        ...

    def run(
        self, work: Work[Given, Made], pieces: Iterable[Given], *, in_order: bool = False
    ) -> Iterator[tuple[int, Made]]:
        """Yield (number of the piece from 0, what was made of it) as they are finished, each once.

        ``in_order``: in the order of the pieces. These are taken as machines become free, so that few are in
        memory at a time. Raises the UserError of a piece, or one that says what became of the machines.
        """
        ...


class Here:
    """This process alone, one piece after another."""

    gpus = 0

    def run(
        self, work: Work[Given, Made], pieces: Iterable[Given], *, in_order: bool = False
    ) -> Iterator[tuple[int, Made]]:
        """Yield what is made of each piece, in their order."""
        call: Callable[[Given], Made] | None = None
        for number, piece in enumerate(pieces):
            call = call or work.open()
            yield number, call(piece)
