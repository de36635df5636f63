"""How likely people are to accept a substitution: a small logistic model.

It looks at what WordNet, word counts and the use of the two words in Wikipedia tell, and at the word that
follows. docs/qads.md tells how it was fitted and measured.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from robust.attack.candidates import Substitute
from robust.words.lexicon import Lexicon
from robust.words.senses import Sense, prior
from robust.words.usage import follows, likeness


class Evidence(NamedTuple):
    """What the model looks at.

    ``sense``: how sure the sense is, the weight exp(5 score) of the word's senses that have the substitute
    among that of all its senses; ``share``: the part of the substitute's own uses that are in those senses;
    ``polysemy``: log of the substitute's number of senses; ``zipf``: the substitute's frequency;
    ``distance`` and ``overlap``: whether the two words are used in the same places (`robust.words.usage`);
    ``next_word``: how much better the substitute goes with the next word than the word itself does, a
    difference of logs.
    """

    sense: float
    share: float
    polysemy: float
    zipf: float
    distance: float
    overlap: float
    next_word: float


@dataclass(frozen=True, slots=True)
class Model:
    """A bias and a weight for each piece of evidence."""

    bias: float
    weights: Evidence

    def safety(self, evidence: Evidence) -> float:
        """Return the estimated share of people, 0 to 1, who accept the substitution."""
        weighted = (weight * value for weight, value in zip(self.weights, evidence, strict=True))
        return 1 / (1 + math.exp(-self.bias - math.fsum(weighted)))


class Replaced(NamedTuple):
    """The word that is replaced: lemma and part of speech, its form and the token after it in lower case."""

    lemma: str
    pos: str
    form: str
    following: str


# How fast trust falls with a sense's score (the 5 above); 1 for methods whose scores are log-odds already.
SHARPNESS = 5.0
LOG_ODDS = ("enhanced-lesk", "enhanced-lesk-semantic")
# Into so many parts the lemmas are dealt for cross-fitting.
FOLDS = 10


def model(unseen: str | None = None) -> Model:
    """Return the model fitted on all judgements, or the one that was fitted without those on ``unseen``.

    ``unseen`` is the lemma of the word to be replaced; a tenth of all lemmas is left out with it.
    """
    fitted, *parts = _models()
    return fitted if unseen is None else parts[fold(unseen)]


def fold(lemma: str) -> int:
    """Return the part, 0 to FOLDS - 1, that a lemma belongs to."""
    return zlib.crc32(lemma.encode()) % FOLDS


def trust(ranked: Sequence[Sense], method: str) -> dict[int, float]:
    """Return the weight of each sense, exp(5 score), among them all; they add up to 1.

    ``method`` is the disambiguator that gave the scores.
    """
    sharpness = 1.0 if method in LOG_ODDS else SHARPNESS
    weights = {sense.synset: math.exp(sharpness * (sense.score - ranked[0].score)) for sense in ranked}
    total = math.fsum(weights.values())
    return {synset: weight / total for synset, weight in weights.items()}


def weigh(
    lexicon: Lexicon, word: Replaced, trusted: dict[int, float] | None, substitute: Substitute
) -> Evidence:
    """Return the evidence on replacing ``word`` by ``substitute``.

    ``trusted`` are the word's senses with their weights; None: as if a shared sense were sure.
    """
    shared, share = overlap(lexicon, word.lemma, substitute.lemma, word.pos)
    distance, frames = likeness(word.lemma, substitute.lemma, word.pos)
    return Evidence(
        sense=1.0 if trusted is None else math.fsum([trusted.get(synset, 0.0) for synset in shared]),
        share=share,
        polysemy=math.log(substitute.polysemy),
        zipf=substitute.zipf,
        distance=distance,
        overlap=frames,
        next_word=follows(substitute.form, word.following) - follows(word.form, word.following),
    )


@lru_cache(maxsize=100_000)
def overlap(lexicon: Lexicon, lemma: str, other: str, pos: str) -> tuple[tuple[int, ...], float]:
    """Return the senses that both words have, and their part of the uses of ``other``, by its prior."""
    others = lexicon.senses(other, pos)
    own = set(lexicon.senses(lemma, pos))
    priors = prior(lexicon, other, others)
    shared = [(sense, p) for sense, p in zip(others, priors, strict=True) if sense in own]
    return tuple(sense for sense, _ in shared), sum(p for _, p in shared)


@cache
def _models() -> tuple[Model, ...]:
    text = resources.files("robust.attack").joinpath("data/safety.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    if stored["evidence"] != list(Evidence._fields):
        raise AssertionError("data/safety.json is of another model; run benchmarks/safety_fit.py --write")
    return tuple(Model(bias, Evidence(*weights)) for bias, *weights in (stored["all"], *stored["without"]))
