"""What an attack may ask of a model: the protocols, nothing of torch.

A scorer is handed in by the command (``robust.cli.scorers``): nothing in this room imports a reader or a
masked LM. An attack says which it needs in ``Attack.needs`` and finds it in ``scene.scorers``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError, extra
from robust.squad.records import Question

Need = Literal["masked-lm", "sentences", "reader"]


class Blank(NamedTuple):
    """A text with a gap at ``start:end`` (code points), its content hidden; of no width: an insertion."""

    text: str
    start: int
    end: int


class Filling(NamedTuple):
    """A word for a gap, as the text would show it, and its log-probability there."""

    word: str
    score: float


class MaskedLm(Protocol):
    """A masked language model."""

    @property
    def sha256(self) -> str:
        """The SHA-256 that identifies its weights."""
        ...

    def fill(self, blanks: Sequence[Blank], top: int) -> list[list[Filling]]:
        """Return the ``top`` likeliest whole words of each gap, likeliest first."""
        ...

    def fluency(self, texts: Sequence[str]) -> list[float]:
        """Return the mean pseudo-log-likelihood of a token (Salazar et al. 2020) of each text, in nats."""
        ...

    def on(self, device: str) -> MaskedLm:
        """Return this model on a device: cpu, cuda, cuda:1 ..."""
        ...


class SentenceVectors(Protocol):
    """A sentence encoder."""

    @property
    def sha256(self) -> str:
        """The SHA-256 that identifies its weights."""
        ...

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, float32 of shape (texts, dimensions)."""
        ...


class GoldLoss(Protocol):
    """A reader, asked how far it is from the gold answer."""

    @property
    def sha256(self) -> str:
        """The SHA-256 that identifies its weights."""
        ...

    def loss(self, questions: Sequence[Question]) -> list[float]:
        """Return for each question how badly the gold answer does: higher is worse, above 0 it is wrong."""
        ...


class Screen(GoldLoss, Protocol):
    """A cheap stand-in for a reader: it orders candidates, and the reader judges the few that matter.

    Its losses go up and down with the reader's; by how much they differ from them does not matter.
    """

    @property
    def about(self) -> Mapping[str, Any]:
        """What manifests say of it, as JSON values."""
        ...


@dataclass(frozen=True, slots=True)
class Scorers:
    """The scorers at hand; None where the command gave none."""

    masked_lm: MaskedLm | None = None
    sentences: SentenceVectors | None = None
    reader: GoldLoss | None = None

    def need_masked_lm(self, who: str) -> MaskedLm:
        """Return the masked LM; UserError names the option where there is none."""
        if self.masked_lm is None:
            raise UserError(f"{who}: needs a masked language model; name one with --masked-lm MODEL")
        return self.masked_lm

    def need_sentences(self, who: str) -> SentenceVectors:
        """Return the sentence encoder; UserError names the extra where there is none."""
        if self.sentences is None:
            raise UserError(f"{who}: needs sentence vectors; {extra('semantic')}")
        return self.sentences

    def on(self, device: str) -> Scorers:
        """Return these with the masked LM, the one that counts, moved to a device of this machine."""
        return self if self.masked_lm is None else replace(self, masked_lm=self.masked_lm.on(device))

    def sha256s(self) -> dict[Need, str]:
        """Return the SHA-256 of each scorer that is at hand, for hashes and manifests."""
        held: dict[Need, MaskedLm | SentenceVectors | GoldLoss | None] = {
            "masked-lm": self.masked_lm,
            "sentences": self.sentences,
            "reader": self.reader,
        }
        return {need: scorer.sha256 for need, scorer in held.items() if scorer is not None}


NO_SCORERS = Scorers()
