"""From an objective's name to the objective, its models built or loaded: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import Objective
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.objectives.replaced_token import ReplacedToken, Share, generator_config
from robust.zoo.beginnings import Beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to learn: the objective's name ("" for the family's own) and its options.

    ``masking`` fields that are None take the objective's customary value. ``generator`` is its width as a
    share of the discriminator's, ``share`` what the two have in common.
    """

    objective: str = ""
    mask_rate: float | None = None
    mask_unit: str | None = None
    generator: float = 0.25
    share: str = "embeddings"

    def name(self, family: str) -> str:
        """Return the objective's name; raises UserError for one nobody knows."""
        found = self.objective or ("replaced-token" if family == "electra" else "masked-lm")
        if found not in OBJECTIVES:
            raise UserError(f"--objective {found}: expected one of {', '.join(OBJECTIVES)}")
        return found

    def masking(self, usual: Masking) -> Masking:
        """Return ``usual`` with what was asked for in its place."""
        given = {"rate": self.mask_rate, "unit": self.mask_unit}
        return replace(usual, **{name: value for name, value in given.items() if value is not None})


def build_objective(choice: Choice, beginning: Beginning) -> Objective:
    """Return the objective with its models, in the state they begin in.

    Raises UserError where name, options and shape do not go together.
    """
    return OBJECTIVES[choice.name(beginning.family)](choice, beginning)


def _masked_lm(choice: Choice, beginning: Beginning) -> Objective:
    return MaskedLM(beginning.model("MaskedLM"), Alphabet.of(beginning.tokenizer), choice.masking(Masking()))


def _replaced_token(choice: Choice, beginning: Beginning) -> Objective:
    from robust.pretrain.objectives.replaced_token import MASKING

    if choice.share not in get_args(Share):
        raise UserError(f"--share {choice.share}: expected one of {', '.join(get_args(Share))}")
    if beginning.family != "electra":
        raise UserError(
            f"--objective replaced-token: not for {beginning.family}; choose an electra shape, which is BERT's "
            "with another head"
        )
    share: Any = choice.share
    discriminator = beginning.model("PreTraining")
    generator = beginning.fresh(generator_config(discriminator.config, choice.generator), "MaskedLM")
    alphabet = Alphabet.of(beginning.tokenizer)
    return ReplacedToken(discriminator, generator, alphabet, choice.masking(MASKING), share=share)


OBJECTIVES: dict[str, Callable[[Choice, Beginning], Objective]] = {
    "masked-lm": _masked_lm,
    "replaced-token": _replaced_token,
}
