"""Models that choose a warrant without having been trained to: a masked LM, and sentence vectors.

Each gives both warrants a score and takes the higher one; equal scores are no choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robust.attack.scorers import MaskedLm, SentenceVectors
from robust.choice.records import Item

Scores = tuple[float, float]
# What is read beside the warrant. Niven & Kao 2019 call these (R, C, W), (R, W), (C, W) and (W).
BESIDE = ("both", "reason", "claim", "nothing")


def argument(item: Item, place: int, beside: str = "both") -> str:
    """Return reason, one warrant and claim as sentences, in the order in which one would argue.

    ``beside`` says which texts stand beside the warrant (BESIDE).
    """
    reason = [item.reason] if beside in ("both", "reason") else []
    claim = [item.claim] if beside in ("both", "claim") else []
    return " ".join(map(_sentence, (*reason, item.warrants[place], *claim)))


def fluency_scores(items: Sequence[Item], lm: MaskedLm, beside: str = "both") -> list[Scores]:
    """Return the mean pseudo-log-likelihood (nats a token) of each argument, with either warrant."""
    texts = [argument(item, place, beside) for item in items for place in (0, 1)]
    distinct = list(dict.fromkeys(texts))  # without the claim, a copy reads as its original does
    found = dict(zip(distinct, lm.fluency(distinct), strict=True))
    scores = [found[text] for text in texts]
    return list(zip(scores[::2], scores[1::2], strict=True))


def sentence_scores(items: Sequence[Item], encoder: SentenceVectors, beside: str = "both") -> list[Scores]:
    """Return the cosine of each warrant with reason and claim together, or with one of them."""
    texts: list[str] = []
    for item in items:
        others = {"both": (item.reason, item.claim), "reason": (item.reason,), "claim": (item.claim,)}[beside]
        texts += [" ".join(map(_sentence, others)), *map(_sentence, item.warrants)]
    rows = np.asarray(encoder.vectors(texts), np.float64).reshape(len(items), 3, -1)
    cosines = np.einsum("nd,nwd->nw", rows[:, 0], rows[:, 1:])
    return [(round(float(a), 6), round(float(b), 6)) for a, b in cosines]


def higher(scores: Scores) -> int | None:
    """Return the place of the higher score, None where they are equal."""
    first, second = scores
    return None if first == second else int(second > first)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
