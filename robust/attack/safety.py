"""How likely people are to accept a substitution: a small logistic model.

It looks at what WordNet, word counts and word vectors know of the two words. docs/qads.md tells how it was
fitted and measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from robust.attack.candidates import Substitute
from robust.words.lexicon import Lexicon
from robust.words.senses import Sense, prior
from robust.words.vectors import Vectors


class Evidence(NamedTuple):
    """What the model looks at.

    ``sense``: how sure the sense is, the weight exp(5 score) of the word's senses that have the substitute
    among that of all its senses; ``share``: the part of the substitute's own uses that are in those senses;
    ``polysemy``: log of the substitute's number of senses; ``zipf``: the substitute's frequency; ``rarer``:
    by how much it is rarer than the word (0 if it is not); ``alike``: the cosine of the two words' vectors.
    """

    sense: float
    share: float
    polysemy: float
    zipf: float
    rarer: float
    alike: float


# How fast trust falls with a sense's score (the 5 above).
SHARPNESS = 5.0
# Fitted on the 1,843 judged pairs of SWORDS dev that share a synset, by benchmarks/safety_fit.py.
BIAS = -3.150
WEIGHTS = Evidence(sense=3.001, share=0.558, polysemy=-0.326, zipf=0.192, rarer=-0.067, alike=1.635)


def safety(evidence: Evidence) -> float:
    """Return the estimated chance, 0 to 1, that at least half of the people asked accept the substitution."""
    weighted = zip(WEIGHTS, evidence, strict=True)
    return 1 / (1 + math.exp(-BIAS - math.fsum(weight * value for weight, value in weighted)))


def weigh(
    lexicon: Lexicon, word: tuple[str, str], ranked: Sequence[Sense], word_zipf: float, substitute: Substitute
) -> Evidence:
    """Return the evidence on replacing ``word`` (lemma, part of speech) by ``substitute``.

    ``ranked`` are the word's senses with their scores, best first; the substitute is of the first one's
    synset. ``word_zipf`` is the frequency of the form that is replaced.
    """
    lemma, pos = word
    shared, share = overlap(lexicon, lemma, substitute.lemma, pos)
    trust = [(sense.synset, math.exp(SHARPNESS * (sense.score - ranked[0].score))) for sense in ranked]
    return Evidence(
        sense=sum(weight for synset, weight in trust if synset in shared)
        / sum(weight for _, weight in trust),
        share=share,
        polysemy=math.log(substitute.polysemy),
        zipf=substitute.zipf,
        rarer=max(0.0, word_zipf - substitute.zipf),
        alike=similarity(lemma, substitute.lemma),
    )


@lru_cache(maxsize=100_000)
def overlap(lexicon: Lexicon, lemma: str, other: str, pos: str) -> tuple[frozenset[int], float]:
    """Return the senses that both words have, and their part of the uses of ``other``, by its prior."""
    others = lexicon.senses(other, pos)
    shared = frozenset(lexicon.senses(lemma, pos)) & frozenset(others)
    priors = prior(lexicon, other, others)
    return shared, sum(p for sense, p in zip(others, priors, strict=True) if sense in shared)


@lru_cache(maxsize=100_000)
def similarity(one: str, other: str) -> float:
    """Return the cosine of the two lemmas' vectors, rounded so that no machine orders a tie differently."""
    return round(Vectors.open().similarity(one, other), 6)
