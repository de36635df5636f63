"""Replaced-token detection: ELECTRA (Clark et al., ICLR 2020).

A small masked language model (the generator) fills the hidden places by sampling; the encoder that is kept
(the discriminator) says of every token whether it is the original. A sampled token that equals the original
counts as original. Loss = masked-LM loss + 50 x mean binary cross-entropy over all tokens; no gradient flows
from the discriminator to the generator through the sampling.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.base import Objective, Outcome, at, encode, language_model_logits

Share = Literal["none", "embeddings", "all"]
# The weight of the detection loss in the joint one (the paper's lambda).
DETECTION = 50.0
# Of the hidden places ELECTRA's code leaves 15 % as they are, and puts no random tokens.
MASKING = Masking(rate=0.15, masked=0.85, random=0.0)


class ReplacedToken(Objective):
    """Generator and discriminator, trained together.

    ``discriminator`` is an ``ElectraForPreTraining``, ``generator`` an ``ElectraForMaskedLM`` of the same
    vocabulary. ``share``: none; embeddings (token, position, type and their LayerNorm are one, which needs
    equal embedding sizes); all (the whole encoder is one, which needs equal shapes). ``detect`` "hidden" asks
    about the hidden 15 % only, the paper's ablation ELECTRA 15 %.
    """

    name: ClassVar[str] = "replaced-token"

    def __init__(
        self,
        discriminator: Any,
        generator: Any,
        alphabet: Alphabet,
        masking: Masking = MASKING,
        *,
        share: Share = "embeddings",
        detect: Literal["all", "hidden"] = "all",
        weight: float = DETECTION,
    ) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.alphabet = alphabet
        self.masking = masking
        self.detect = detect
        self.weight = weight
        _tie(generator, discriminator, share)

    def forward(self, windows: Tensor, random: torch.Generator) -> Outcome:
        """Return the joint loss; figures: see ``detection_figures``, and the two losses."""
        hidden = mask(windows, self.alphabet, self.masking, random)
        noise = torch.rand((*hidden.positions.shape, 1), generator=random)  # one draw seeds a place's sample
        inputs, positions, originals = (tensor.to(self.device, non_blocking=True) for tensor in hidden)
        states = at(encode(self.generator, inputs), positions)
        guesses = language_model_logits(self.generator, states).float()
        guess_loss = functional.cross_entropy(guesses.flatten(0, 1), originals.flatten())
        sampled = sample(guesses.detach(), noise.to(self.device))
        corrupted = windows.to(self.device).scatter(1, positions, sampled)
        replaced = (corrupted != windows.to(self.device)).float()
        logits = self.discriminator(input_ids=corrupted).logits.float()
        if self.detect == "hidden":
            logits, replaced = logits.gather(1, positions), replaced.gather(1, positions)
        detect_loss = functional.binary_cross_entropy_with_logits(logits, replaced)
        figures = detection_figures(logits.detach(), replaced, detect_loss.detach())
        figures["generator_accuracy"] = (guesses.detach().argmax(-1) == originals).float().mean()
        figures["generator_loss"] = guess_loss.detach()
        return Outcome(guess_loss + self.weight * detect_loss, figures)

    def models(self) -> dict[str, Any]:
        """Return the discriminator, which is fine-tuned, and the generator."""
        return {"": self.discriminator, "generator": self.generator}


def sample(logits: Tensor, uniform: Tensor) -> Tensor:
    """Return a token drawn from softmax(logits) (..., vocabulary) for each ``uniform`` (..., 1) in [0, 1).

    By inversion: one draw a place, made on the CPU, decides alike on every device.
    """
    total = logits.softmax(-1).cumsum(-1)
    return torch.searchsorted(total, uniform * total[..., -1:]).squeeze(-1).clamp(max=logits.shape[-1] - 1)


def detection_figures(logits: Tensor, replaced: Tensor, loss: Tensor) -> dict[str, Tensor]:
    """Return the diagnostics of a detector: what share was replaced, and what it makes of it.

    ``precision`` and ``recall`` are of "replaced" at a chance of one half (0 where nothing is called so).
    ``information`` is how many nats a token its loss is below that of the best constant answer: at 0 it has
    learnt no more than how often tokens are replaced, as with a generator that is always right.
    """
    called = (logits > 0).float()
    hits = (called * replaced).sum()
    share = replaced.mean()
    constant = functional.binary_cross_entropy(share.expand_as(replaced), replaced)
    return {
        "detection_loss": loss,
        "replaced": share,
        "precision": hits / called.sum().clamp(min=1),
        "recall": hits / replaced.sum().clamp(min=1),
        "information": constant - loss,
    }


def _tie(generator: Any, discriminator: Any, share: Share) -> None:
    """Make the two models share what is asked for; UserError where their shapes forbid it."""
    if share not in get_args(Share):
        raise UserError(f"--share {share}: expected one of {', '.join(get_args(Share))}")
    if share == "none":
        return
    one, other = generator.config, discriminator.config
    names = ["embedding_size"] if share == "embeddings" else ["embedding_size", "hidden_size"]
    names += [] if share == "embeddings" else ["num_hidden_layers", "intermediate_size"]
    for name in names:
        if getattr(one, name) != getattr(other, name):
            raise UserError(
                f"--share {share}: generator and discriminator differ in {name} ({getattr(one, name)} and "
                f"{getattr(other, name)}); they must be equal to be shared"
            )
    if share == "all":
        generator.electra = discriminator.electra
    else:
        generator.electra.embeddings = discriminator.electra.embeddings
    generator.generator_lm_head.weight = discriminator.electra.embeddings.word_embeddings.weight


def generator_config(config: Any, width: float) -> Any:
    """Return the configuration of a generator ``width`` times as wide as an ELECTRA ``config``, as deep.

    Width scales hidden size, feed-forward size and heads (Clark et al. 2020, section 3.2). UserError where
    the heads do not divide it.
    """
    found = copy.deepcopy(config)
    found.hidden_size = round(config.hidden_size * width)
    found.intermediate_size = round(config.intermediate_size * width)
    found.num_attention_heads = max(1, round(config.num_attention_heads * width))
    if not 0 < width <= 1 or found.hidden_size % found.num_attention_heads:
        raise UserError(
            f"--generator {width}: gives a width of {found.hidden_size} for {found.num_attention_heads} "
            "heads; expected a share up to 1 whose heads divide its width, such as 0.25 or 0.5"
        )
    return found
