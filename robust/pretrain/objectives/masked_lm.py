"""Masked language modelling: BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019).

Masks are drawn anew each time a window comes (RoBERTa's dynamic masking). Only hidden tokens go through the
head: at 15 % that saves most of the cost of a large vocabulary, and changes nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.base import Objective, ObjectiveOutput, at, encode, language_model_logits


class MaskedLM(Objective):
    """The mean cross-entropy of the hidden tokens; ``model`` is any ``*ForMaskedLM`` of the four families."""

    name: ClassVar[str] = "masked-lm"

    def __init__(self, model: Any, alphabet: Alphabet, masking: Masking | None = None) -> None:
        super().__init__()
        self.model = model
        self.alphabet = alphabet
        self.masking = masking or Masking()

    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return the windows with tokens hidden: ``Masked``."""
        return mask(windows, self.alphabet, self.masking, random)

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the loss, and the share of hidden tokens that come out right (``accuracy``)."""
        inputs, positions, originals = drawn
        logits = language_model_logits(self.model, at(encode(self.model, inputs), positions)).float()
        loss = functional.cross_entropy(logits.flatten(0, 1), originals.flatten())
        right = (logits.detach().argmax(-1) == originals).float().mean()
        return ObjectiveOutput(loss, {"accuracy": right})

    def models(self) -> dict[str, Any]:
        """Return the model."""
        return {"": self.model}
