"""Masked language modelling with masks from a proposal network: Chen 2020 (arXiv 2008.05333).

Masks are drawn from P2 instead of uniformly (P1), and a mask's loss is weighted by P1/P2, so that its mean
stays that of plain masked LM; its variance is least where P2 is proportional to P1 times the norm of the
gradient. A small network learns P2 beside the model.

The weights are those of whole masks. A token's loss depends on what else is hidden, so weights for single
tokens (P1/P2 of their being hidden) would change the contexts in which tokens are asked for, and the mean
with them; and the product of the weights of independent draws has a variance that grows with every draw.
Instead, of each window ``candidates`` masks are drawn uniformly, by the very code of masked LM, and one is
chosen with chance

    q(m) = uniform / M + (1 - uniform) score(m) / sum of scores,    weight 1 / (M q(m)).

Given the candidates, the mean of weight x loss is the mean of the candidates' losses, whatever the scores:
unbiased exactly, for tokens, words and n-grams alike. No weight exceeds 1 / uniform. With scores that are
right, and no uniform part, a mask's loss varies as the mean of M masks does, at the cost of one. It is the
loss that becomes quieter, and the gradient in so far as masks differ in its size: the gradients of different
tokens point to different sides, and no weight of a whole mask changes that.

A mask's score is the mean of its tokens' scores; a token's is the loss that the network expects of it where
it is hidden, which stands for the norm of the gradient. It is learnt by least squares from the losses seen.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masked, Masking, mask
from robust.pretrain.objectives.base import ObjectiveOutput, at, encode, language_model_logits
from robust.pretrain.objectives.masked_lm import MaskedLM

# Neighbours on either side that the network sees, and its width.
REACH, WIDTH = 2, 64
# Softplus makes 1 of it: the loss of a uniform guess, which every token's score is at first.
_GUESS = math.log(math.e - 1)


class MaskProposal(MaskedLM):
    """Masked LM whose masks a network chooses; ``model`` is any ``*ForMaskedLM`` of the four families.

    The network is part of the state of a run, and not of the saved checkpoint. ``candidates`` and
    ``uniform`` (0 to 1) as above.
    """

    name: ClassVar[str] = "mask-proposal"
    ahead: ClassVar[bool] = False

    def __init__(
        self,
        model: Any,
        alphabet: Alphabet,
        masking: Masking | None = None,
        *,
        candidates: int = 8,
        uniform: float = 0.2,
    ) -> None:
        super().__init__(model, alphabet, masking)
        if model.get_output_embeddings() is None:
            raise UserError(f"mask proposal: {type(model).__name__} has no masked-LM head; expected one")
        if candidates < 1:
            raise UserError(f"mask proposal: {candidates} candidates; expected at least 1")
        if not 0 < uniform <= 1:
            raise UserError(f"mask proposal: uniform {uniform}; expected a share above 0, at most 1")
        self.candidates = candidates
        self.uniform = uniform
        self.network = _network(model.get_input_embeddings().embedding_dim)

    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return the windows, the mask chosen of each (``Masked``) and its weight (windows)."""
        with torch.no_grad():
            scores = self.scores(windows.to(self.device)).cpu()
        chosen, weights = propose(
            windows,
            scores,
            self.alphabet,
            self.masking,
            random,
            candidates=self.candidates,
            uniform=self.uniform,
        )
        return windows, *chosen, weights

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the weighted loss plus the network's own; figures of the former are unbiased, too.

        ``explained``: the share of the variance of tokens' losses that the network foresees; ``effective``:
        how many masks of equal weight a mask is worth (1 where all weights are alike).
        """
        windows, inputs, positions, originals, weights = drawn
        scores = self.scores(windows)
        logits = language_model_logits(self.model, at(encode(self.model, inputs), positions)).float()
        losses = functional.cross_entropy(logits.flatten(0, 1), originals.flatten(), reduction="none")
        losses = losses.view_as(positions)
        loss = (weights * losses.mean(1)).mean()
        seen = losses.detach() / math.log(self.alphabet.size)
        error = functional.mse_loss(scores.gather(1, positions), seen)
        right = (logits.detach().argmax(-1) == originals).float().mean(1)
        figures = {
            "accuracy": (weights * right).mean(),
            "masked_lm_loss": loss.detach(),
            "explained": 1 - error.detach() / seen.var(correction=0).clamp(min=1e-9),
            "effective": weights.mean() ** 2 / (weights**2).mean(),
        }
        return ObjectiveOutput(loss + error, figures)

    def scores(self, windows: Tensor) -> Tensor:
        """Return the loss expected of each token (windows, length), as a share of log(vocabulary); above 0.

        The model's own embeddings go in, and no gradient comes back to them.
        """
        tokens = self.model.get_input_embeddings().weight.detach()
        states = functional.embedding(windows, tokens)
        states = functional.layer_norm(states, states.shape[-1:])
        found: Tensor = self.network(states.transpose(1, 2)).squeeze(1).float()
        return functional.softplus(found + _GUESS)


def propose(
    windows: Tensor,
    scores: Tensor,
    alphabet: Alphabet,
    masking: Masking,
    random: torch.Generator,
    *,
    candidates: int,
    uniform: float,
) -> tuple[Masked, Tensor]:
    """Return a mask of each window, chosen by tokens' ``scores`` (windows, length), and its weight (windows).

    Everything is on the CPU; scores are above 0.
    """
    count = len(windows)
    drawn = mask(windows.repeat_interleave(candidates, 0), alphabet, masking, random)
    positions = drawn.positions.view(count, -1)
    score = scores.double().gather(1, positions).view(count, candidates, -1).mean(2)
    chance = uniform / candidates + (1 - uniform) * score / score.sum(1, keepdim=True)
    choice = torch.multinomial(chance, 1, generator=random)
    weights = 1 / (candidates * chance.gather(1, choice).squeeze(1))
    rows = torch.arange(count) * candidates + choice.squeeze(1)
    return Masked(*(tensor[rows] for tensor in drawn)), weights.float()


def _network(embedding: int) -> nn.Sequential:
    """Return the network, from (windows, embedding, length) to (windows, 1, length); it starts as uniform."""
    last = nn.Conv1d(WIDTH, 1, 1)
    for parameter in last.parameters():
        nn.init.zeros_(parameter)
    return nn.Sequential(nn.Conv1d(embedding, WIDTH, 2 * REACH + 1, padding=REACH), nn.GELU(), last)
