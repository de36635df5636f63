"""Two ways of choosing a sense without looking at the context's meaning: the first, and any."""

from __future__ import annotations

from hashlib import blake2b, shake_128
from struct import unpack

from robust.words.lexicon import Lexicon
from robust.words.senses.base import Sense, ranked
from robust.words.senses.context import Context


class FirstSense:
    """WordNet's own order, the most frequent sense first; the score is 1 / (1 + place)."""

    name = "first-sense"

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses in WordNet's order."""
        senses = self._lexicon.senses(lemma, pos)
        return [Sense(synset, 1 / (1 + place)) for place, synset in enumerate(senses)]


class RandomSense:
    """Uniformly random scores, drawn from a hash of seed, context, lemma and position.

    The draw for a word is the same in whatever order, process or company it is asked for.
    """

    name = "random-sense"

    def __init__(self, lexicon: Lexicon, *, seed: int = 0) -> None:
        self._lexicon = lexicon
        self.seed = seed
        self._last: Context | None = None
        self._digest = b""

    def rank(self, lemma: str, pos: str, context: Context, position: int | None) -> list[Sense]:
        """Return the senses in random order, scores uniform in [0, 1)."""
        if context is not self._last:
            text = "\x1f".join((str(self.seed), *context.lemmas, "\x1e", *context.paragraph))
            self._last, self._digest = context, blake2b(text.encode()).digest()
        senses = self._lexicon.senses(lemma, pos)
        draw = shake_128(self._digest + f"{lemma}\x1f{pos}\x1f{position}".encode()).digest(4 * len(senses))
        return ranked(senses, [number / 2**32 for number in unpack(f"<{len(senses)}I", draw)])
