"""A rule checker of grammar: errors that an edited text has and its original had not.

Precise rather than complete: each rule flags what is wrong in nearly any sentence, and stays silent where the
words could be read otherwise. What a crowd wrote has errors of its own, so only those count that are new
(``new_faults``). docs/attacks.md has the share of unedited questions in which each rule finds anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from robust.words.closed_class import CLOSED, word_set
from robust.words.frequency import zipf
from robust.words.grammar_verbs import after_be_or_have, after_modal, agreement, do_support, readings
from robust.words.inflect import indefinite_article, inflect
from robust.words.lexicon import Lexicon
from robust.words.tagger import analyse
from robust.words.tokens import Token


class Fault(NamedTuple):
    """An error: its ``kind`` (a key of ``RULES``) and the text that shows it, at ``start:end``."""

    kind: str
    text: str
    start: int
    end: int


Found = Iterator[tuple[int, int]]
"""Index of the first and the last token of each error."""


def faults(text: str, tokens: Sequence[Token] | None = None, known: Collection[str] = ()) -> list[Fault]:
    """Return the errors of ``text``, rule by rule.

    ``tokens`` are its tagged tokens, where they are at hand; ``known`` are words (lower case) that are none
    of the non-words, such as those of the paragraph.
    """
    tokens = analyse(text) if tokens is None else tokens
    found = []
    for kind, rule in RULES.items():
        for first, last in rule(text, tokens):
            start, end = tokens[first].start, tokens[last].end
            if kind != "non-word" or text[start:end].lower() not in known:
                found.append(Fault(kind, text[start:end], start, end))
    return found


def new_faults(
    before: str,
    after: str,
    *,
    tokens_before: Sequence[Token] | None = None,
    tokens_after: Sequence[Token] | None = None,
    known: Collection[str] = (),
) -> list[Fault]:
    """Return the errors of ``after`` that ``before`` has not, told by kind and words.

    Words of ``before`` are no non-words.
    """
    tokens_before = analyse(before) if tokens_before is None else tokens_before
    old = Counter((fault.kind, fault.text.lower()) for fault in faults(before, tokens_before))
    words = {token.text.lower() for token in tokens_before}
    new = []
    for fault in faults(after, tokens_after, known):
        key = (fault.kind, fault.text.lower())
        if old[key]:
            old[key] -= 1
        elif fault.kind != "non-word" or fault.text.lower() not in words:
            new.append(fault)
    return new


# "an historic", "a herb": both are written.
_EITHER = ("hist", "hotel", "herb", "heroi", "hallu", "habit", "hypoth")


def _article(text: str, tokens: Sequence[Token]) -> Found:
    """*a old city*, *an city*."""
    for i in range(len(tokens) - 1):
        word, after = tokens[i], tokens[i + 1].text
        lower = word.text.lower()
        if lower not in ("a", "an") or (word.text == "A" and i):
            continue
        plain = after not in CLOSED and after.isalpha() and not after.isupper() and after.isascii()
        if plain and not after.lower().startswith(_EITHER) and indefinite_article(after) != lower:
            yield i, i + 1


# "the man that that had had", "what it is is": rightly said twice. Prepositions may meet ("moved in in May").
_TWICE = word_set("that had is was in on to her do no so very bye ha long many more who what all")


def _doubled_word(text: str, tokens: Sequence[Token]) -> Found:
    """*the the city*; not *Duran Duran*."""
    for i in range(len(tokens) - 1):
        one, two = tokens[i].text, tokens[i + 1].text
        if one.lower() == two.lower() and one.isalpha() and len(one) > 1:
            name = one[0].isupper() and two[0].isupper()
            if not name and two.islower() and two not in _TWICE:
                yield i, i + 1


_OF_ONE = word_set("a an each every another this")
_OF_MANY = word_set("these those many several both various numerous")
_COUNTING = word_set("few many couple dozen hundred thousand million lot number one two three four five half")
# Plural in form, taken for one; and words that are counted without an s.
_ONE_IN_S = word_set(
    "politics physics economics mathematics athletics statistics ethics mechanics electronics genetics news "
    "series species means headquarters crossroads barracks gallows chassis corps rendezvous measles sports "
    "games arts works savings "
    "goods sales communications graphics customs arms data media bacteria criteria people police percent "
    "kilometres kilometers miles metres meters feet years months weeks days hours minutes dollars pounds "
    "degrees"
)
_UNCOUNTED = word_set("percent cent aircraft spacecraft offspring fish sheep deer kind type sort hertz")


def _number(text: str, tokens: Sequence[Token]) -> Found:
    """*each cities*, *an important kings*, *these city*; not *each sports team*, *many computer programs*."""
    for i in range(len(tokens) - 1):
        lower = tokens[i].text.lower()
        if lower not in _OF_ONE and lower not in _OF_MANY:
            continue
        at = i + 1
        if at + 1 < len(tokens) and tokens[at].tag == "JJ" and tokens[at].text.lower() not in _COUNTING:
            at += 1
        noun = tokens[at]
        if at + 1 < len(tokens) and not _ends_noun(tokens[at + 1]):
            continue
        word, tags = noun.text, readings(noun.text)
        if not word.islower() or not word.isalpha():
            continue
        if lower in _OF_ONE:
            if noun.tag == "NNS" and "NN" not in tags and "NNS" in tags and word not in _ONE_IN_S:
                yield i, at
        elif (
            noun.tag == "NN"
            and tokens[at + 1 : at + 2]
            and tokens[at + 1].tag != "CC"
            and not {"NNS", "JJ", "VBG", "VBN", "VBD", "RB"} & tags
        ):
            plural = inflect(noun.lemma, "NNS")
            if plural not in (None, word) and word not in _UNCOUNTED and zipf(str(plural)) > 3:
                yield i, at


def _ends_noun(token: Token) -> bool:
    """Tell whether what follows a noun shows that it is no part of a compound."""
    return token.tag[:2] in ("IN", "VB", "MD", "TO", "DT", "WD", "WP", "WR", "PR", "CC", ".", ",")


_MORE = word_set("more most less least")


def _doubled_comparative(text: str, tokens: Sequence[Token]) -> Found:
    """*more larger*, *most oldest*."""
    for i in range(len(tokens) - 1):
        word = tokens[i + 1].text.lower()
        compared = {"JJR", "JJS", "RBR", "RBS"} & readings(word)
        if tokens[i].text.lower() in _MORE and compared and word.endswith(("er", "est")):
            yield i, i + 1


def _non_word(text: str, tokens: Sequence[Token]) -> Found:
    """A lower-case word of three letters or more that no table, count or dictionary has."""
    for i, token in enumerate(tokens):
        word = token.text
        if len(word) > 2 and word.islower() and word.isalpha() and not _known(word, token.lemma):
            yield i, i


@lru_cache(maxsize=100_000)
def _known(word: str, lemma: str) -> bool:
    if zipf(word) or word in CLOSED or readings(word):
        return True
    lexicon = Lexicon.open()
    return lexicon.known(word) or lexicon.known(lemma)


_STOPS = frozenset(",.;:?!")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _marks(text: str, tokens: Sequence[Token]) -> Found:
    """A mark after white space or at the beginning, two that do not go together, a bracket left alone."""
    open_at: list[int] = []
    for i, token in enumerate(tokens):
        mark = token.text
        if mark in _PAIRS:
            open_at.append(i)
        elif mark in _PAIRS.values() and not open_at:
            yield i, i
        elif mark in _PAIRS.values():
            first = open_at.pop()
            if first == i - 1:
                yield first, i
        if mark not in _STOPS:
            continue
        if i == 0:
            yield i, i
        elif tokens[i - 1].text in _STOPS and tokens[i - 1].end == token.start:
            if not (mark in "?!" and tokens[i - 1].text in "?!") or mark == tokens[i - 1].text:
                yield i - 1, i
        elif tokens[i - 1].end < token.start and not text[token.end : token.end + 1].isalnum():
            yield i - 1, i
    for i in open_at:
        yield i, i


_ASKING = word_set("What Which Who Whom Whose When Where Why How")
_LINKS = word_set("The An Is Was Were Are Did Does Do In Of Of On By To")


def _capital(text: str, tokens: Sequence[Token]) -> Found:
    """*in Which city*: a question word or a function word with a capital beside words that have none."""
    for i in range(1, len(tokens) - 1):
        word, before, after = tokens[i].text, tokens[i - 1], tokens[i + 1].text
        if (word in _ASKING or word in _LINKS) and before.text.islower() and after.islower():
            yield i, i


RULES: dict[str, Callable[[str, Sequence[Token]], Found]] = {
    "article": _article,
    "doubled word": _doubled_word,
    "number": _number,
    "doubled comparative": _doubled_comparative,
    "do and finite verb": lambda text, tokens: do_support(tokens),
    "modal and finite verb": lambda text, tokens: after_modal(tokens),
    "be or have and base verb": lambda text, tokens: after_be_or_have(tokens),
    "agreement": lambda text, tokens: agreement(tokens),
    "non-word": _non_word,
    "punctuation": _marks,
    "capital": _capital,
}
