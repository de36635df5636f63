"""What every way of choosing senses has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple, Protocol

from robust.words.lexicon import Lexicon
from robust.words.senses.context import Context


class Sense(NamedTuple):
    """A synset and how well it fits; scores compare within one method only, the higher the better."""

    synset: int
    score: float


class Disambiguator(Protocol):
    """Ranks the senses of a word in its context."""

    name: str

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return every sense of ``lemma`` as ``pos`` (n v a r), best first, ties in WordNet's order.

        ``position`` is the target's token index in the context's question, so that it is left out of its own
        context; None if it is not there. [] for a lemma the lexicon does not have.
        """


def prior(lexicon: Lexicon, lemma: str, senses: Sequence[int]) -> list[float]:
    """Return P(s|w) = (occ(s, w) + 1) / (sum of occ + senses) for each sense, from WordNet's tagged counts.

    Basile, Caputo & Semeraro (COLING 2014), equation 4.
    """
    counts = [lexicon.count(lemma, sense) for sense in senses]
    total = sum(counts) + len(counts)
    return [(count + 1) / total for count in counts]


def ranked(senses: Sequence[int], scores: Sequence[float]) -> list[Sense]:
    """Return the senses with their scores, best first; ties keep the order given."""
    found = list(map(_sense, zip(senses, scores, strict=False)))
    found.sort(key=_score, reverse=True)  # stable
    return found


_sense: Callable[[Iterable[float]], Sense] = partial(tuple.__new__, Sense)  # half the time of Sense(...)
_score = itemgetter(1)
