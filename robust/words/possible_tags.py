"""Every Penn tag a form may bear: by the closed classes, inflection tables, training text, and its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping

from robust.words.closed_class import CLOSED, OPEN_TOO, mark_tag
from robust.words.lemmatise import table_tags

# The order in which tags are tried; a tie in the tagger goes to the earlier.
_TAGS = """
    NN NNS NNP NNPS JJ JJR JJS VB VBP VBZ VBD VBN VBG RB RBR RBS IN RP DT PDT WDT WP WP$ WRB PRP PRP$ EX
    TO CC MD POS CD UH FW SYM . , : -LRB- -RRB- `` '' $ #
"""
ORDER = _TAGS.split()
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
        found = {*CLOSED[lower], "NNP"} if capital and not initial else set(CLOSED[lower])
    elif form[0].isdigit() or (form[0] in "+-" and form[1:2].isdigit()):
        found = _numeric(form)
    else:
        found = {*CLOSED.get(lower, ()), *lexicon.get(lower, ()), *table_tags(lower)}
        if "-" in lower[1:-1] and "NN" in found:
            found.add("JJ")
        if not found or (capital and found == {"RB"}):
            found.update(_unknown(lower, capital))
        if capital:
            found |= _capitalised(form, lower, initial)
        elif any(c.isupper() for c in form):
            found |= {"NN", "NNP", "NNS", "NNPS"} if form.endswith("s") else {"NN", "NNP"}
        elif found <= {"NNP", "NNPS"}:
            found |= {"NN", "JJ"}
    return tuple(sorted(found, key=_RANK.__getitem__))


def _numeric(form: str) -> set[str]:
    if _NUMBER.match(form):
        return {"CD"}
    return {"JJ"} if _ORDINAL.match(form) else {"CD", "JJ", "NN", "NNP"}


def _capitalised(form: str, lower: str, initial: bool) -> set[str]:
    if form.isupper() and len(form) > 1 and _ROMAN.match(form):
        return {"NNP", "CD"}
    found = {"NNP"}
    if not form[1:].islower() and len(form) > 1:
        found.add("NNS" if form.endswith("s") else "NN")
    if any(c.isdigit() for c in form):
        found |= {"CD", "NN", "JJ"}
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
