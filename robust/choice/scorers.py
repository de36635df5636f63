"""Models that choose a warrant without having been trained to: a masked LM, and sentence vectors.

Each gives both warrants a score and takes the higher one; equal scores are no choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robust.attack.scorers import MaskedLm, SentenceVectors
from robust.choice.records import Item

Scores = tuple[float, float]


def argument(item: Item, place: int) -> str:
    """Return reason, one warrant and claim as three sentences, in the order in which one would argue."""
    return " ".join(map(_sentence, (item.reason, item.warrants[place], item.claim)))


def fluency_scores(items: Sequence[Item], lm: MaskedLm) -> list[Scores]:
    """Return the mean pseudo-log-likelihood (nats a token) of each argument, with either warrant."""
    found = lm.fluency([argument(item, place) for item in items for place in (0, 1)])
    return list(zip(found[::2], found[1::2], strict=True))


def sentence_scores(items: Sequence[Item], encoder: SentenceVectors) -> list[Scores]:
    """Return the cosine of each warrant with reason and claim together."""
    texts = [
        text
        for item in items
        for text in (f"{_sentence(item.reason)} {_sentence(item.claim)}", *map(_sentence, item.warrants))
    ]
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
