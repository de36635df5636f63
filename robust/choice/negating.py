"""A claim turned into its opposite: *schools should ban phones*, *schools should not ban phones*.

Rules over tags, without a parser. A negation that is there is taken out; else one is put in, beside the
auxiliary or with *do*; *still* and *no longer* stand for one another, *all* becomes *not all*, an
imperative gets *do not*. What the rules do not know is turned down with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from robust.attack.negating import Found, NoPlace, beside, supported
from robust.attack.records import Edit
from robust.choice.clause import (
    ADVERB,
    BE,
    FINITE,
    HAVE,
    after_plural,
    as_verb,
    can_be_base,
    end_of,
    is_auxiliary,
    main_verb,
    of_another_verb,
)
from robust.words.closed_class import word_set
from robust.words.inflect import inflect, match_case
from robust.words.possible_tags import possible_tags
from robust.words.tagger import analyse
from robust.words.tokens import Token

# Enters the manifest of every set: count it up where the same claim gets another negation.
RULE = "negated-claim.v1"

_DO = word_set("do does did")
_NOT = word_set("not n't n’t")
# Their negation is another word, or they deny without a place of their own.
_DENIES = word_set(
    "no none nobody nothing nowhere neither nor hardly scarcely barely seldom rarely few little unless until"
)
# What goes with a negation only, so that it cannot be taken out; or without one only.
_WITH_NOT = word_set("any anyone anybody anything anymore ever yet either")
_WITHOUT_NOT = word_set(
    "some someone somebody something already also only just even almost several both too either certainly "
    "definitely probably surely rather nearly"
)
_QUANTITIES = word_set("most many some several few any half")
_ALL = word_set("all every everyone everybody everything")
# Verbs that begin a demand and are tagged as nouns at times.
_COMMANDS = word_set("stop ban drop end keep let")
_OF_CONTRACTION = {"ca": "can", "wo": "will", "sha": "shall"}
# "may not" forbids or doubts, "had better" and "used to" take no do.
_UNCLEAR = word_set("may might 'd ’d 'll ’ll ought")
_MODALS = word_set("can could will would shall should must need dare may might")


def negate_claim(claim: str) -> tuple[Edit, ...]:
    """Return the edits (one) that turn a claim into its opposite, offsets in code points of ``claim``.

    Raises NoPlace, which says why, for a claim that no rule negates for sure.
    """
    tokens = analyse(claim)
    found = _find(tokens)
    first, last = tokens[found.first], tokens[found.last]
    return (
        Edit(
            field="claim",
            start=first.start,
            end=last.end,
            before=claim[first.start : last.end],
            after=found.after,
            lemma="not",
            tag="r",
            reason=found.reason,
        ),
    )


def _find(tokens: Sequence[Token]) -> Found:
    words = [token.text.lower() for token in tokens]
    end = end_of(words)
    if (
        tokens[0].tag == "VB"
        or words[0] in _COMMANDS
        or (words[0] == "do" and words[1:2] and words[1] in _NOT)
    ):
        return _imperative(tokens, words, end)
    if words[0] == "not" and words[1:2] and words[1] in _ALL:
        return Found(0, 1, match_case(words[1], tokens[0].text), "negation taken out")
    longer = _no_longer(tokens, words)
    if longer is not None:
        return longer
    verb = main_verb(tokens, end)
    tokens = as_verb(tokens, verb)
    if words[0] in _QUANTITIES or _ALL & set(words[1:verb]):
        raise NoPlace("says how many")
    found = _take_out(tokens, words, verb)
    if found is not None:
        return found
    if _DENIES & set(words[:end]):
        raise NoPlace("a denial that is no plain not")
    if any(word in _WITHOUT_NOT and not _degree(tokens, i) for i, word in enumerate(words[:end])):
        raise NoPlace("a word that does not go with not")
    if words[0] in _ALL:
        return Found(0, 0, f"{match_case('not', tokens[0].text)} {words[0]}", "negation put in")
    return _put_in(tokens, words, verb)


def _degree(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a word is the *too* of *too weak*, which a negation leaves as it is."""
    after = tokens[i + 1].tag if i + 1 < len(tokens) else ""
    return tokens[i].text.lower() == "too" and after in ("JJ", "RB", "VBN")


def _no_longer(tokens: Sequence[Token], words: Sequence[str]) -> Found | None:
    """Return the edit of "no longer" to "still", which stands in the same place."""
    i = words.index("longer") if "longer" in words else 0
    if not i or words[i - 1] != "no":
        return None
    if any(word in _NOT or word in _DENIES for word in (*words[: i - 1], *words[i + 1 :])):
        raise NoPlace("two negations")
    return Found(i - 1, i, match_case("still", tokens[i - 1].text), "negation taken out")


