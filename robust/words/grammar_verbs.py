"""Rules of the grammar checker about verbs: what follows do, a modal, to, be or have, and agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from robust.words.closed_class import word_set
from robust.words.lemmatise import table_tags
from robust.words.tokens import Token

Found = Iterator[tuple[int, int]]

_FINITE = frozenset(("VBD", "VBZ"))
_BASE = frozenset(("VB", "VBP"))
_DO = word_set("do does did")
_MODALS = word_set("can could may might must shall should will would cannot")
_BE = word_set("is are was were be been being")
_HAVE = word_set("has have had having")
# After these a participle belongs to a noun: "the exiled king", "of those accused".
_BEFORE_PARTICIPLE = word_set("DT PRP$ POS JJ IN")
_SOMEONE = word_set("someone anyone everyone those people somebody anybody everybody")
# Where a clause ends, for what follows its auxiliary.
_CLAUSE_END = frozenset((".", ",", ":", "``", "''", "WDT", "WP", "WRB", "MD", "CC"))
# Nouns for many that take either number, and nouns that count.
_EITHER = word_set(
    "group team band family government majority number percentage percent pair couple set kind type sort "
    "variety range series species crew staff audience committee company police people data media part half "
    "portion proportion share rest lot class population public press army navy amount list combination"
)


@lru_cache(maxsize=100_000)
def readings(form: str) -> frozenset[str]:
    """Return the Penn tags of open classes that a form may bear, whatever stands around it."""
    return frozenset(table_tags(form.lower()))


def do_support(tokens: Sequence[Token]) -> Found:
    """Yield *did the king established*: a clause with *do* that has a finite verb and no verb in its base.

    One in which some word might be the base verb is left alone.
    """
    for i, token in enumerate(tokens):
        if token.text.lower() not in _DO or not _opens_clause(tokens, i):
            continue
        verb = -1
        for j in range(i + 1, len(tokens)):
            word, tag = tokens[j].text.lower(), tokens[j].tag
            tags = readings(word)
            if tag in _CLAUSE_END or word == "to":
                break
            if tag == "VB" or word in ("have", "do", "be") or (tag == "VBP" and "VB" in tags):
                verb = -1
                break
            if (
                tag in ("VBD", "VBZ", "VBN")
                and tags & _FINITE
                and (not tags & {"VB", "NN", "NNS"} or (tag == "VBZ" and "VB" not in tags))
            ):
                # "did the so-called party ..." goes on with its noun
                follows = tokens[j + 1].tag if j + 1 < len(tokens) else "."
                if (
                    verb < 0
                    and tokens[j - 1].tag not in _BEFORE_PARTICIPLE
                    and word != "used"
                    and (tokens[j - 1].text.lower() not in _SOMEONE)
                ):
                    verb = j if follows not in ("NN", "NNS", "NNP", "NNPS", "JJ") else -1
        if verb > i + 1:
            yield i, verb


def _opens_clause(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether an auxiliary comes before its subject: after a wh-phrase, or first."""
    following = tokens[i + 1].tag if i + 1 < len(tokens) else "."
    if following in (".", ",", "IN", "TO", "CC", "RB") and tokens[i + 1 : i + 2] != ():
        return False
    return i == 0 or any(token.tag in ("WP", "WDT", "WRB", "WP$") for token in tokens[max(0, i - 6) : i])


def after_modal(tokens: Sequence[Token]) -> Found:
    """Yield *who would established the*, *wanted to established the*, *can invades France*."""
    for i in range(len(tokens) - 1):
        word = tokens[i].text.lower()
        if word not in _MODALS and (word != "to" or tokens[i - 1 : i] == [] or i == 0):
            continue
        at = i + 1
        while at < len(tokens) - 1 and tokens[at].tag == "RB" and tokens[at].text.islower():
            at += 1
        tags = readings(tokens[at].text)
        if not tags & _FINITE or tags & {"VB", "NN", "NNS"}:
            continue
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        # "to established firms", "can so-called experts": an adjective before its noun
        before_noun = follows is None or follows.tag[:2] in ("NN", "JJ", "VB", "CC", "CD")
        if tags & {"JJ", "VBN"} and before_noun:
            continue
        if word == "to" and tokens[i - 1].text.lower() in ("similar", "due", "according", "prior"):
            continue
        yield i, at


def after_be_or_have(tokens: Sequence[Token]) -> Found:
    """Yield *was establish*, *has invade*: a form that is a base verb and nothing else."""
    for i in range(len(tokens) - 1):
        if tokens[i].text.lower() not in _BE | _HAVE:
            continue
        at = i + 1
        while at < len(tokens) - 1 and tokens[at].tag == "RB" and tokens[at].text.islower():
            at += 1
        word = tokens[at].text
        bare = readings(word) == _BASE or (
            # "what is fuel" asks for a noun, whatever the tagger takes it for
            tokens[at].tag in _BASE
            and word == tokens[at].lemma
            and (i == 0 or tokens[i - 1].tag not in ("WP", "WRB"))
        )
        if word.islower() and word.isalpha() and bare and "VBN" not in readings(word):
            yield i, at


