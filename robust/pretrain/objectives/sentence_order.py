"""Masked language modelling and sentence order: ALBERT (Lan et al. 2020).

A window [CLS] text [SEP] becomes [CLS] A [SEP] B [SEP], where A and B are consecutive text of one document
and change places half of the time; the model is to say whether they did. The loss is the sum of both.

The split is drawn uniformly, at least a quarter of the text on either side. It may fall inside a sentence,
even inside a word, because the window's own ends do: were it at the end of a sentence, a full stop before
the middle [SEP] would give the order away. So part of what is learnt is whether the text runs on. The text's
last token gives way to the second [SEP]. A window with text of two documents stays as it is and counts in
the masked LM only, its order loss being 0: the place of the [SEP] between them would tell, too.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from robust.errors import UserError
from robust.pretrain.masking import Alphabet, Masking, mask
from robust.pretrain.objectives.base import ObjectiveOutput, Ratio, at, language_model_logits
from robust.pretrain.objectives.masked_lm import MaskedLM

# ALBERT hides n-grams of up to three words.
MASKING = Masking(unit="ngram")
IN_ORDER, SWAPPED, LEFT_OUT = 0, 1, -100


class Pairs(NamedTuple):
    """Windows of two segments: ``windows`` and token ``types`` (windows, length), ``order`` (windows).

    ``order`` is ``IN_ORDER``, ``SWAPPED`` (transformers' own labels) or, of a window that was left as it
    is, ``LEFT_OUT``, which cross-entropy ignores.
    """

    windows: Tensor
    types: Tensor
    order: Tensor


class SentenceOrder(MaskedLM):
    """``model`` is an ``AlbertForPreTraining``, or a ``BertForPreTraining`` with order for next sentence."""

    name: ClassVar[str] = "sentence-order"

    def __init__(self, model: Any, alphabet: Alphabet, masking: Masking = MASKING) -> None:
        super().__init__(model, alphabet, masking)
        if _order_head(model) is None:
            raise UserError(
                f"sentence order: {type(model).__name__} has no head for it; expected AlbertForPreTraining "
                "or BertForPreTraining"
            )
        if model.config.type_vocab_size < 2:
            raise UserError(
                f"sentence order: the model has {model.config.type_vocab_size} token type; expected 2, one "
                "for each segment"
            )

    def draw(self, windows: Tensor, random: torch.Generator) -> tuple[Tensor, ...]:
        """Return pairs of segments with tokens hidden (``Masked``), their token types and order."""
        pairs = segment(windows, random)
        return *mask(pairs.windows, self.alphabet, self.masking, random), pairs.types, pairs.order

    def forward(self, *drawn: Tensor) -> ObjectiveOutput:
        """Return the sum of both losses; figures: both apart, both accuracies, the share with an order."""
        inputs, positions, originals, types, order = drawn
        found = self.model.base_model(input_ids=inputs, token_type_ids=types)
        logits = language_model_logits(self.model, at(found.last_hidden_state, positions)).float()
        masked_loss = functional.cross_entropy(logits.flatten(0, 1), originals.flatten())
        guesses = _order_head(self.model)(found.pooler_output).float()
        asked = order != LEFT_OUT
        # over all windows: parts of a batch then add up to the batch, however many windows each asks about
        order_loss = functional.cross_entropy(guesses, order, ignore_index=LEFT_OUT, reduction="sum") / len(
            inputs
        )
        figures: dict[str, Tensor | Ratio] = {
            "accuracy": (logits.detach().argmax(-1) == originals).float().mean(),
            "masked_lm_loss": masked_loss.detach(),
            "order_accuracy": Ratio(
                (guesses.detach().argmax(-1) == order).float().sum(), asked.float().sum()
            ),
            "order_loss": order_loss.detach(),
            "ordered": asked.float().mean(),
        }
        return ObjectiveOutput(masked_loss + order_loss, figures)


def segment(windows: Tensor, random: torch.Generator) -> Pairs:
    """Return windows of one document's text (windows, length) as pairs of segments; others as they are."""
    count, length = windows.shape
    text = length - 3  # what is left beside [CLS] and two [SEP]
    shortest = max(1, text // 4)
    split = torch.randint(shortest, text - shortest + 1, (count, 1), generator=random)
    swapped = torch.randint(2, (count, 1), generator=random)
    first = torch.where(swapped == SWAPPED, text - split, split)  # tokens of the segment that comes first
    place = torch.arange(length).expand(count, -1)
    source = torch.where(
        place <= first,
        place + split * swapped,
        place - torch.where(swapped == SWAPPED, first, 0) - 1,
    )
    source = torch.where(place == 0, 0, source)
    source = torch.where((place == first + 1) | (place == length - 1), length - 1, source)
    possible = (windows[:, 1:-2] != windows[:, -1:]).all(1, keepdim=True)
    return Pairs(
        torch.where(possible, windows.gather(1, source), windows),
        ((place > first + 1) & possible).long(),
        torch.where(possible, swapped, LEFT_OUT).squeeze(1),
    )


def _order_head(model: Any) -> Any:
    """Return the head over the pooled state of [CLS] that answers with two logits; None without one."""
    if hasattr(model, "sop_classifier"):
        return model.sop_classifier
    return getattr(getattr(model, "cls", None), "seq_relationship", None)