def _take_out(tokens: Sequence[Token], words: Sequence[str], verb: int) -> Found | None:
    """Return the edit that removes the negation of the main verb; None where it has none."""
    places = [i for i, word in enumerate(words) if word in _NOT or word in ("cannot", "never")]
    if not places:
        return None
    if len(places) > 1 or _DENIES & set(words):
        raise NoPlace("two negations")
    i = places[0]
    after = words[i + 1] if i + 1 < len(words) else ""
    if after in ("only", "just", "all", "every", "everyone", "even", "necessarily", "merely", "always"):
        raise NoPlace("a negation that cannot be taken out")
    if _WITH_NOT & set(words[i:]):
        raise NoPlace("a word that goes with not only")
    if words[i] == "cannot" and i == verb:
        return Found(i, i, match_case("can", tokens[i].text), "negation taken out")
    if words[i] == "never":
        if i not in (verb - 1, verb + 1):
            raise NoPlace("a negation that cannot be taken out")
        return (
            Found(i, verb, tokens[verb].text, "negation taken out")
            if i < verb
            else Found(verb, i, tokens[verb].text, "negation taken out")
        )
    if of_another_verb(tokens, verb, i):
        return None
    if i != verb + 1:
        raise NoPlace("a negation that cannot be taken out")
    auxiliary = tokens[verb].text
    bare = _OF_CONTRACTION.get(words[verb], words[verb])
    if bare in _DO:
        return _without_do(tokens, verb, i)
    if bare in BE | HAVE | _MODALS or tokens[verb].tag == "MD":
        return Found(verb, i, match_case(bare, auxiliary), "negation taken out")
    raise NoPlace("a negation that cannot be taken out")


def _without_do(tokens: Sequence[Token], auxiliary: int, negation: int) -> Found:
    """Return "helps" for "does not help", "really helps" for "does not really help"."""
    tag = {"did": "VBD", "does": "VBZ", "do": "VBP"}[tokens[auxiliary].text.lower()]
    main = negation + 1
    while main < len(tokens) and tokens[main].tag in ADVERB:
        main += 1
    if main >= len(tokens) or tokens[main].tag not in ("VB", "VBP", "NN", "NNS"):
        raise NoPlace("its verb is not clear")
    base = tokens[main].text.lower()
    form = inflect(base, tag) if base not in ("be", "have") else {"VBZ": "has", "VBD": "had"}.get(tag, base)
    if base in ("be", "lie") or form is None:  # lied or lay?
        raise NoPlace("a verb form that is not known")
    between = [token.text for token in tokens[negation + 1 : main]]
    return Found(auxiliary, main, " ".join([*between, form]), "negation taken out")


def _imperative(tokens: Sequence[Token], words: Sequence[str], end: int) -> Found:
    """Return "Do not keep" for "Keep", "Keep" for "Do not keep"."""
    if words[0] == "do" and words[1] in _NOT:
        if end < 3:
            raise NoPlace("no verb")
        if _WITH_NOT & set(words):
            raise NoPlace("a word that goes with not only")
        return Found(0, 2, match_case(words[2], tokens[0].text), "negation taken out")
    if any(word in _NOT or word in _DENIES or word == "never" for word in words):
        raise NoPlace("a negation that cannot be taken out")
    if _WITHOUT_NOT & set(words):
        raise NoPlace("a word that does not go with not")
    if any(token.tag in FINITE for token in tokens[1:]) or _subject_and_verb(tokens, words):
        raise NoPlace("its verb is not clear")
    return Found(0, 0, f"{match_case('do', tokens[0].text)} not {words[0]}", "negation put in")


def _subject_and_verb(tokens: Sequence[Token], words: Sequence[str]) -> bool:
    """Say whether what looks like an imperative may be a subject and its verb: *lead gets into the water*."""
    return (
        words[0] not in _COMMANDS
        and len(tokens) > 1
        and "NN" in possible_tags(words[0], False, {})
        and "VBZ" in possible_tags(words[1], False, {})
    )


def _put_in(tokens: Sequence[Token], words: Sequence[str], verb: int) -> Found:
    """Return the edit that puts a negation at the main verb."""
    word = words[verb]
    near = range(max(1, verb - 1), min(verb + 3, len(words)))
    still = next((i for i in near if words[i] == "still" and tokens[i].tag in ADVERB), None)
    if still is not None and (still < verb or is_auxiliary(tokens, verb)):  # not of "stand still"
        return Found(still, still, match_case("no longer", tokens[still].text), "negation put in")
    if "still" in words:
        raise NoPlace("a word that does not go with not")
    after = next((t for t in tokens[verb + 1 :] if t.tag not in ADVERB), None)
    if word in _UNCLEAR or (word == "had" and words[verb + 1 : verb + 2] == ["better"]):
        raise NoPlace("a verb that does not go with not")
    if word == "used" and words[verb + 1 : verb + 2] == ["to"]:
        raise NoPlace("a verb that does not go with not")
    if word in ("'s", "’s") and (after is None or after.tag == "VBN"):
        raise NoPlace("its verb is not clear")
    if _takes_not(tokens, verb, after):
        return beside(tokens, verb, contracted=False)
    if tokens[verb].tag == "VBD" and word == tokens[verb].lemma and after_plural(tokens, verb):
        # "Cuts hurt": what may be past or present is present, as claims are
        present = tokens[verb]._replace(tag="VBP")
        return supported([*tokens[:verb], present, *tokens[verb + 1 :]], verb, contracted=False)
    return supported(tokens, verb, contracted=False)


def _takes_not(tokens: Sequence[Token], verb: int, after: Token | None) -> bool:
    """Say whether the main verb is an auxiliary or a form of be; ``after`` is what follows it but adverbs."""
    word = tokens[verb].text.lower()
    if tokens[verb].tag == "MD":
        if after is None or after.tag not in ("VB", "VBP", "NN", "VBN", "VBD"):
            raise NoPlace("its verb is not clear")
        return True
    if word in BE:
        if after is None:
            raise NoPlace("its verb is not clear")
        return True
    if after is None:
        return False
    if word in _DO and after.tag != "VB" and can_be_base(after):  # "do matter" and "do harm" look alike
        raise NoPlace("its verb is not clear")
    return (word in HAVE and after.tag in ("VBN", "VBD")) or (word in _DO and after.tag == "VB")
