"""How likely a masked language model finds each word in its place: log-probabilities, batched.

A word that is one token has the probability that the softmax over the vocabulary gives it at the mask. A
word of k pieces is asked for with k masks, and filled in as PET does it (Schick & Schuetze 2021, "It's not
just size that matters", NAACL, section 3.1): of its pieces the likeliest in its place goes in first, the
model is asked again, and the log-probabilities are summed. Words of different length are so asked for in
frames of different length, which favours neither in general and is not neutral either: ``pieces`` tells.

Only frames of equal length share a batch, so that nothing is ever padded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robust.errors import UserError
from robust.pretrain.objectives.base import at, encode, language_model_logits
from robust.probe.frame import Frame, make_frames
from robust.probe.prompt import Prompt
from robust.zoo.architecture import positions
from robust.zoo.masked_lm import LoadedMaskedLM

# Tokens in a batch.
_BATCH_TOKENS = 4_096


def word_scores(
    lm: LoadedMaskedLM,
    prompts: Sequence[Prompt],
    words: Sequence[str],
    *,
    batch_tokens: int = _BATCH_TOKENS,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the log-probability (natural) of each word in each prompt, and in how many pieces it came.

    Both have shape (prompts, words). The model is used where it is. Raises UserError as ``make_frames``
    does, and for a prompt that is longer than the model has positions.
    """
    frames = [frame for row in make_frames(lm.tokenizer, prompts, words) for frame in row]
    room = positions(lm.model.config)
    longest = max(frames, key=lambda frame: len(frame.ids))
    if len(longest.ids) > room:
        raise UserError(
            f"{lm.name}: a prompt has {len(longest.ids)} tokens, the model {room} positions; "
            "give fewer --shots or shorter texts"
        )
    totals = np.zeros(len(frames))
    waiting = dict(enumerate(frames))
    while waiting:
        waiting = _fill_one(lm, waiting, totals, batch_tokens)
    shape = (len(prompts), len(words))
    return totals.reshape(shape), np.array([len(frame.pieces) for frame in frames]).reshape(shape)


def _fill_one(
    lm: LoadedMaskedLM, waiting: dict[int, Frame], totals: NDArray[np.float64], batch_tokens: int
) -> dict[int, Frame]:
    """Fill the likeliest piece of each frame, add its log-probability, return the frames with masks left."""
    asked: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for number, frame in waiting.items():  # words of equally many pieces ask about the same frame
        asked.setdefault((frame.ids, frame.places), []).append(number)
    left: dict[int, Frame] = {}
    for ids, places, logs in _log_probabilities(lm.model, list(asked), batch_tokens):
        for number in asked[ids, places]:
            pieces = waiting[number].pieces
            own = logs[list(range(len(pieces))), list(pieces)]
            best = int(own.argmax())
            totals[number] += float(own[best])
            if len(pieces) > 1:
                filled = list(ids)
                filled[places[best]] = pieces[best]
                left[number] = Frame(
                    tuple(filled),
                    places[:best] + places[best + 1 :],
                    pieces[:best] + pieces[best + 1 :],
                )
    return left


@torch.inference_mode()
def _log_probabilities(
    model: Any, asked: list[tuple[tuple[int, ...], tuple[int, ...]]], batch_tokens: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Tensor]]:
    """Yield ids, places and log-probabilities (places, vocabulary; float32, on the CPU) of each frame."""
    device = model.get_input_embeddings().weight.device
    alike: dict[tuple[int, int], list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
    for ids, places in asked:
        alike.setdefault((len(ids), len(places)), []).append((ids, places))
    for (length, _), group in sorted(alike.items()):
        size = max(1, batch_tokens // length)
        for first in range(0, len(group), size):
            batch = group[first : first + size]
            inputs = torch.tensor([ids for ids, _ in batch], device=device)
            states = at(encode(model, inputs), torch.tensor([places for _, places in batch], device=device))
            logs = language_model_logits(model, states).float().log_softmax(-1).cpu()
            for (ids, places), found in zip(batch, logs, strict=True):
                yield ids, places, found
