"""Words that have nothing to do with a given one in WordNet but are as frequent as another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from random import Random

from robust.attack.scene import Scene
from robust.attack.vocabulary import blocked
from robust.words.frequency import capital_share, words, zipf
from robust.words.inflect import inflect
from robust.words.lexicon import Lexicon

# A form is rarer than its lemma's most frequent form, seldom by more than a factor of thirty.
_REACH = 1.5
_TRIES = 500


def unrelated_word(scene: Scene, index: int, as_frequent_as: str, band: float, random: Random) -> str | None:
    """Return a form for token ``index``, unrelated to it, within ``band`` Zipf units of ``as_frequent_as``.

    The form is lower case and inflected as the token is. Which one of the many it is, ``random`` says. None
    where there is none.
    """
    token = scene.tokens[index]
    pos = scene.pos(index)
    frequencies, lemmas = _pool(scene.lexicon, pos)
    # A word that was never counted is as rare as the rarest that was.
    target = max(zipf(as_frequent_as), frequencies[0])
    low, high = bisect_left(frequencies, target - band), bisect_right(frequencies, target + _REACH)
    near = lemmas[low:high]
    related = _related(scene.lexicon, token.lemma) | _related(scene.lexicon, as_frequent_as.lower())
    for _ in range(_TRIES if near else 0):
        lemma = near[random.randrange(len(near))]
        if lemma in scene.lemmas or lemma in scene.answer_words:
            continue
        form = inflect(lemma, token.tag)
        if form is None or abs(zipf(form) - target) > band or form in scene.lemmas or form in blocked():
            continue
        if related.isdisjoint(scene.lexicon.senses(lemma, pos)):
            return form
    return None


@lru_cache(maxsize=16)
def _pool(lexicon: Lexicon, pos: str) -> tuple[list[float], list[str]]:
    """Return the lemmas used mostly as ``pos``, with their frequencies, rarest first."""
    found = []
    for word in words():
        senses = lexicon.senses(word, pos)
        if (
            not senses
            or not word.isalpha()
            or len(word) < 3
            or word in blocked()
            or capital_share(word) > 0.3
        ):
            continue
        uses = {p: sum(lexicon.count(word, s) for s in lexicon.senses(word, p)) for p in "nvar"}
        if uses[pos] > 0 and uses[pos] > 0.8 * sum(uses.values()) and word in lexicon.lemmas(senses[0]):
            found.append((zipf(word), word))
    found.sort()
    return [frequency for frequency, _ in found], [word for _, word in found]


@lru_cache(maxsize=20_000)
def _related(lexicon: Lexicon, lemma: str) -> frozenset[int]:
    """Return every synset one WordNet link away from any sense of the word or of its base forms."""
    bases = {lemma, *(base for pos in "nvar" for base in lexicon.morphy(lemma, pos))}
    senses = {sense for base in bases for pos in "nvar" for sense in lexicon.senses(base, pos)}
    near = senses | {other for sense in senses for other in lexicon.related(sense)}
    # Opposites are no synonyms but they are anything but unrelated.
    opposites = {
        synset
        for sense in senses
        for name in lexicon.lemmas(sense)
        for opposite in lexicon.antonyms(name, sense)
        for synset in lexicon.senses(opposite.lower(), lexicon.pos(sense).replace("s", "a"))
    }
    return frozenset(near | opposites)
