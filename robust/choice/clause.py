"""The parts of a claim that a negation has to know: where it ends, its main verb, clauses within it."""

from __future__ import annotations

from collections.abc import Sequence

from robust.attack.negating import NoPlace
from robust.words.closed_class import word_set
from robust.words.lemmatise import lemmatise
from robust.words.possible_tags import possible_tags
from robust.words.tokens import Token

BE = word_set("is are was were am 's ’s 're ’re 'm ’m be")
HAVE = word_set("has have had")
FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
ADVERB = frozenset(("RB", "RBR", "RBS"))
_TWO_CLAUSES = word_set("but because although though whereas if while ; :")
_RELATIVE = frozenset(("WDT", "WP", "WRB", "WP$"))
_LINKS = word_set("that than as before after since until")
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
    finite = [i for i in range(1, end) if tokens[i].tag in FINITE and not _modifies(tokens, i)]
    if not finite:  # "Teachers need homework" is tagged as a base form at times
        finite = [i for i in range(1, end) if tokens[i].tag == "VB" and after_plural(tokens, i)][:1]
    if not finite:  # "Medicare needs to change": as a plural
        finite = [i for i in range(1, end - 1) if _verb_as_plural(tokens, i)]
        finite = finite if len(finite) == 1 else []
    if not finite:
        raise NoPlace("no verb")
    verb = finite[0]
    _check_beginning(tokens, verb, finite)
    if any(token.tag in _RELATIVE or token.text.lower() == "that" for token in tokens[1:verb]):
        # "People who smoke should pay": the second verb, where it is an auxiliary and the last
        if len(finite) != 2 or not is_auxiliary(tokens, finite[1]):
            raise NoPlace("a clause before its verb")
        verb = finite[1]
    if _is_doubtful(tokens, verb, finite):
        raise NoPlace("its verb is not clear")
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
        and can_be_base(tokens[0])
        and tokens[1].tag in ("NNS", "NNP", "DT", "PRP", "PRP$", "JJ")
    )


def _is_doubtful(tokens: Sequence[Token], verb: int, finite: Sequence[int]) -> bool:
    """Say whether another word may be the main verb.

    *Advertising aimed at children ought to end*: a past form, and another verb that nothing introduces.
    *Latin helps children think*: a plural before a noun, which may be a verb in -s.
    """
    later = next((i for i in finite if i > verb), None)
    if later is not None and tokens[verb].tag == "VBD" and tokens[verb].lemma not in _OPINIONS:
        between = tokens[verb + 1 : later]
        if not any(t.tag in _RELATIVE or t.tag in ("CC", ",") or t.text.lower() in _LINKS for t in between):
            return True
    return any(
        tokens[i].tag == "NNS"
        and tokens[i + 1].tag in ("NN", "NNS", "NNP", "DT", "PRP$", "JJ")
        and "VBZ" in possible_tags(tokens[i].text, False, {})
        for i in range(1, verb - 1)
    )


def _modifies(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a past form is the participle before a noun: *a harmed bird*."""
    return (
        tokens[i].tag == "VBD"
        and tokens[i - 1].tag in ("DT", "PRP$", "POS", "JJ")
        and i + 1 < len(tokens)
        and tokens[i + 1].tag in ("NN", "NNS", "NNP")
    )


def _verb_as_plural(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a verb in -s may be tagged as a plural noun: *needs* before *to* or an article."""
    return (
        tokens[i].tag == "NNS"
        and tokens[i - 1].tag in ("NN", "NNP", "PRP")
        and tokens[i + 1].tag in ("TO", "DT", "PRP$")
        and "VBZ" in possible_tags(tokens[i].text, False, {})
    )


def as_verb(tokens: Sequence[Token], verb: int) -> Sequence[Token]:
    """Return the tokens with the main verb tagged as one, where it was taken for a plural noun."""
    if tokens[verb].tag != "NNS":
        return tokens
    token = tokens[verb]
    found = token._replace(tag="VBZ", lemma=lemmatise(token.text, "VBZ"))
    return [*tokens[:verb], found, *tokens[verb + 1 :]]


def can_be_base(token: Token) -> bool:
    """Say whether a word can be the base form of a verb, whatever it is tagged."""
    return token.tag == "VB" or "VB" in possible_tags(token.text, False, {})


def after_plural(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a base form stands behind a plural noun or a pronoun, adverbs between them apart."""
    i -= 1
    while i and tokens[i].tag in ADVERB:
        i -= 1
    return tokens[i].tag in ("NNS", "NNPS", "PRP")


def is_auxiliary(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a token is a modal, or a form of be or have."""
    return tokens[i].tag == "MD" or tokens[i].text.lower() in BE | HAVE


def of_another_verb(tokens: Sequence[Token], verb: int, negation: int) -> bool:
    """Say whether a negation belongs to a clause within: *punish those who do not pay*, *think it is not*."""
    between = tokens[verb + 1 : negation]
    opened = tokens[verb].lemma in _OPINIONS or any(
        token.tag in _RELATIVE or token.text.lower() == "that" for token in between
    )
    return opened and any(token.tag in FINITE for token in between)
