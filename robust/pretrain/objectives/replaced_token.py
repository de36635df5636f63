"""Replaced-token detection: ELECTRA (Clark et al., ICLR 2020).

A small masked language model (the generator) fills the hidden places by sampling; the encoder that is kept
(the discriminator) says of every token whether it is the original. A sampled token that equals the original
counts as original. Loss = masked-LM loss + 50 x mean binary cross-entropy over all tokens; no gradient flows
from the discriminator to the generator through the sampling.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn import functional

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import Objective, ObjectiveOutput, Ratio
from robust.pretrain.objectives.generator import (
    MASKING,
    Corrupted,
    Hidden,
    Share,
    corrupt,
    hide,
    tie,
)

Detect = Literal["all", "hidden"]
# The weight of the detection loss in the joint one (the paper's lambda).
DETECTION = 50.0


class Detected(NamedTuple):
    """What the discriminator says: logits of "replaced" (windows, length), and what they are worth.

    ``loss`` is in nats a token asked about; it and the logits have a gradient. ``figures`` are those of
    ``detection_figures``.
    """

    logits: Tensor
    loss: Tensor
    figures: dict[str, Tensor | Ratio]


class ReplacedToken(Objective):
    """Generator and discriminator, trained together (the paper's joint strategy).

    ``discriminator`` is an ``ElectraForPreTraining``, ``generator`` an ``ElectraForMaskedLM`` of the same
    vocabulary. ``share``: see ``generator.tie``. ``detect`` "hidden" asks about the hidden 15 % only, the
    paper's ablation ELECTRA 15 %. ``weight`` is that of the detection loss.
    """

    name: ClassVar[str] = "replaced-token"

    def __init__(
        self,
        discriminator: Any,
        generator: Any,
        alphabet: Alphabet,
        *,
        masking: Masking = MASKING,
        share: Share = "embeddings",
        detect: Detect = "all",
        weight: float = DETECTION,
    ) -> None:
        super().__init__()
        if detect not in get_args(Detect):
            raise UserError(f"detect {detect}: expected one of {', '.join(get_args(Detect))}")
        self.discriminator = discriminator
        self.generator = generator
        self.alphabet = alphabet
        self.masking = masking
        self.detect = detect
        self.weight = weight
        tie(generator, discriminator, share)

    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return the windows with tokens hidden: ``Hidden``."""
        return hide(windows, self.alphabet, self.masking, random)

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the joint loss; figures: those of the generator and the detector."""
        corrupted = corrupt(self.generator, Hidden(*drawn))
        detected = self.judge(corrupted)
        loss = corrupted.loss + self.weight * detected.loss
        return ObjectiveOutput(loss, {**corrupted.figures(), **detected.figures})

    def judge(self, corrupted: Corrupted) -> Detected:
        """Return what the discriminator makes of the corrupted windows; nothing flows to the generator."""
        logits = self.discriminator(input_ids=corrupted.inputs).logits.float()
        asked, replaced = logits, corrupted.replaced
        if self.detect == "hidden":
            asked, replaced = (tensor.gather(1, corrupted.positions) for tensor in (asked, replaced))
        loss = functional.binary_cross_entropy_with_logits(asked, replaced)
        return Detected(logits, loss, detection_figures(asked.detach(), replaced, loss.detach()))

    def models(self) -> dict[str, Any]:
        """Return the discriminator, which is fine-tuned, and the generator."""
        return {"": self.discriminator, "generator": self.generator}


def detection_figures(logits: Tensor, replaced: Tensor, loss: Tensor) -> dict[str, Tensor | Ratio]:
    """Return the diagnostics of a detector over the tokens it was asked about.

    ``precision`` and ``recall`` are of "replaced" at a chance of one half (0 where nothing is called so).
    ``information`` is how many nats a token its loss is below that of the best constant answer: at 0 it has
    learnt no more than how often tokens are replaced, as with a generator that is always right.
    """
    called = (logits > 0).float()
    hits = (called * replaced).sum()
    share = replaced.mean()
    constant = torch.special.entr(share) + torch.special.entr(1 - share)
    return {
        "detection_loss": loss,
        "precision": Ratio(hits, called.sum()),
        "recall": Ratio(hits, replaced.sum()),
        "information": constant - loss,
    }
