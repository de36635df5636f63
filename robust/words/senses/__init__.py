"""Word-sense disambiguation: which of its senses a word has, in the light of its question and paragraph.

``get(method, lexicon)`` gives any of ``METHODS`` behind one interface, ``Disambiguator``.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from robust.errors import UserError
from robust.words.lexicon import Lexicon
from robust.words.senses.base import Disambiguator, Sense, prior
from robust.words.senses.baselines import FirstSense, RandomSense
from robust.words.senses.context import Context, content_lemmas
from robust.words.senses.enhanced import EnhancedLesk2014
from robust.words.senses.lesk import AdaptedLesk, Lesk
from robust.words.senses.loglinear import EnhancedLesk
from robust.words.senses.semantic import EnhancedLeskSemantic

__all__ = ["METHODS", "Context", "Disambiguator", "Sense", "content_lemmas", "get", "prior"]

METHODS: dict[str, Callable[[Lexicon], Disambiguator]] = {
    method.name: method
    for method in (
        FirstSense,
        Lesk,
        AdaptedLesk,
        EnhancedLesk2014,
        EnhancedLesk,
        EnhancedLeskSemantic,
        RandomSense,
    )
}


def get(method: str, lexicon: Lexicon, *, seed: int = 0) -> Disambiguator:
    """Return the disambiguator called ``method``; ``seed`` matters to random-sense alone.

    Raises UserError, with the nearest names, for a method there is not.
    """
    if method == RandomSense.name:
        return RandomSense(lexicon, seed=seed)
    if method not in METHODS:
        nearest = get_close_matches(method, METHODS, n=1)
        hint = f"did you mean {nearest[0]}? " if nearest else ""
        raise UserError(f"sense method {method!r}: unknown; {hint}choose one of {', '.join(METHODS)}")
    return METHODS[method](lexicon)
