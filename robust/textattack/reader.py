"""Any reader as a TextAttack model: it takes pairs of question and context and returns predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from robust.reader.decode import Prediction
from robust.reader.own.huggingface import HuggingFaceReader
from robust.reader.own.protocol import BATCH, Checked, Reader
from robust.reader.predict import PredictSettings
from robust.squad.records import Question
from robust.textattack.library import textattack
from robust.zoo.checkpoints import LoadedReader
from robust.zoo.electra_head import JointReader


class ReaderWrapper(textattack.models.wrappers.ModelWrapper):
    """A reader (ours, loaded, or a `robust.Reader` of the user's own) as TextAttack wants a model.

    ``asked`` counts the pairs that it answered. ``null_alone``: its null odds are not weighed against spans
    (ELECTRA's joint head).
    """

    def __init__(self, reader: Reader | LoadedReader, settings: PredictSettings | None = None) -> None:
        if isinstance(reader, LoadedReader):
            reader = HuggingFaceReader(reader, settings or PredictSettings(dtype="float32"))
        self.model = reader
        self.batch = int(getattr(reader, "batch", BATCH))
        self.asked = 0
        loaded = reader.loaded.model if isinstance(reader, HuggingFaceReader) else None
        self.null_alone = isinstance(loaded, JointReader)
        self._checked = Checked(reader.name)

    @property
    def name(self) -> str:
        """What tables call the reader."""
        return str(self.model.name)

    def __call__(self, text_input_list: Sequence[tuple[str, str]], **_: Any) -> list[Prediction]:
        """Return a prediction for each pair of question and context, in their order, asked in batches.

        Raises UserError for an answer that is none.
        """
        questions = [
            Question(str(number), text, context, (), "", True, "", "")
            for number, (text, context) in enumerate(text_input_list)
        ]
        found: list[Prediction] = []
        for first in range(0, len(questions), self.batch):
            part = questions[first : first + self.batch]
            found += self._checked.batch(part, self.model.answer(part))
        self.asked += len(found)
        return found
