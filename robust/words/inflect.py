"""From a lemma and a tag to the form: ``establish`` + VBD is ``established``.

lemminflect gives the form; it is kept only if it lemmatises back to the lemma, so that a form which could not
be read as intended is never written into a question.
"""

from __future__ import annotations

import re
from functools import lru_cache

from robust.words.closed_class import word_set
from robust.words.lemmatise import forms, lemmas

_BASE_TAGS = frozenset(("NN", "VB", "VBP", "JJ", "RB"))
# Nouns that are plural as they stand: "the people were", never "a people was".
_PLURAL_ONLY = word_set(
    """
    people police cattle folk poultry vermin livestock clergy clothes thanks riches earnings belongings
    remains surroundings premises proceeds outskirts scissors trousers pants jeans shorts glasses goods
    arms barracks headquarters savings troops dregs genitals annals
    """
)
# Nouns whose plural is the singular.
_INVARIANT = word_set(
    """
    series species sheep deer aircraft spacecraft hovercraft watercraft moose swine shrimp salmon trout
    bison cod offspring means crossroads gallows corps chassis rendezvous fish squid elk quail reindeer
    counsel
    """
)
_SAME_PLURAL = _PLURAL_ONLY | _INVARIANT
# Nouns that the table pluralises although educated English does not.
_MASS = word_set(
    """
    information equipment advice knowledge evidence research luggage music furniture homework progress
    software hardware weather traffic bread butter rice wheat electricity gravity oxygen hydrogen
    nitrogen sunlight darkness happiness sadness wealth health money poverty warfare agriculture
    machinery jewelry jewellery scenery garbage trash rubbish mail news physics mathematics economics
    politics athletics chaos courage fun luck merchandise clothing transportation leisure permission
    safety
    """
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*\Z")

_AN_BEFORE = re.compile(r"hour|honest|hono(?!lulu)|heir|herb(?!ert|ivor|icid)", re.IGNORECASE)
_A_BEFORE = re.compile(
    r"(?:eu|ewe|unani|uni(?!m(?!o)|n|d(?!ir)|ss|r)|us(?:e|a[bg]|u)|ut(?:il|e|op)|u(?:kr|ku|ke|biq|v[eu]|gand|tah)"
    r"|ur(?:a[clnt]|e[aty]|in|ic\b|ia|o[gl]|uguay)"
    r"|one(?:\b|-|s|ness)|once|ouija|unesco|unicef|uefa)",
    re.IGNORECASE,
)
# Letters whose names begin with a vowel sound: an MRI, an FBI agent, an X-ray; but a UN body, a USB port.
_VOWEL_LETTERS = frozenset("AEFHILMNORSX8")
# All-capital words read as words, not letter by letter.
_SPOKEN_CAPITALS = word_set(
    """
    NASA NATO NAFTA NASDAQ LASER RADAR SONAR FIFA FEMA SARS MASH LIDAR HAMAS SWAT SAT SALT RAM ROM LAN
    """
)


@lru_cache(maxsize=200_000)
def inflect(lemma: str, tag: str) -> str | None:
    """Return the lower-case form of ``lemma`` for a Penn tag, or None.

    None where English has no such form (the plural of a mass noun, the comparative of *beautiful*, a singular
    of *people*), where it depends on the person (*be*), or where the form does not lemmatise back. The words
    of a multi-word lemma come joined by spaces: verbs inflect their first word, nouns their last (or the one
    before a preposition), adjectives and adverbs not at all.
    """
    lemma = lemma.lower().replace("_", " ")
    if " " in lemma:
        return _inflect_expression(lemma, tag)
    if not _WORD.match(lemma) or (lemma == "be" and tag not in ("VB", "VBG", "VBN")):
        return None
    if tag in _BASE_TAGS:
        return None if tag == "NN" and lemma in _PLURAL_ONLY else lemma
    if tag == "NNS" and (lemma in _MASS or lemma in _SAME_PLURAL):
        return lemma if lemma in _SAME_PLURAL else None
    form = next((form for form in forms(lemma, tag) if tag != "NNS" or form != lemma), None)
    return form if form and lemma in lemmas(form, tag) else None


def _inflect_expression(lemma: str, tag: str) -> str | None:
    words = lemma.split(" ")
    if tag in _BASE_TAGS:
        return lemma
    if tag.startswith("VB"):
        head = 0
    elif tag == "NNS":
        head = next((i - 1 for i, word in enumerate(words) if i and word in _PREPOSITIONS), len(words) - 1)
    else:
        return None
    form = inflect(words[head], tag)
    return None if form is None else " ".join([*words[:head], form, *words[head + 1 :]])


_PREPOSITIONS = frozenset(("of", "in", "at", "on", "to", "for", "by", "with", "de", "from", "about"))


def match_case(after: str, before: str) -> str:
    """Return ``after`` in the letter case of ``before``: lower, Title or UPPER; else as it is.

    One capital letter counts as a title (*A* -> *The*), and so does a capitalised hyphenated word.
    """
    letters = [c for c in before if c.isalpha()]
    if not letters or not after:
        return after
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return after.upper()
    if letters[0].isupper() and not any(c.isupper() for c in letters[1:]):
        return after[:1].upper() + after[1:]
    if before.istitle():
        return "-".join(part[:1].upper() + part[1:] for part in after.split("-"))
    return after


def indefinite_article(next_word: str) -> str:
    """Return "a" or "an" for the word that follows, by its sound: an hour, a European, an MRI, a one."""
    word = next_word.strip().lstrip("'\"‘“([")
    if not word:
        return "a"
    first = re.split(r"[-\s/.]", word, maxsplit=1)[0] or word
    if first[0].isdigit():
        number = re.match(r"\d+", first)
        digits = number.group() if number else ""
        eleven = digits[:2] in ("11", "18") and (
            len(digits) == 2 or (digits[:2] == "18" and len(digits) == 4)
        )
        return "an" if digits[:1] == "8" or eleven else "a"
    if first not in _SPOKEN_CAPITALS and (len(first) == 1 or (first.isupper() and not _spoken(first))):
        return "an" if first[0].upper() in _VOWEL_LETTERS else "a"
    if _AN_BEFORE.match(first):
        return "an"
    if _A_BEFORE.match(first):
        return "a"
    return "an" if first[0].lower() in "aeiouàáâãäåæèéêëìíîïòóôõöøùúûü" else "a"


def _spoken(capitals: str) -> bool:
    """Tell whether an all-capital word is long enough, and has vowels enough, to be read as a word."""
    return len(capitals) > 4 and any(c in "AEIOU" for c in capitals[:3])
