"""The generator of replaced-token detection and of its ablations: a masked LM that fills hidden places.

Sections 3.1 and 3.2 of Clark et al. (ICLR 2020): its size, what it shares with the model that is kept, and
the windows it corrupts by sampling. No gradient flows through the sampling.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

import torch
from torch import Tensor
from torch.nn import functional

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.base import at, encode, language_model_logits

Share = Literal["none", "embeddings", "all"]
# Of the hidden places ELECTRA's code leaves 15 % as they are, and puts no random tokens.
MASKING = Masking(rate=0.15, masked=0.85, random=0.0)
_EMBEDDINGS = ("vocab_size", "embedding_size", "max_position_embeddings", "type_vocab_size")
# What two encoders must have in common to be one, or to take each other's weights.
ENCODER = (*_EMBEDDINGS, "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")


class Hidden(NamedTuple):
    """What is drawn for a generator: windows, their masks, and the chance that decides its samples.

    ``windows`` and ``inputs`` have shape (windows, length), ``positions`` and ``originals`` (windows, hidden
    tokens), as in ``Masked``; ``noise`` (windows, hidden tokens, 1) is uniform in [0, 1).
    """

    windows: Tensor
    inputs: Tensor
    positions: Tensor
    originals: Tensor
    noise: Tensor


class Corrupted(NamedTuple):
    """Windows whose hidden places hold the generator's samples, and how it came to them.

    ``originals`` and ``inputs`` have shape (windows, length), ``positions`` and ``sampled`` (windows, hidden
    tokens); ``states`` (windows, hidden tokens, hidden) are the generator's last ones at the hidden places,
    ``logits`` (windows, hidden tokens, vocabulary) what it says there, ``loss`` its masked-LM loss: the
    three with gradient.
    """

    originals: Tensor
    inputs: Tensor
    positions: Tensor
    sampled: Tensor
    states: Tensor
    logits: Tensor
    loss: Tensor

    @property
    def hidden_originals(self) -> Tensor:
        """The tokens that were hidden, (windows, hidden tokens)."""
        return self.originals.gather(1, self.positions)

    @property
    def replaced(self) -> Tensor:
        """1 where the input is not the original, else 0: (windows, length), float32."""
        return (self.inputs != self.originals).float()

    def figures(self) -> dict[str, Tensor]:
        """Return the generator's figures.

        ``generator_loss`` (nats) and ``generator_accuracy`` (the likeliest token is the original) are over
        the hidden places, as published, those that ELECTRA leaves readable included; so is
        ``sampled_accuracy`` (the sampled token is). ``replaced`` is the share of all tokens, hidden or not,
        that were replaced by another.
        """
        originals = self.hidden_originals
        return {
            "generator_loss": self.loss.detach(),
            "generator_accuracy": (self.logits.detach().argmax(-1) == originals).float().mean(),
            "sampled_accuracy": (self.sampled == originals).float().mean(),
            "replaced": self.replaced.mean(),
        }


def hide(windows: Tensor, alphabet: Alphabet, masking: Masking, random: torch.Generator) -> Hidden:
    """Return ``windows`` (windows, length) with places hidden, and one draw for each place's sample."""
    hidden = mask(windows, alphabet, masking, random)
    noise = torch.rand((*hidden.positions.shape, 1), generator=random)
    return Hidden(windows, *hidden, noise)


def corrupt(generator: Any, hidden: Hidden) -> Corrupted:
    """Return the windows with the generator's samples in their hidden places; all on the model's device."""
    states = at(encode(generator, hidden.inputs), hidden.positions)
    logits = language_model_logits(generator, states).float()
    loss = functional.cross_entropy(logits.flatten(0, 1), hidden.originals.flatten())
    sampled = sample(logits.detach(), hidden.noise)
    filled = hidden.windows.scatter(1, hidden.positions, sampled)
    return Corrupted(hidden.windows, filled, hidden.positions, sampled, states, logits, loss)


def sample(logits: Tensor, uniform: Tensor) -> Tensor:
    """Return a token drawn from softmax(logits) (..., vocabulary) for each ``uniform`` (..., 1) in [0, 1).

    By inversion: one draw a place, made on the CPU, decides alike on every device.
    """
    total = logits.softmax(-1).cumsum(-1)
    return torch.searchsorted(total, uniform * total[..., -1:]).squeeze(-1).clamp(max=logits.shape[-1] - 1)


def tie(generator: Any, model: Any, share: Share) -> None:
    """Make generator and ``model``, both ELECTRA, share what is asked for.

    none; embeddings (token, position, type and their LayerNorm are one); all (the whole encoder is one).
    Raises UserError where their shapes forbid it.
    """
    if share not in get_args(Share):
        raise UserError(f"--share {share}: expected one of {', '.join(get_args(Share))}")
    if share == "none":
        return
    check_equal(generator, model, _EMBEDDINGS if share == "embeddings" else ENCODER, f"--share {share}")
    if share == "all":
        generator.electra = model.electra
    else:
        generator.electra.embeddings = model.electra.embeddings
    generator.generator_lm_head.weight = model.electra.embeddings.word_embeddings.weight


def check_equal(generator: Any, model: Any, names: Sequence[str], wish: str) -> None:
    """Raise a UserError that ``wish`` cannot be where the two configurations differ in one of ``names``."""
    for name in names:
        one, other = getattr(generator.config, name), getattr(model.config, name)
        if one != other:
            raise UserError(
                f"{wish}: generator and discriminator differ in {name} ({one} and {other}); make them equal, "
                "as --generator 1 does"
            )


def generator_config(config: Any, width: float) -> Any:
    """Return the configuration of a generator ``width`` times as wide as an ELECTRA ``config``, as deep.

    Width scales hidden and feed-forward size (Clark et al. 2020, section 3.2). Heads stay about as wide as
    they are, as in ELECTRA's code: as many as find room, fewer where these do not divide the hidden size.
    Raises UserError for a width that is not above 0 and at most 1.
    """
    hidden = round(config.hidden_size * width)
    if not 0 < width <= 1 or hidden < 1:
        raise UserError(
            f"--generator {width}: gives a hidden size of {hidden} beside the discriminator's "
            f"{config.hidden_size}; expected a share above 0 and at most 1, such as 0.25 or 0.5"
        )
    found = copy.deepcopy(config)
    found.hidden_size = hidden
    found.intermediate_size = max(1, round(config.intermediate_size * width))
    room = max(1, hidden * config.num_attention_heads // config.hidden_size)
    found.num_attention_heads = next(heads for heads in range(room, 0, -1) if hidden % heads == 0)
    return found
