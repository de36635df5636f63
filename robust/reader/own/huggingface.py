"""A Hugging Face question-answering model as a reader: from memory, a folder, the catalogue or the hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robust.reader.decode import Prediction
from robust.reader.predict import PredictSettings, predict
from robust.squad.records import Question
from robust.zoo.checkpoints import LoadedReader, load_reader
from robust.zoo.in_memory import in_memory_reader


@dataclass(frozen=True, slots=True)
class HuggingFaceReader:
    """A loaded model as a reader; ``evaluate`` keeps its predictions by the SHA-256 of its weights."""

    loaded: LoadedReader
    settings: PredictSettings
    batch: int = 1_000

    @property
    def name(self) -> str:
        """The model's name, as tables and run folders call it."""
        return Path(self.loaded.name).name or self.loaded.name

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        """Return the best span and the null odds of every question, computed in batches."""
        return predict(self.loaded, questions, self.settings)


def from_huggingface(
    model: Any, tokenizer: Any = None, name: str | None = None, *, device: str = "auto", dtype: Any = "auto"
) -> HuggingFaceReader:
    """Return a reader of a ``*ForQuestionAnswering`` model, in memory or by name.

    ``model`` is a loaded model, with its fast ``tokenizer``; or a folder, a catalogue name or a hub id,
    which brings its own. ``name``: what to call it. ``device`` and ``dtype`` as in ``PredictSettings``.
    Raises UserError for a model without a span head, a slow tokenizer or one of another vocabulary.
    """
    settings = PredictSettings(device=device, dtype=dtype)
    if isinstance(model, str | Path):
        loaded = load_reader(model)
    else:
        loaded = in_memory_reader(model, tokenizer, name or type(model).__name__)
    if name is not None and loaded.name != name:
        loaded = LoadedReader(loaded.model, loaded.tokenizer, loaded.settings, name, loaded.sha256)
    return HuggingFaceReader(loaded, settings)