def agreement(tokens: Sequence[Token]) -> Found:
    """Yield *he establish*, *which country have invaded*, *what is the names of*, *does the dogs eat*."""
    for i in range(len(tokens) - 1):
        word = tokens[i].text.lower()
        if word in ("he", "she", "it", "they", "we"):
            yield from _pronoun(tokens, i)
        if word in ("is", "was", "has", "does", "are", "were", "have", "do"):
            yield from _before_subject(tokens, i)
        if word in ("which", "what") and tokens[i + 1].tag in ("NN", "NNS"):
            yield from _asked_subject(tokens, i)


def _pronoun(tokens: Sequence[Token], i: int) -> Found:
    """*he establish*, *they establishes*; silent where an auxiliary stands before."""
    before = tokens[max(0, i - 6) : i]
    if any(t.tag == "MD" or t.text.lower() in _DO | _HAVE | _BE | {"to", "let", "that"} for t in before):
        return
    if any(t.tag in ("VB", "VBD", "VBG", "VBN", "IN") for t in before[-1:]):
        return  # an object: "made it work"
    at = i + 1
    while at < len(tokens) - 1 and tokens[at].tag == "RB":
        at += 1
    tags = readings(tokens[at].text)
    if tokens[i].text.lower() in ("they", "we"):
        if tokens[at].text in ("is", "was", "has", "does") or (
            "VBZ" in tags and not tags & {"VB", "NN", "NNS", "JJ"}
        ):
            yield i, at
    elif tokens[at].text in ("are", "were", "have", "do") or tags == _BASE:
        yield i, at


def _before_subject(tokens: Sequence[Token], i: int) -> Found:
    """*what is the names of*, *does the dogs eat*, *were the winner of*, *do the king rule*."""
    if i and tokens[i - 1].tag not in ("WP", "WDT", "WRB", "NN", "NNS"):
        return
    if i and tokens[i - 1].tag in ("NN", "NNS") and (i < 2 or tokens[i - 2].tag not in ("WP", "WDT")):
        return
    at = i + 1
    article = tokens[at].text in ("the", "a", "an", "these", "this", "his", "her", "their", "its")
    at += article
    if at + 1 >= len(tokens) or not tokens[at].text.islower() or not tokens[at].text.isalpha():
        return
    verb, noun, follows = tokens[i].text.lower(), tokens[at], tokens[at + 1]
    tags = readings(noun.text)
    plural = noun.tag == "NNS" and "NN" not in tags and noun.text not in _EITHER
    single = article and noun.tag == "NN" and "NNS" not in tags and noun.text not in _EITHER
    joined = any(token.text in ("and", ",", "or") for token in tokens[at + 1 :])
    alone = follows.tag[:2] not in ("NN", "PO", "CC", "CD", "VB", "JJ") or follows.tag == "VBN"
    goes_on = {"has": follows.tag == "VBN", "have": follows.tag == "VBN"}.get(
        verb, follows.tag == "VB" if verb in ("do", "does") else alone
    )
    wrong = plural if verb in ("is", "was", "has", "does") else single and not joined
    # after a noun, the verb may belong to that: "what group is kings of"
    if wrong and goes_on and (i == 0 or tokens[i - 1].tag in ("WP", "WRB", "WDT") or verb in ("does", "do")):
        yield i, at


def _asked_subject(tokens: Sequence[Token], i: int) -> Found:
    """*which country have invaded*, *which countries was invaded*, *which country invade*."""
    if i + 3 >= len(tokens):
        return
    noun, verb, follows = tokens[i + 1], tokens[i + 2], tokens[i + 3]
    if i and tokens[i - 1].tag in ("IN", "TO", "VB", "VBD", "VBN", "VBG", "VBP", "VBZ"):
        return
    many = noun.tag == "NNS"
    tags = readings(noun.text)
    if noun.text in _EITHER or ("NN" in tags and many) or ("NNS" in tags and not many):
        return
    word = verb.text
    if word in ("have", "are", "were", "has", "is", "was"):
        of_many = word in ("have", "are", "were")
        done = follows.tag == "VBN" and "VBD" in readings(follows.text)
        if done and of_many != many:
            yield i, i + 2
    elif many and verb.tag == "VBZ":
        found = readings(word)
        if "VBZ" in found and not found & {"VB", "NN", "NNS", "JJ"}:
            yield i, i + 2
    elif not many and readings(word) == _BASE:
        yield i, i + 2
