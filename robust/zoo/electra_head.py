"""ELECTRA's own answer head, over any encoder.

From the fine-tuning code of Clark et al. (2020, google-research/electra, ``finetune/qa/qa_tasks.py``), with
its sizes: start logits are linear in the hidden states; end logits come from a layer of 512 (gelu) over the
hidden state of the start and that of the end, so that the end knows which start it belongs to (the 20
likeliest starts are tried); a question's answerability has a logit of its own, from the hidden state of
the classification token and the expected hidden state of the start.

Kept apart from that code in three places. Tokens that may start or end an answer are those of the context
and, in training, the classification token for "no answer here", but not the last separator. A window that
does not hold the answer counts as unanswerable, as null odds are the least over windows. And of a start's
ends those within the longest answer are scored, instead of the 20 likeliest of the window, most of which
cannot be its end; their probabilities are those of the whole window all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

BEAM = 20
WIDTH = 512
ANSWERABLE_WEIGHT = 0.5
# bytes of end features that are in memory at once
_FEATURES = {"cuda": 1 << 30, "cpu": 1 << 24}


@dataclass(frozen=True, slots=True)
class Beam:
    """What the head says of a batch of windows.

    ``starts`` (windows, beam): token positions in ascending order; ``scores`` (windows, beam, answer
    tokens): log-probability of that start and of the end 0, 1, ... tokens behind it, -inf where
    there is none; ``null`` (windows): the logit of "no answer here"; ``margin`` and ``edge``
    (windows): how far the last start in the beam is ahead of the first outside it, and that one's
    log-probability; ``peak`` (windows): the largest absolute value among logits, which rounding errors
    are relative to.
    """

    starts: torch.Tensor
    scores: torch.Tensor
    null: torch.Tensor
    margin: torch.Tensor
    edge: torch.Tensor
    peak: torch.Tensor


class ElectraHead(nn.Module):
    """The three parts of the head over hidden states of width ``hidden``."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.start = nn.Linear(hidden, 1)
        self.end_hidden = nn.Linear(2 * hidden, WIDTH)
        self.end = nn.Linear(WIDTH, 1)
        self.answerable_hidden = nn.Linear(2 * hidden, WIDTH)
        self.answerable = nn.Linear(WIDTH, 1)
        for module in self.children():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)  # TensorFlow's default, which the original takes
                nn.init.zeros_(module.bias)

    def start_logits(self, hidden: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        """Return start logits (windows, tokens), -inf off ``allowed`` (of the same shape, boolean)."""
        logits: torch.Tensor = self.start(hidden).squeeze(-1)
        return logits.masked_fill(~allowed, float("-inf"))

    def end_logits(self, hidden: torch.Tensor, allowed: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
        """Return end logits (windows, starts, tokens) for each of ``starts`` (windows, starts)."""
        width = hidden.shape[-1]
        rows = torch.arange(len(hidden), device=hidden.device)[:, None]
        # the layer over [start ; end] in two halves: each token and each start passes it once
        layer = self.end_hidden
        of_start = functional.linear(hidden[rows, starts], layer.weight[:, :width], layer.bias)
        of_end = functional.linear(hidden, layer.weight[:, width:])
        features = functional.gelu(of_start[:, :, None] + of_end[:, None], approximate="tanh")
        logits: torch.Tensor = self.end(features).squeeze(-1)
        return logits.masked_fill(~allowed[:, None], float("-inf"))

    def null_logits(self, hidden: torch.Tensor, start_logits: torch.Tensor) -> torch.Tensor:
        """Return the logit of "no answer in this window" for each window."""
        expected = (start_logits.softmax(-1)[:, None] @ hidden).squeeze(1)
        features = self.answerable_hidden(torch.cat((hidden[:, 0], expected), -1))
        logits: torch.Tensor = self.answerable(functional.gelu(features, approximate="tanh"))
        return logits.squeeze(-1)

    def loss(self, hidden: torch.Tensor, context: torch.Tensor, gold: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of a batch, a scalar.

        ``context`` (windows, tokens) marks the context's tokens; ``gold`` (windows, 2) is the first and last
        token of the answer, (0, 0) where the window holds none. The end is learnt for the gold start.
        """
        allowed = with_first(context)
        start = self.start_logits(hidden, allowed)
        end = self.end_logits(hidden, allowed, gold[:, :1])[:, 0]
        null = self.null_logits(hidden, start)
        entropy = functional.cross_entropy
        spans = (entropy(start, gold[:, 0]) + entropy(end, gold[:, 1])) / 2
        impossible = (gold[:, 1] == 0).to(null.dtype)
        return spans + ANSWERABLE_WEIGHT * functional.binary_cross_entropy_with_logits(null, impossible)

    def beam(self, hidden: torch.Tensor, context: torch.Tensor, max_answer: int) -> Beam:
        """Return the scores of all answers of at most ``max_answer`` tokens from each start in the beam."""
        allowed = with_first(context)
        logits = self.start_logits(hidden, allowed)
        log_probability = logits.log_softmax(-1).masked_fill(~context, float("-inf"))
        windows, length = logits.shape
        # sorted, so that of equal starts the first is taken; one more, to know how near it was
        order = log_probability.sort(dim=-1, descending=True, stable=True)
        size = min(BEAM, length)
        starts, _ = order.indices[:, :size].sort(dim=-1)
        ranked = functional.pad(order.values, (0, 1), value=float("-inf"))
        last, outside = ranked[:, size - 1], ranked[:, size]
        margin = torch.where(outside > float("-inf"), last - outside, float("inf"))
        places = starts[:, :, None] + torch.arange(max_answer, device=hidden.device)
        inside = places < length
        places = places.clamp(max=length - 1)
        inside &= context[:, None].expand(-1, size, -1).gather(2, places)
        part = max(1, _FEATURES.get(hidden.device.type, _FEATURES["cpu"]) // (4 * WIDTH * length * size))
        scores, peaks = [], []
        for first in range(0, windows, part):
            rows = slice(first, first + part)
            ends = self.end_logits(hidden[rows], allowed[rows], starts[rows])
            peaks.append(_largest(ends.flatten(1)))
            scores.append(ends.log_softmax(-1).gather(2, places[rows]))
        score = torch.cat(scores) + log_probability.gather(1, starts)[:, :, None]
        null = self.null_logits(hidden, logits)
        peak = torch.stack((_largest(logits), torch.cat(peaks), null.abs())).amax(0)
        return Beam(starts, score.masked_fill(~inside, float("-inf")), null, margin, outside, peak)


class JointReader(nn.Module):
    """An encoder of any family under ``ElectraHead``, in the place of a ``*ForQuestionAnswering``.

    ``encoder`` is a transformers model that returns ``last_hidden_state``; ``config`` is its own.
    """

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = ElectraHead(int(encoder.config.hidden_size))
        self.config = encoder.config

    @property
    def base_model(self) -> Any:
        """The encoder, as transformers' own models call it."""
        return self.encoder

    def get_input_embeddings(self) -> Any:
        """Return the embedding of tokens."""
        return self.encoder.get_input_embeddings()

    def forward(self, **inputs: torch.Tensor) -> torch.Tensor:
        """Return the hidden states, of shape (windows, tokens, width)."""
        hidden: torch.Tensor = self.encoder(**inputs).last_hidden_state
        return hidden


def joint_reader(model: Any, *, seed: int = 0) -> JointReader:
    """Return the encoder of a ``*ForQuestionAnswering`` under a fresh ELECTRA head.

    The head depends on ``seed`` alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return JointReader(model.base_model).eval()


def with_first(context: torch.Tensor) -> torch.Tensor:
    """Return ``context`` with the classification token marked too: where "no answer here" points to."""
    allowed = context.clone()
    allowed[:, 0] = True
    return allowed


def _largest(logits: torch.Tensor) -> torch.Tensor:
    return logits.masked_fill(logits == float("-inf"), 0.0).abs().amax(-1)
