"""A claim turned into its opposite: *schools should ban phones*, *schools should not ban phones*.

Rules over tags, without a parser. A negation that is there is taken out; else one is put in, beside the
auxiliary or with *do*; *still* and *no longer* stand for one another, *all* becomes *not all*, an
imperative gets *do not*. What the rules do not know is turned down with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from robust.attack.negating import Found, NoPlace, beside, supported
from robust.attack.records import Edit
from robust.words.closed_class import word_set
from robust.words.inflect import inflect, match_case
from robust.words.possible_tags import possible_tags
from robust.words.tagger import analyse
from robust.words.tokens import Token

# Enters the manifest of every set: count it up where the same claim gets another negation.
RULE = "negated-claim.v1"

_BE = word_set("is are was were am 's ’s 're ’re 'm ’m be")
_HAVE = word_set("has have had")
_DO = word_set("do does did")
_FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
_ADVERB = frozenset(("RB", "RBR", "RBS"))
_NOT = word_set("not n't n’t")
# Their negation is another word, or they deny without a place of their own.
_DENIES = word_set(
    "no none nobody nothing nowhere neither nor hardly scarcely barely seldom rarely few little unless until"
)
# What goes with a negation only, so that it cannot be taken out; or without one only.
_WITH_NOT = word_set("any anyone anybody anything anymore ever yet either")
_WITHOUT_NOT = word_set(
    "some someone somebody something already also only just even almost several both too either certainly "
    "definitely probably surely"
)
_TWO_CLAUSES = word_set("but because although though whereas if while ; :")
_QUANTITIES = word_set("most many some several few any half")
_ALL = word_set("all every everyone everybody everything")
_RELATIVE = frozenset(("WDT", "WP", "WRB", "WP$"))
# Verbs that begin a demand and are tagged as nouns at times.
_COMMANDS = word_set("stop ban end keep let")
_OF_CONTRACTION = {"ca": "can", "wo": "will", "sha": "shall"}
_OPINIONS = word_set("think believe know say feel hope agree")
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
    end = _end(words)
    if (
        tokens[0].tag == "VB"
        or words[0] in _COMMANDS
        or (words[0] == "do" and words[1:2] and words[1] in _NOT)
    ):
        return _imperative(tokens, words)
    longer = _no_longer(tokens, words)
    if longer is not None:
        return longer
    verb = _main_verb(tokens, end)
    if words[0] in _QUANTITIES:
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


def _end(words: Sequence[str]) -> int:
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


def _degree(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a word is the *too* of *too weak*, which a negation leaves as it is."""
    after = tokens[i + 1].tag if i + 1 < len(tokens) else ""
    return tokens[i].text.lower() == "too" and after in ("JJ", "RB", "VBN")


def _main_verb(tokens: Sequence[Token], end: int) -> int:
    """Return the finite verb of the main clause; NoPlace where there is none, or it is not clear which."""
    # what begins the claim is a participle: "Bottled water is no longer needed"
    finite = [i for i in range(1, end) if tokens[i].tag in _FINITE]
    if not finite:  # "Teachers need homework" is tagged as a base form at times
        finite = [i for i in range(1, end) if tokens[i].tag == "VB" and _after_plural(tokens, i)][:1]
    if not finite:
        raise NoPlace("no verb")
    verb = finite[0]
    if any(token.tag in _RELATIVE or token.text.lower() == "that" for token in tokens[1:verb]):
        # "People who smoke should pay": the second verb, where it is an auxiliary and the last
        later = finite[1:]
        if len(later) != 1 or not _is_auxiliary(tokens, later[0]):
            raise NoPlace("a clause before its verb")
        return later[0]
    if tokens[0].tag in ("WRB", "IN") and any(t.text == "," for t in tokens[:verb]):
        return verb
    if tokens[0].tag == "WRB" or tokens[0].text.lower() in ("when", "if", "since", "as"):
        raise NoPlace("a clause before its verb")
    if _second_verb(tokens, verb, end):
        raise NoPlace("two verbs")
    for i in finite[1:]:
        between = tokens[verb + 1 : i]
        if any(t.tag == "CC" for t in between) and not any(
            t.tag in _RELATIVE or t.text.lower() in ("that", "than", "as") for t in between
        ):
            raise NoPlace("two clauses")
    return verb


def _second_verb(tokens: Sequence[Token], verb: int, end: int) -> bool:
    """Say whether *and* joins another verb or clause to the main one: one *not* does not do for both."""
    for i in range(verb + 1, end):
        if tokens[i].tag != "CC":
            continue
        after = next((k for k in range(i + 1, end) if tokens[k].tag not in _ADVERB), end)
        if after < end and (tokens[after].tag in (*_FINITE, "VB") or _verb_as_noun(tokens[after:end])):
            return True
        if any(tokens[k].tag == "VB" and _after_plural(tokens, k) for k in range(after, end)):
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


