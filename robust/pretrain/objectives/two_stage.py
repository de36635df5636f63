"""Two-stage replaced-token detection (Clark et al. 2020, section 3.2, "Training algorithms").

First the generator alone learns masked language modelling; then the discriminator starts from the
generator's encoder and learns to detect, while the generator stays as it is. The paper found it below joint
training, and without that start the discriminator often learnt nothing at all.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import ObjectiveOutput
from robust.pretrain.objectives.generator import (
    ENCODER,
    MASKING,
    Hidden,
    Share,
    check_equal,
    corrupt,
)
from robust.pretrain.objectives.replaced_token import DETECTION, Detect, ReplacedToken


class TwoStage(ReplacedToken):
    """The generator for the first ``stage_share`` of the run, the discriminator for the rest.

    ``share`` can only be "none": what is shared could not stay as it is in the second stage. The stage is a
    buffer, so that a run that goes on knows whether the weights were handed over. No parameter is ever
    switched off: one without a gradient is one that AdamW neither moves nor decays. Raises UserError where
    generator and discriminator are not of one shape.
    """

    name: ClassVar[str] = "replaced-token-two-stage"
    stage: Tensor

    def __init__(
        self,
        discriminator: Any,
        generator: Any,
        alphabet: Alphabet,
        *,
        masking: Masking = MASKING,
        share: Share = "none",
        detect: Detect = "all",
        weight: float = DETECTION,
        stage_share: float = 0.5,
    ) -> None:
        if share != "none":
            raise UserError(
                f"--share {share}: the second stage trains the discriminator and keeps the generator as it "
                "is, so they cannot share weights; leave --share out"
            )
        if not 0 < stage_share < 1:
            raise UserError(f"--stage-share {stage_share}: expected a share of the run between 0 and 1")
        check_equal(generator, discriminator, ENCODER, "--objective replaced-token-two-stage")
        super().__init__(
            discriminator, generator, alphabet, masking=masking, share=share, detect=detect, weight=weight
        )
        self.stage_share = stage_share
        self.register_buffer("stage", torch.tensor(1))
        self._second = False  # what ``begin`` found: reading the buffer would wait for the device

    @property
    def phase(self) -> int:
        """The stage, 1 or 2."""
        return int(self.stage)

    def begin(self, progress: float) -> None:
        """Hand the generator's encoder to the discriminator once the first stage is over."""
        if progress >= self.stage_share and self.phase == 1:
            self.discriminator.electra.load_state_dict(self.generator.electra.state_dict())
            self.stage.fill_(2)
        self._second = self.phase == 2

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the loss of the stage's model: the generator's, or ``weight`` times the discriminator's.

        The discriminator's figures come with the second stage; ``stage`` (1 or 2) says which it is.
        """
        second = self._second
        # nothing of the generator is trained any more: keep no graph of it
        with torch.set_grad_enabled(torch.is_grad_enabled() and not second):
            corrupted = corrupt(self.generator, Hidden(*drawn))
        figures = {**corrupted.figures(), "stage": self.stage.float()}
        if not second:
            return ObjectiveOutput(corrupted.loss, figures)
        detected = self.judge(corrupted)
        return ObjectiveOutput(self.weight * detected.loss, {**figures, **detected.figures})
