"""Every Penn tag a form may bear: from the closed classes, the inflection tables, training text, and its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping

from robust.words.closed_class import CLOSED, OPEN_TOO, mark_tag
from robust.words.lemmatise import table_tags
from robust.words.lexicon import Lexicon

# The order in which tags are tried; a tie in the tagger goes to the earlier.
ORDER = (
    "NN NNS NNP NNPS JJ JJR JJS VB VBP VBZ VBD VBN VBG RB RBR RBS IN RP DT PDT WDT WP WP$ WRB PRP PRP$ EX TO CC MD POS "
    "CD UH FW SYM . , : -LRB- -RRB- `` '' $ #"
).split()
_RANK = {tag: i for i, tag in enumerate(ORDER)}
_NUMBER = re.compile(r"[+-]?\d[\d.,:/]*(?:s|[-–]\d[\d.,]*)?\Z")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\Z", re.IGNORECASE)
_ROMAN = re.compile(r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\Z")
_UNKNOWN_LOWER = ("NN", "NNS", "JJ", "VB", "VBP", "VBZ", "VBD", "VBN", "VBG", "RB")
_SUFFIXES = (
    (("ing",), ("NN", "JJ", "VBG")),
    (("ed",), ("JJ", "VBD", "VBN")),
    (("ly",), ("JJ", "RB")),
    (("ness", "tion", "ment", "ity", "ism", "ist", "ship", "ology"), ("NN",)),
    (("ous", "ful", "less", "able", "ible", "ical", "esque", "like"), ("JJ",)),
    (("ss", "us", "is"), ("NN", "JJ")),
    (("s",), ("NNS", "VBZ", "NN")),
)


def possible_tags(form: str, initial: bool, lexicon: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the tags ``form`` may bear, in ``ORDER``; never empty.

    ``initial`` tells that it opens a sentence, where a capital says nothing; ``lexicon`` maps lower-case
    words to tags seen in training.
    """
    mark = mark_tag(form)
    if mark:
        return (mark,)
    lower = form.lower().replace("’", "'")
    capital = form[0].isupper()
    if lower in CLOSED and lower not in OPEN_TOO:
        found = set(CLOSED[lower])
        if capital and not initial:
            found.add("NNP")
    elif form[0].isdigit() or (form[0] in "+-" and form[1:2].isdigit()):
        if _NUMBER.match(form):
            found = {"CD"}
        elif _ORDINAL.match(form):
            found = {"JJ"}
        else:
            found = {"CD", "JJ", "NN", "NNP"}
    else:
        found = set(CLOSED.get(lower, ())) | set(lexicon.get(lower, ())) | set(table_tags(lower))
        if not found or (capital and found == {"RB"}):
            found |= set(_unknown(lower, capital))
        if capital:
            found |= _capitalised(form, lower, initial)
        elif found <= {"NNP", "NNPS"}:
            found |= {"NN", "JJ"}
    return tuple(sorted(found, key=_RANK.__getitem__))


def _capitalised(form: str, lower: str, initial: bool) -> set[str]:
    if form.isupper() and len(form) > 1 and _ROMAN.match(form):
        return {"NNP", "CD"}
    found = {"NNP"}
    if lower.endswith("s") and len(lower) > 3:
        found.add("NNPS")
    if not initial and lower.endswith(("an", "ish", "ese", "ic", "ean", "i")):
        found.add("JJ")
    return found


def _unknown(lower: str, capital: bool) -> tuple[str, ...]:
    """Return the tags of a word that no table knows."""
    if "-" in lower[1:-1]:
        last = lower.rsplit("-", 1)[1]
        return ("JJ", "NN", "NNS") if last.endswith("s") else ("JJ", "NN")
    for endings, tags in _SUFFIXES:
        if lower.endswith(endings):
            return tags
    return () if capital else _UNKNOWN_LOWER
