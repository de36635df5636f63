"""All-tokens MLM: a masked LM that tells every token, with a way to copy (Clark et al. 2020, section 3.4).

Hidden places hold the generator's samples, and the model tells the original of all tokens. A sigmoid layer
gives D, the chance to copy the input x; the rest is the masked LM's:

    p(v) = D [v = x] + (1 - D) softmax(logits)[v]

So it joins BERT and ELECTRA: D is a detector, the softmax says what was there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from robust.pretrain.masking import Alphabet, Masking
from robust.pretrain.objectives.base import ObjectiveOutput, Ratio, encode, language_model_logits
from robust.pretrain.objectives.generator import MASKING, Corrupted, Share
from robust.pretrain.objectives.replace_mlm import ReplaceMLM, prediction_figures

COPY_FILE = "copy.safetensors"


class AllTokensMLM(ReplaceMLM):
    """As ``ReplaceMLM``, over all tokens and with the copy layer.

    The saved model is an ``ElectraForMaskedLM``, whose logits are those under the softmax. Transformers has
    no place for the copy layer: it lies beside in ``copy.safetensors`` (weight (1, hidden) and bias (1), on
    the encoder's last states), which transformers does not read.
    """

    name: ClassVar[str] = "all-tokens-mlm"

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
        super().__init__(model, generator, alphabet, masking=masking, share=share, weight=weight)
        self.copy = nn.Linear(model.config.hidden_size, 1)
        nn.init.zeros_(self.copy.weight)
        nn.init.zeros_(self.copy.bias)

    def predict(self, corrupted: Corrupted) -> ObjectiveOutput:
        """Return the model's own loss, the mean over all tokens, and its figures.

        ``prediction_figures`` are of the softmax alone, for with the copies it would say what it reads nearly
        everywhere. ``copied`` is the mean of D over all tokens, ``copied_replaced`` over the replaced ones.
        """
        states = encode(self.model, corrupted.inputs)
        copying = self.copy(states).squeeze(-1).float()
        logits = language_model_logits(self.model, states).float()
        loss = -log_chance(logits, copying, corrupted.inputs, corrupted.originals).mean()
        guesses = logits.detach().argmax(-1).gather(1, corrupted.positions)
        figures = prediction_figures(guesses, corrupted, loss.detach())
        copied, replaced = copying.detach().sigmoid(), corrupted.replaced
        figures["copied"] = copied.mean()
        figures["copied_replaced"] = Ratio((copied * replaced).sum(), replaced.sum())
        return ObjectiveOutput(loss, figures)

    def save(self, folder: Path, tokenizer: Any) -> None:
        """Write the models, as every objective does, and the copy layer beside the one to fine-tune."""
        super().save(folder, tokenizer)
        layer = {name: tensor.detach().cpu().contiguous() for name, tensor in self.copy.state_dict().items()}
        save_file(layer, folder / COPY_FILE)


def log_chance(logits: Tensor, copying: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return log p(target) of the mixture, (...), for ``logits`` (..., vocabulary) and copy logits (...).

    In logarithms throughout: what a sure copy leaves to the softmax, float32 would round to nothing.
    """
    told = -functional.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="none")
    told = told.view_as(copying) + functional.logsigmoid(-copying)
    return torch.where(inputs == targets, torch.logaddexp(told, functional.logsigmoid(copying)), told)
