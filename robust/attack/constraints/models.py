"""That a model finds the edited text as near, or as fluent, as the original."""

from __future__ import annotations

import math

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited
from robust.attack.constraints.grammar import surroundings


def sentence_similarity(edited: Edited) -> float:
    """Return the cosine of the texts before and after, the least of question and edited sentences."""
    encoder = edited.scene.scorers.need_sentences("constraint sentence-similarity")
    found = 1.0
    for pair in _pairs(edited):
        one, two = encoder.vectors(pair)
        found = min(found, float(one @ two))
    return round(found, 6)


def fluency_ratio(edited: Edited) -> float:
    """Return the pseudo-perplexity before over that after, the least of question and edited sentences.

    exp of the difference of the mean pseudo-log-likelihoods (Salazar et al. 2020): 1 is as fluent as the
    original, 0.5 is half as likely a token.
    """
    model = edited.scene.scorers.need_masked_lm("constraint fluency-ratio")
    found = [1.0]
    for pair in _pairs(edited):
        before, after = model.fluency(pair)
        found.append(math.exp(min(50.0, after - before)))
    return round(min(found[1:] or found), 6)


def _pairs(edited: Edited) -> list[tuple[str, str]]:
    """Return (before, after) of the question and of the edited sentences, where they differ."""
    question = edited.scene.question
    pairs = [(question.text, edited.question)] if edited.question != question.text else []
    if edited.context != question.context:
        pairs.append(surroundings(question.context, edited.context))
    return [pair for pair in pairs if all(part.strip() for part in pair)]


KINDS = (
    Kind(
        "sentence-similarity",
        sentence_similarity,
        False,
        0.8,
        "cosine of sentence vectors before and after",
        "UniversalSentenceEncoder",
        needs="sentences",
    ),
    Kind(
        "fluency-ratio",
        fluency_ratio,
        False,
        0.5,
        "how likely a masked language model finds a token after, over before",
        "LearningToWriteLanguageModel",
        needs="masked-lm",
    ),
)