def _after_plural(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a base form stands behind a plural noun or a pronoun, adverbs between them apart."""
    i -= 1
    while i and tokens[i].tag in _ADVERB:
        i -= 1
    return tokens[i].tag in ("NNS", "NNPS", "PRP")


def _is_auxiliary(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].tag == "MD" or tokens[i].text.lower() in _BE | _HAVE


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
    if _of_another_verb(tokens, verb, i):
        return None
    if i != verb + 1:
        raise NoPlace("a negation that cannot be taken out")
    auxiliary = tokens[verb].text
    bare = _OF_CONTRACTION.get(words[verb], words[verb])
    if bare in _DO:
        return _without_do(tokens, verb, i)
    if bare in _BE | _HAVE | _MODALS or tokens[verb].tag == "MD":
        return Found(verb, i, match_case(bare, auxiliary), "negation taken out")
    raise NoPlace("a negation that cannot be taken out")


def _of_another_verb(tokens: Sequence[Token], verb: int, negation: int) -> bool:
    """Say whether a negation belongs to a clause within: *punish those who do not pay*, *think it is not*."""
    between = tokens[verb + 1 : negation]
    opened = tokens[verb].lemma in _OPINIONS or any(
        token.tag in _RELATIVE or token.text.lower() == "that" for token in between
    )
    return opened and any(token.tag in _FINITE for token in between)


def _without_do(tokens: Sequence[Token], auxiliary: int, negation: int) -> Found:
    """Return "helps" for "does not help", "really helps" for "does not really help"."""
    tag = {"did": "VBD", "does": "VBZ", "do": "VBP"}[tokens[auxiliary].text.lower()]
    main = negation + 1
    while main < len(tokens) and tokens[main].tag in _ADVERB:
        main += 1
    if main >= len(tokens) or tokens[main].tag not in ("VB", "VBP", "NN", "NNS"):
        raise NoPlace("its verb is not clear")
    base = tokens[main].text.lower()
    form = inflect(base, tag) if base not in ("be", "have") else {"VBZ": "has", "VBD": "had"}.get(tag, base)
    if base in ("be", "lie") or form is None:  # lied or lay?
        raise NoPlace("a verb form that is not known")
    between = [token.text for token in tokens[negation + 1 : main]]
    return Found(auxiliary, main, " ".join([*between, form]), "negation taken out")


def _imperative(tokens: Sequence[Token], words: Sequence[str]) -> Found:
    """Return "Do not keep" for "Keep", "Keep" for "Do not keep"."""
    if words[0] == "do" and words[1] in _NOT:
        if len(tokens) < 3 or _WITH_NOT & set(words):
            raise NoPlace("a word that goes with not only")
        return Found(0, 2, match_case(words[2], tokens[0].text), "negation taken out")
    if any(word in _NOT or word in _DENIES or word == "never" for word in words):
        raise NoPlace("a negation that cannot be taken out")
    if _WITHOUT_NOT & set(words):
        raise NoPlace("a word that does not go with not")
    if any(token.tag in _FINITE for token in tokens[1:]):
        raise NoPlace("its verb is not clear")
    return Found(0, 0, f"{match_case('do', tokens[0].text)} not {words[0]}", "negation put in")


def _put_in(tokens: Sequence[Token], words: Sequence[str], verb: int) -> Found:
    """Return the edit that puts a negation at the main verb."""
    word = words[verb]
    near = range(max(1, verb - 1), min(verb + 3, len(words)))
    still = next((i for i in near if words[i] == "still" and tokens[i].tag in _ADVERB), None)
    if still is not None:
        return Found(still, still, match_case("no longer", tokens[still].text), "negation put in")
    if "still" in words:
        raise NoPlace("a word that does not go with not")
    after = next((t for t in tokens[verb + 1 :] if t.tag not in _ADVERB), None)
    if word in _UNCLEAR or (word == "had" and words[verb + 1 : verb + 2] == ["better"]):
        raise NoPlace("a verb that does not go with not")
    if word == "used" and words[verb + 1 : verb + 2] == ["to"]:
        raise NoPlace("a verb that does not go with not")
    if word in ("'s", "’s") and (after is None or after.tag == "VBN"):
        raise NoPlace("its verb is not clear")
    if tokens[verb].tag == "MD":
        if after is None or after.tag not in ("VB", "VBP", "NN", "VBN", "VBD"):
            raise NoPlace("its verb is not clear")
        return beside(tokens, verb, contracted=False)
    if word in _BE:
        if after is None:
            raise NoPlace("its verb is not clear")
        return beside(tokens, verb, contracted=False)
    if word in _HAVE and after is not None and after.tag in ("VBN", "VBD"):
        return beside(tokens, verb, contracted=False)
    if word in _DO and after is not None and after.tag == "VB":
        return beside(tokens, verb, contracted=False)
    return supported(tokens, verb, contracted=False)
