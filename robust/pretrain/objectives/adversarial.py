"""Adversarial replaced-token detection (Clark et al. 2020, section 3.2 and appendix F).

The generator is trained not to be right but to make the discriminator wrong. Sampling has no gradient, so it
learns by REINFORCE; each hidden place counts for itself, as if the discriminator did not see the other
samples. With R the discriminator's loss at a place and b a learnt baseline, the generator descends

    - mean over hidden places of (R - b) log p(sampled token)        b = - log sigmoid(w . h)

h being its own last state there, and w learns by cross-entropy with exp(-R), the chance that the
discriminator gave to the truth. Published: a less accurate generator than by maximum likelihood (58 % to
65 %), and a discriminator below the joint one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn
from torch.nn import functional

from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import ObjectiveOutput
from robust.pretrain.objectives.generator import MASKING, Hidden, Share, corrupt
from robust.pretrain.objectives.replaced_token import DETECTION, Detect, ReplacedToken


class Adversarial(ReplacedToken):
    """Generator against discriminator, both from the first step on.

    Options are those of ``ReplacedToken``. The baseline's layer is of use in training only: it is in the
    run's state, not in the saved models. Its gradient stops before the generator's encoder (the paper does
    not say).
    """

    name: ClassVar[str] = "replaced-token-adversarial"

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
        super().__init__(
            discriminator, generator, alphabet, masking=masking, share=share, detect=detect, weight=weight
        )
        self.baseline = nn.Linear(generator.config.hidden_size, 1)
        nn.init.zeros_(self.baseline.weight)  # begins as the constant log 2, the loss of a coin
        nn.init.zeros_(self.baseline.bias)

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return policy loss + baseline's loss + ``weight`` x detection loss.

        Figures besides those of joint training: ``reward``, the discriminator's mean loss at the hidden
        places, and ``baseline_loss``. ``generator_loss`` is watched, not trained.
        """
        corrupted = corrupt(self.generator, Hidden(*drawn))
        detected = self.judge(corrupted)
        logits, replaced = (
            tensor.detach().gather(1, corrupted.positions) for tensor in (detected.logits, corrupted.replaced)
        )
        reward = functional.binary_cross_entropy_with_logits(logits, replaced, reduction="none")
        expected = self.baseline(corrupted.states.detach()).squeeze(-1).float()
        baseline_loss = functional.binary_cross_entropy_with_logits(expected, (-reward).exp())
        advantage = reward + functional.logsigmoid(expected.detach())
        loss = policy_loss(corrupted.logits, corrupted.sampled, advantage) + baseline_loss
        figures = {**corrupted.figures(), **detected.figures}
        figures |= {"reward": reward.mean(), "baseline_loss": baseline_loss.detach()}
        return ObjectiveOutput(loss + self.weight * detected.loss, figures)


def policy_loss(logits: Tensor, sampled: Tensor, advantage: Tensor) -> Tensor:
    """Return the scalar whose descent is REINFORCE: - mean of advantage x log softmax(logits)[sampled].

    ``logits`` (..., vocabulary); ``sampled`` (...) was drawn from them; ``advantage`` (...), without
    gradient, is the reward of that sample less anything that does not depend on it.
    """
    chosen = logits.log_softmax(-1).gather(-1, sampled.unsqueeze(-1)).squeeze(-1)
    return -(advantage * chosen).mean()
