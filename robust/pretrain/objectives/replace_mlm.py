"""Replace MLM: a masked LM that never sees [MASK] (Clark et al. 2020, section 3.4 and Table 5).

Hidden places hold the generator's samples, and the model tells the originals at those places. The paper asks
with it what [MASK], which no later text holds, costs BERT.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import (
    Objective,
    ObjectiveOutput,
    Ratio,
    at,
    encode,
    language_model_logits,
)
from robust.pretrain.objectives.generator import (
    MASKING,
    Corrupted,
    Hidden,
    Share,
    corrupt,
    hide,
    tie,
)


class ReplaceMLM(Objective):
    """Generator and masked LM, trained together: the generator's loss + ``weight`` x the model's.

    Both are ``ElectraForMaskedLM`` of one vocabulary; ``share``: see ``generator.tie``. Both losses are of
    one kind, so ``weight`` is 1 unless said (the paper gives none).
    """

    name: ClassVar[str] = "replace-mlm"

    def __init__(
        self,
        model: Any,
        generator: Any,
        alphabet: Alphabet,
        *,
        masking: Masking = MASKING,
        share: Share = "embeddings",
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.model = model
        self.generator = generator
        self.alphabet = alphabet
        self.masking = masking
        self.weight = weight
        tie(generator, model, share)

    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return the windows with tokens hidden: ``Hidden``."""
        return hide(windows, self.alphabet, self.masking, random)

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the joint loss; figures: the generator's and those of ``predict``."""
        corrupted = corrupt(self.generator, Hidden(*drawn))
        loss, figures = self.predict(corrupted)
        return ObjectiveOutput(corrupted.loss + self.weight * loss, {**corrupted.figures(), **figures})

    def predict(self, corrupted: Corrupted) -> ObjectiveOutput:
        """Return the model's own loss, the mean over the hidden places, and its ``prediction_figures``."""
        states = at(encode(self.model, corrupted.inputs), corrupted.positions)
        logits = language_model_logits(self.model, states).float()
        originals = corrupted.hidden_originals
        loss = functional.cross_entropy(logits.flatten(0, 1), originals.flatten())
        return ObjectiveOutput(loss, prediction_figures(logits.detach().argmax(-1), corrupted, loss.detach()))

    def models(self) -> dict[str, Any]:
        """Return the masked LM, which is fine-tuned, and the generator."""
        return {"": self.model, "generator": self.generator}


def prediction_figures(guesses: Tensor, corrupted: Corrupted, loss: Tensor) -> dict[str, Tensor | Ratio]:
    """Return what a model's ``guesses`` (windows, hidden tokens) at the hidden places are worth.

    ``prediction_loss`` is its own loss in nats a token; ``accuracy`` is over the hidden places, ``recovered``
    over those that were replaced: one that only copies its input has the generator's ``sampled_accuracy``
    and recovers 0.
    """
    right = (guesses == corrupted.hidden_originals).float()
    replaced = corrupted.replaced.gather(1, corrupted.positions)
    return {
        "prediction_loss": loss,
        "accuracy": right.mean(),
        "recovered": Ratio((right * replaced).sum(), replaced.sum()),
    }
