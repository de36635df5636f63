"""A reader on other machines: its weights travel to them, questions after them, and predictions come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch

from robust.errors import UserError
from robust.reader.decode import Prediction
from robust.reader.predict import Engine, PredictSettings, device_name
from robust.scale.machines import Machines
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader

# Questions in a piece: some seconds of work, of which a lost machine loses as much. No answer depends on it.
_PIECE = {"cuda": 2_048, "cpu": 128}


def gpus_of(settings: PredictSettings) -> int:
    """Return how many GPUs a piece of work with a model needs: 0 or 1."""
    return int(torch.device(settings.device).type == "cuda")


def resolve_on(machines: Machines, settings: PredictSettings) -> tuple[PredictSettings, str]:
    """Return the settings with nothing left to choose there, and the device's name for the manifest.

    ``auto`` is CUDA where the machines have any GPU. Raises UserError for a device that they do not have.
    """
    gpus = machines.gpus
    if gpus and settings.device.startswith("cuda:"):
        raise UserError(f"--device {settings.device}: each piece of work gets some GPU; use --device cuda")
    here = 1 if gpus and settings.device in ("auto", "cuda") else 0
    ((_, found),) = machines.run(_Resolving(settings, here), [None])
    return found


@dataclass(frozen=True, slots=True)
class _Resolving:
    """The work of looking what a machine has."""

    settings: PredictSettings
    gpus: int

    def open(self) -> Callable[[None], tuple[PredictSettings, str]]:
        """Return what resolves the settings."""

        def look(_: None) -> tuple[PredictSettings, str]:
            found = self.settings.resolve()
            return found, device_name(found.device)

        return look


@dataclass(frozen=True, slots=True)
class Predicting:
    """The work of predicting: questions in, their predictions out, in the same order."""

    reader: LoadedReader
    settings: PredictSettings

    @property
    def gpus(self) -> int:
        """How many GPUs it needs."""
        return gpus_of(self.settings)

    def open(self) -> Callable[[Sequence[Question]], list[Prediction]]:
        """Put the reader on its device; return what answers questions."""
        engine = Engine(self.reader, self.settings)

        def answer(questions: Sequence[Question]) -> list[Prediction]:
            found = dict(engine.run(questions))
            return [found[place] for place in range(len(questions))]

        return answer


def predictions(
    machines: Machines, reader: LoadedReader, settings: PredictSettings, questions: Sequence[Question]
) -> Iterator[tuple[int, Prediction]]:
    """Yield (place in ``questions``, prediction) as pieces are finished; ``settings`` are resolved ones."""
    size = _PIECE.get(torch.device(settings.device).type, _PIECE["cpu"])
    bare = [replace(q, id="", answers=(), title="", paragraph_id="", article="") for q in questions]
    pieces = (bare[first : first + size] for first in range(0, len(bare), size))
    for number, found in machines.run(Predicting(reader, settings), pieces):
        for place, prediction in enumerate(found):
            yield number * size + place, prediction
