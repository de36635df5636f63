"""The parts of a claim that a negation has to know: where it ends, its main verb, clauses within it."""

from __future__ import annotations

from collections.abc import Sequence

from robust.attack.negating import NoPlace
from robust.words.closed_class import word_set
from robust.words.possible_tags import possible_tags
from robust.words.tokens import Token

BE = word_set("is are was were am 's ’s 're ’re 'm ’m be")
HAVE = word_set("has have had")
FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
ADVERB = frozenset(("RB", "RBR", "RBS"))
_TWO_CLAUSES = word_set("but because although though whereas if while ; :")
_RELATIVE = frozenset(("WDT", "WP", "WRB", "WP$"))
_OPINIONS = word_set("think believe know say feel hope agree")


def end_of(words: Sequence[str]) -> int:
    """Return the index past the last word; NoPlace for what is not one plain statement."""
    end = len(words)
    while end and words[end - 1] in (".", "!"):
        end -= 1
    if not end:
        raise NoPlace("no words")
    if "?" in words:
        raise NoPlace("a question")
    if any(word in (".", "!") for word in words[:end]):
        raise NoPlace("two sentences")
    if _TWO_CLAUSES & set(words[:end]):
        raise NoPlace("two clauses")
    if words[0] in ("yes", "no") and words[1:2] == [","]:
        raise NoPlace("an answer")
    return end


def main_verb(tokens: Sequence[Token], end: int) -> int:
    """Return the finite verb of the main clause; NoPlace where there is none, or it is not clear which."""
    # what begins the claim is a participle: "Bottled water is no longer needed"
    finite = [i for i in range(1, end) if tokens[i].tag in FINITE]
    if not finite:  # "Teachers need homework" is tagged as a base form at times
        finite = [i for i in range(1, end) if tokens[i].tag == "VB" and after_plural(tokens, i)][:1]
    if not finite:
        raise NoPlace("no verb")
    verb = finite[0]
    _check_beginning(tokens, verb, finite)
    if any(token.tag in _RELATIVE or token.text.lower() == "that" for token in tokens[1:verb]):
        # "People who smoke should pay": the second verb, where it is an auxiliary and the last
        if len(finite) != 2 or not _is_auxiliary(tokens, finite[1]):
            raise NoPlace("a clause before its verb")
        verb = finite[1]
    if _second_verb(tokens, verb, end):
        raise NoPlace("two verbs")
    for i in (i for i in finite if i > verb):
        between = tokens[verb + 1 : i]
        if any(t.tag == "CC" for t in between) and not any(
            t.tag in _RELATIVE or t.text.lower() in ("that", "than", "as") for t in between
        ):
            raise NoPlace("two clauses")
    return verb


def _check_beginning(tokens: Sequence[Token], verb: int, finite: Sequence[int]) -> None:
    """Raise NoPlace where a claim begins with a clause: *before the law changed*, but not *in France*."""
    first = tokens[0].tag
    if first in _RELATIVE and tokens[0].text.lower() != "what":
        raise NoPlace("a clause before its verb")
    if first == "IN":
        comma = next((i for i, token in enumerate(tokens) if token.text == ","), None)
        if len(finite) > 1 and (comma is None or comma > verb):
            raise NoPlace("a clause before its verb")


def _second_verb(tokens: Sequence[Token], verb: int, end: int) -> bool:
    """Say whether *and* joins another verb or clause to the main one: one *not* does not do for both."""
    for i in range(verb + 1, end):
        if tokens[i].tag != "CC":
            continue
        after = next((k for k in range(i + 1, end) if tokens[k].tag not in ADVERB), end)
        if after < end and (tokens[after].tag in (*FINITE, "VB") or _verb_as_noun(tokens[after:end])):
            return True
        if any(tokens[k].tag == "VB" and after_plural(tokens, k) for k in range(after, end)):
            return True
    return False


def _verb_as_noun(tokens: Sequence[Token]) -> bool:
    """Say whether a verb may be tagged as a noun: *hire* in *ban phones and hire teachers*."""
    return (
        len(tokens) > 1
        and tokens[0].tag == "NN"
        and "VB" in possible_tags(tokens[0].text, False, {})
        and tokens[1].tag in ("NNS", "NNP", "DT", "PRP", "PRP$", "JJ")
    )


def after_plural(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a base form stands behind a plural noun or a pronoun, adverbs between them apart."""
    i -= 1
    while i and tokens[i].tag in ADVERB:
        i -= 1
    return tokens[i].tag in ("NNS", "NNPS", "PRP")


def _is_auxiliary(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].tag == "MD" or tokens[i].text.lower() in BE | HAVE


def of_another_verb(tokens: Sequence[Token], verb: int, negation: int) -> bool:
    """Say whether a negation belongs to a clause within: *punish those who do not pay*, *think it is not*."""
    between = tokens[verb + 1 : negation]
    opened = tokens[verb].lemma in _OPINIONS or any(
        token.tag in _RELATIVE or token.text.lower() == "that" for token in between
    )
    return opened and any(token.tag in FINITE for token in between)
