"""What every way to pre-train has in common: windows in, a loss and figures out, a checkpoint on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from robust.zoo.loading import quiet
from robust.zoo.tokenizers import save_tokenizer


class Ratio(NamedTuple):
    """A figure that is a share: part and whole are summed over the parts of a step, then divided."""

    part: Tensor
    whole: Tensor

    def __float__(self) -> float:
        """Return the share; 0 of nothing is 0."""
        return float(self.part / self.whole.clamp(min=1e-9))


class ObjectiveOutput(NamedTuple):
    """The loss of a batch (a scalar with gradient) and what else is worth watching.

    Figures are scalars without gradient, means over the batch's windows, or ratios.
    """

    loss: Tensor
    figures: Mapping[str, Tensor | Ratio]


class Objective(nn.Module, ABC):
    """A model (or two) and what it is to learn.

    A step has two halves. ``draw`` makes all that chance decides, dropout apart, on the CPU, so that it is
    the same on every device; ``forward`` computes with it, on the device. ``ahead`` says that what is drawn
    does not depend on the weights: then it can be drawn while the step before is still computed.
    """

    name: ClassVar[str]
    ahead: ClassVar[bool] = True

    @property
    def phase(self) -> int:
        """Which phase of the run this is: where it changes, so does what a step computes."""
        return 0

    def begin(self, progress: float) -> None:
        """Be told, before each step, what share of the run is done (0 to 1)."""

    @abstractmethod
    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return what ``forward`` needs of windows of token ids (windows, length), int64; all on the CPU."""

    @abstractmethod
    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return loss and figures of what was drawn of a batch, which is on the device by now."""

    def outcome(self, windows: Tensor, random: torch.Generator) -> ObjectiveOutput:
        """Return loss and figures of a batch: both halves in one."""
        found: ObjectiveOutput = self(*(tensor.to(self.device) for tensor in self.draw(windows, random)))
        return found

    @abstractmethod
    def models(self) -> dict[str, Any]:
        """Return the transformers models by the folder they are saved in; "" is the one to fine-tune."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def save(self, folder: Path, tokenizer: Any) -> None:
        """Write every model, with the tokenizer, as transformers has it: safetensors and config.json."""
        for name, model in self.models().items():
            with quiet():
                model.save_pretrained(folder / name, safe_serialization=True)
            save_tokenizer(tokenizer, folder / name)


def encode(model: Any, inputs: Tensor, **more: Tensor) -> Tensor:
    """Return the encoder's last hidden states, (windows, length, hidden); windows are full, so no mask."""
    states: Tensor = model.base_model(input_ids=inputs, **more).last_hidden_state
    return states


def language_model_logits(model: Any, states: Tensor) -> Tensor:
    """Return the masked-LM head's logits, (..., vocabulary), for hidden states of the tokens asked about."""
    match model.config.model_type:
        case "bert":
            found = model.cls.predictions(states) if hasattr(model.cls, "predictions") else model.cls(states)
        case "roberta":
            found = model.lm_head(states)
        case "albert":
            found = model.predictions(states)
        case "electra":
            found = model.generator_lm_head(model.generator_predictions(states))
        case other:
            raise ValueError(f"no masked-LM head known for {other}")
    logits: Tensor = found
    return logits


def at(states: Tensor, positions: Tensor) -> Tensor:
    """Return the states at ``positions`` (windows, k) of (windows, length, width): (windows, k, width)."""
    return states.gather(1, positions.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
