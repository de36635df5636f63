"""A question taken apart: what is asked for, what stands before the question word, and what follows it.

Rules over tags, without a parser. A question that they do not know is turned down with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from robust.words.closed_class import word_set
from robust.words.tagger import analyse

WH = word_set("what which who whom whose when where why how")
NOUN = ("NN", "NNS", "NNP", "NNPS")
FINITE = ("VBD", "VBZ", "VBP", "MD")


class Word(NamedTuple):
    """A token, its Penn tag and lemma, and the white space before it."""

    text: str
    tag: str
    lemma: str
    gap: str


Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class QuestionParts:
    """A question taken apart.

    ``intro`` stands before the question word ("In 1901,"), ``preposition`` is the one fronted with it,
    ``wh`` the question word in lower case ("how many", "how long"), ``noun`` what it goes with ("which old
    city": old city), ``rest`` what follows; ``in_place``: the question word stands where the answer belongs.
    """

    intro: Words
    preposition: Words
    wh: str
    noun: Words
    rest: Words
    in_place: bool = False


class Unfit(Exception):
    """A question that no rule turns into a statement; says why."""


def words_of_text(text: str) -> Words:
    """Return the words of a text, tagged."""
    found: list[Word] = []
    end = 0
    for token in analyse(text):
        found.append(Word(token.text, token.tag, token.lemma, text[end : token.start]))
        end = token.end
    return tuple(found)


def phrase(text: str) -> Words:
    """Return an answer's words, for a statement; they are not tagged."""
    return tuple(Word(word, "NN", word.lower(), " ") for word in text.split())


def take_apart(words: Sequence[Word]) -> QuestionParts:
    """Return the parts of a question; Unfit where it has no question word that a rule knows."""
    words = tuple(words)
    while words and words[-1].text in "?.!" and words[-1].text:
        words = words[:-1]
    at = next((i for i, word in enumerate(words) if word.text.lower() in WH and word.tag[0] in "WDI"), None)
    if at is None:
        raise Unfit("no question word")
    wh = words[at].text.lower()
    end = at + 1
    noun: Words = ()
    if (wh == "how" and end < len(words) and words[end].text.lower() in ("many", "much")) or (
        wh == "how" and end < len(words) and words[end].tag in ("JJ", "RB", "RBR")
    ):
        wh = f"how {words[end].text.lower()}"
        end += 1
    if wh in ("what", "which", "whose", "how many", "how much"):
        stop = _noun_end(words, end)
        noun, end = words[end:stop], stop
    before = words[:at]
    if not before:
        return QuestionParts((), (), wh, noun, words[end:])
    fronted: Words = ()
    if before[-1].tag in ("IN", "TO") and (len(before) == 1 or before[-2].text == ","):
        fronted, before = before[-1:], before[:-1]
    if not before or before[-1].text == ",":
        if before and before[0].tag not in ("IN", "TO", "WRB") and any(w.tag in FINITE for w in before):
            raise Unfit("two clauses")
        return QuestionParts(before, fronted, wh, noun, words[end:])
    if any(word.tag in FINITE for word in before):
        if words[end:] and any(word.tag in FINITE for word in words[end:]):
            raise Unfit("two clauses")
        if before[-1].lemma == "do":
            raise Unfit("asks what was done")
        if wh in ("when", "where", "why", "how"):
            raise Unfit("question word inside")
        return QuestionParts(before, (), wh, noun, words[end:], in_place=True)
    raise Unfit("question word inside")


def _noun_end(words: Words, start: int) -> int:
    """Return the index after the noun phrase that starts at ``start``; ``start`` where none does."""
    at = start
    last_noun = start
    while at < len(words):
        word, after = words[at], words[at + 1] if at + 1 < len(words) else None
        if word.tag in FINITE or word.lemma in ("be", "do", "have"):
            break
        if word.tag in ("VBN", "VBG") and not (after and after.tag in (*NOUN, "JJ")):
            break
        if word.tag in (",", ":", "WDT", "WP", "WRB", "RB", "PRP", "EX", "VB"):
            break
        if word.tag in ("IN", "TO") and word.text.lower() != "of":
            break
        at += 1
        if word.tag in (*NOUN, "POS") and word.text != "'s":
            last_noun = at
    return last_noun
