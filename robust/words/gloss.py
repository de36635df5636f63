"""From a gloss to a bag of its content-word lemmas; no sentence survives.

A gloss is a definition and, between double quotes, examples. Both are cut into words of letters (with inner
hyphens and apostrophes), lower-cased; stop words, single letters and numbers are dropped. A word becomes the
lemma that morphy finds for it as a noun, verb, adjective or adverb: of several, the one with the highest
tagged count, then the first in that order (with two exceptions, see `likeliest_lemma`). A hyphenated word
that WordNet does not have counts as its parts; any other unknown word as itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from robust.words.morphology import POS_ORDER
from robust.words.stopwords import STOP_WORDS

_EXAMPLE = re.compile(r'"[^"]*(?:"|$)')
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_DOUBLES_ITS_CONSONANT = re.compile(r"[^aeiou][aeiou][^aeiouwxy]$")

BaseForms = Callable[[str, str], tuple[str, ...]]
TaggedCount = Callable[[str, str], int]


def gloss_bags(gloss: str, lemma_of: Callable[[str], str | None]) -> tuple[Counter[str], Counter[str]]:
    """Return the lemma counts of the definition and those of the examples."""
    definition = _EXAMPLE.sub(" ", gloss)
    examples = " ".join(_EXAMPLE.findall(gloss))
    return bag(definition, lemma_of), bag(examples, lemma_of)


def bag(text: str, lemma_of: Callable[[str], str | None]) -> Counter[str]:
    """Return how often each content-word lemma occurs; ``lemma_of`` gives None for an unknown word."""
    counts: Counter[str] = Counter()
    for match in _WORD.finditer(text.lower()):
        word = match[0].removesuffix("'s")
        parts = word.split("-") if "-" in word and lemma_of(word) is None else [word]
        for part in parts:
            if len(part) > 1 and part not in STOP_WORDS:
                lemma = lemma_of(part) or part
                if lemma not in STOP_WORDS:
                    counts[lemma] += 1
    return counts


def likeliest_lemma(word: str, base_forms: BaseForms, tagged_count: TaggedCount) -> str | None:
    """Return the lemma that ``word`` most likely stands for whatever its part of speech, None if unknown.

    ``tagged_count(lemma, pos)`` is the sum of the counts of the lemma's senses. Two rules go before counts:
    glosses tell of leaves (leaf) more than of who leaves; and hoping is hope, for hop would double its p.
    """
    if word.endswith("ves") and (nouns := base_forms(word, "n")):
        return nouns[0]
    candidates = []
    for pos in POS_ORDER:
        lemmas = base_forms(word, pos)
        doubling = [x for x in lemmas if x != word and x + "e" in lemmas and _DOUBLES_ITS_CONSONANT.search(x)]
        candidates += [(lemma, pos) for lemma in lemmas if lemma not in doubling]
    return max(candidates, key=lambda c: tagged_count(*c))[0] if candidates else None
