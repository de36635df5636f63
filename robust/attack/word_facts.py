"""What WordNet, word counts and spelling say of one word: its part of speech, number, spelling, senses."""

from __future__ import annotations

import re
from functools import lru_cache

from robust.attack.vocabulary import MARKED_USAGE
from robust.words.frequency import zipf
from robust.words.inflect import inflect
from robust.words.lemmatise import lemmas
from robust.words.lexicon import Lexicon
from robust.words.morphology import SUFFIX_RULES

_SPELLINGS = (
    (re.compile(r"our"), "or"),
    (re.compile(r"(?<=s)or(?=s?$)"), "er"),
    (re.compile(r"is(?=e|ing|ation)"), "iz"),
    (re.compile(r"ys(?=e|ing)"), "yz"),
    (re.compile(r"re$"), "er"),
    (re.compile(r"ogue"), "og"),
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"ce(?=$|s$)"), "se"),
    (re.compile(r"mme(?=s?$)"), "m"),
    (re.compile(r"([a-z])\1"), r"\1"),
    (re.compile(r"-"), ""),
    (re.compile(r"ey$"), "y"),
    (re.compile(r"dgem"), "dgm"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"wards$"), "ward"),
    (re.compile(r"ical(?=$|ly)"), "ic"),
    (re.compile(r"ally$"), "ly"),
    (re.compile(r"c(?=s?$)"), "k"),
)
# What morphology takes off a word, whatever its part of speech.
_ENDINGS = sorted({rule for rules in SUFFIX_RULES.values() for rule in rules})


@lru_cache(maxsize=100_000)
def usual(lexicon: Lexicon, lemma: str, pos: str) -> float:
    """Return the share of the lemma's uses that are of this part of speech, by tagged counts, 0 to 1.

    Half a use is added to each sense, so that words never tagged are judged by their senses.
    """
    uses = {p: sum(lexicon.count(lemma, s) + 0.5 for s in lexicon.senses(lemma, p)) for p in "nvar"}
    return uses[pos] / (sum(uses.values()) or 1)


@lru_cache(maxsize=50_000)
def is_plural(lemma: str) -> bool:
    """Return whether a noun lemma is the plural of another one at the same time (*bounds*, *authorities*)."""
    return any(base != lemma and inflect(base, "NNS") == lemma for base in lemmas(lemma, "NNS"))


@lru_cache(maxsize=50_000)
def is_participle(lexicon: Lexicon, form: str) -> bool:
    """Return whether the form is a participle of some verb (*located*, *computing*)."""
    return any(form in (inflect(verb, "VBN"), inflect(verb, "VBG")) for verb in lexicon.morphy(form, "v"))


@lru_cache(maxsize=50_000)
def is_mass(lemma: str) -> bool:
    """Return whether the noun has no plural, or one so rare that it is no count noun (*warfare*)."""
    plural = inflect(lemma, "NNS")
    return plural is None or zipf(plural) < min(zipf(lemma) - 2.0, 3.5)


def spelling(lemma: str) -> str:
    """Return a key that British, American and other spellings of a word share."""
    return _spelling(lemma)


@lru_cache(maxsize=50_000)
def _spelling(lemma: str) -> str:
    for pattern, replacement in _SPELLINGS:
        lemma = pattern.sub(replacement, lemma)
    return lemma


@lru_cache(maxsize=100_000)
def standing(lexicon: Lexicon, lemma: str, pos: str, synset: int) -> tuple[int, int, float]:
    """Return (number of senses, rank of ``synset`` from 1, its share of the lemma's uses).

    The share is (count + 1) / (total + senses) from WordNet's tagged counts, as in Basile et al. 2014. A
    synset that is none of the lemma's senses of that part of speech comes last.
    """
    senses = lexicon.senses(lemma, pos)
    counts = [lexicon.count(lemma, sense) for sense in senses]
    total = sum(counts) + len(senses)
    if synset not in senses:
        return len(senses) + 1, len(senses) + 1, 1 / (total + 1)
    place = senses.index(synset)
    return len(senses), place + 1, (counts[place] + 1) / total


@lru_cache(maxsize=50_000)
def is_marked(lexicon: Lexicon, synset: int) -> bool:
    """Return whether WordNet marks the synset as slang, archaic, a slur, a trade name or the like."""
    return any(lexicon.name(domain) in MARKED_USAGE for domain in lexicon.related(synset, "usage_domains"))


def is_word(lexicon: Lexicon, form: str) -> bool:
    """Return whether ``form``, in lower case, is a word in use, WordNet's or a regular form of one."""
    if zipf(form):
        return True
    words = _single_words(lexicon)
    return form in words or any(
        form.endswith(old) and form[: -len(old)] + new in words for old, new in _ENDINGS
    )


@lru_cache(maxsize=2)
def _single_words(lexicon: Lexicon) -> frozenset[str]:
    """Return WordNet's lemmas of one word; a set, as a typo asks after a hundred strings a word."""
    return frozenset(lemma for lemma in lexicon.all_lemmas() if lemma.isalpha())
