"""Where an English question takes a *not*, and what its verb looks like then.

Questions are of three shapes. The question word (with its noun) is the subject: *Which country joined?*,
*Which country did not join?* Or an auxiliary stands before the subject, and *not* stands before the verb
after it: *What did the country not join?* Or a form of *be* joins two nouns: *What is not the capital?* What
is none of these for sure is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from robust.words.closed_class import word_set
from robust.words.inflect import inflect, match_case
from robust.words.tokens import Token

_BE = word_set("is are was were am")
_HAVE = word_set("has have had")
_DO = word_set("do does did")
_FINITE = frozenset(("VBD", "VBZ", "VBP", "MD"))
_WH = word_set("what which who whom whose when where why how")
_ADVERB_WH = word_set("when where why how")
_NOUN = frozenset(("NN", "NNS", "NNP", "NNPS"))
_ADJECTIVE = frozenset(("JJ", "JJR", "JJS"))
_CONTRACTED = {
    "can": "can't",
    "will": "won't",
    **{word: f"{word}n't" for word in ("could", "would", "should", "must")},
    **{word: f"{word}n't" for word in (*_BE - {"am"}, *_HAVE, *_DO)},
}
# What a negation is taken out of: the two tokens of "can't" and "won't", and "cannot", which is one.
_OF_CONTRACTION = {"ca": "can", "wo": "will", "sha": "shall"}
# Words that a "not" beside them turns into something else, or that do not stand with one.
_APART = word_set("also already some too either still just only even yet somewhat several certain there both")
_OWN_NEGATION = word_set("no none nobody nothing nor neither never without hardly unless cannot not n't n’t")
# "What type of rock is granite?": a form of be whose subject comes after it.
_ASKS_KIND = word_set(
    "type kind sort form nationality color colour year century day date month language religion size "
    "percentage percent age ethnicity race genre style class category rank status time part position title "
    "shape term word name number amount occupation profession decade length height temperature speed "
    "gender sex era period season direction distance"
)
_ADVERBS = word_set("first often always once later then ever now soon long last most more best well")
_STARTS_NOUN = word_set("the a an his her its their our this that these those")


class NoPlace(Exception):
    """Why a question takes no negation."""


@dataclass(frozen=True, slots=True)
class Found:
    """The tokens ``first`` to ``last`` become ``after``."""

    first: int
    last: int
    after: str
    reason: str


def take_out(tokens: Sequence[Token]) -> Found | None:
    """Return the edit that removes the one negation of a question; None where it has none.

    Raises NoPlace where taking it out would not do: *not only*, *whether or not*, two negations.
    """
    places = [i for i, token in enumerate(tokens) if token.text.lower() in _OWN_NEGATION]
    if not places:
        return None
    i = places[0]
    word = tokens[i].text.lower()
    if len(places) > 1:
        raise NoPlace("two negations")
    if word == "cannot":
        return Found(i, i, match_case("can", tokens[i].text), "negation taken out")
    before = tokens[i - 1].text.lower() if i else ""
    after = tokens[i + 1].text.lower() if i + 1 < len(tokens) else ""
    if word in ("n't", "n’t") and i and not after.startswith(("'", "’")):
        bare = _OF_CONTRACTION.get(before, before)
        return _without(tokens, i, bare) if bare in _CONTRACTED else _unclear()
    if word != "not" or after in word_set("only just all every necessarily including even a"):
        raise NoPlace("a negation that cannot be taken out")
    if before in (*_BE, *_HAVE, *_DO, *_CONTRACTED, "may", "might"):
        return _without(tokens, i, before)
    auxiliaries = [t for t in tokens[:i] if t.text.lower() in (*_BE, *_HAVE, *_DO, *_CONTRACTED)]
    if auxiliaries and i + 1 < len(tokens) and tokens[i + 1].tag in ("VB", "VBN", "VBG"):
        return Found(i, i + 1, tokens[i + 1].text, "negation taken out")
    raise NoPlace("a negation that cannot be taken out")


def _unclear() -> Found:
    raise NoPlace("a negation that cannot be taken out")


def _without(tokens: Sequence[Token], i: int, auxiliary: str) -> Found:
    """Return the edit of "did not" (or n't, at ``i``) to "did"; to the verb alone after its subject."""
    verb = i + 1
    bare = verb < len(tokens) and tokens[verb].tag == "VB"
    tag = {"did": "VBD", "does": "VBZ", "do": "VBP"}.get(auxiliary)
    if tag and bare and i >= 2:
        form = inflect(tokens[verb].lemma, tag)
        if form:
            return Found(i - 1, verb, form, "negation taken out")
    return Found(i - 1, i, match_case(auxiliary, tokens[i - 1].text), "negation taken out")


def negate(tokens: Sequence[Token], *, contracted: bool = False) -> Found:  # noqa: PLR0911, PLR0912 (a shape each)
    """Return the edit that puts a negation into a question; raises NoPlace where no place is sure."""
    words = [i for i, t in enumerate(tokens) if t.text.lower() in _WH and t.tag.startswith("W")]
    # "When force is used, what is it called?" asks with the second
    wh = next((i for i in words if i and tokens[i - 1].text == ","), words[0] if words else None)
    if wh is None:
        raise NoPlace("no question word")
    if any(token.text.lower() in _APART for token in tokens):
        raise NoPlace("a word that does not go with not")
    verb = _finite(tokens, wh)
    if verb is None:
        return _before_wh(tokens, wh, contracted=contracted)
    word = tokens[verb].text.lower()
    phrase = tokens[wh:verb]
    if any(t.text.lower() in (*_WH, "that", ",") for t in phrase[1:]):
        raise NoPlace("a clause before its verb")
    if len(phrase) > 1 and phrase[0].text.lower() == "how" and not _counts(phrase):
        raise NoPlace("asks how much it is")
    inverted = tokens[wh].text.lower() in _ADVERB_WH and not _counts(phrase)
    inverted |= wh > 0 and tokens[wh - 1].tag in ("IN", "TO")
    if word in _DO:
        main = _main(tokens, verb, ("VB",))
        if main == verb + 1:  # "does trade liberalization shift": trade is no verb
            raise NoPlace("its verb is not clear")
        if main is not None:
            return _inside(tokens, verb, main, contracted=contracted)
        raise NoPlace("its verb is not clear")
    if tokens[verb].tag == "MD":
        if verb + 1 < len(tokens) and tokens[verb + 1].tag in ("VB", "RB"):
            return beside(tokens, verb, contracted=contracted)
        main = _main(tokens, verb, ("VB",))
        if main is None:
            raise NoPlace("its verb is not clear")
        return _inside(tokens, verb, main, contracted=contracted)
    if word in _HAVE:
        return _have(tokens, verb, inverted=inverted, contracted=contracted)
    if word in _BE:
        return _be(tokens, wh, verb, inverted=inverted, contracted=contracted)
    # "What set standards do schools keep?", "Which law mentioned was made?": its verb comes later
    after = tokens[verb + 1 :]
    if any(t.text.lower() in _DO for t in after) or (after and after[0].tag in _FINITE):
        raise NoPlace("its verb is not clear")
    if inverted or word in ("'s", "’s", "'re", "’re"):
        raise NoPlace("its verb is not clear")
    return supported(tokens, verb, contracted=contracted)


def _counts(phrase: Sequence[Token]) -> bool:
    """Say whether a phrase is *how many people*, which can be a subject; *how much larger* is not."""
    counts = (
        len(phrase) >= 3 and phrase[0].text.lower() == "how" and phrase[1].text.lower() in ("many", "much")
    )
    return counts and any(t.tag in _NOUN for t in phrase[2:])


def _finite(tokens: Sequence[Token], wh: int) -> int | None:
    """Return the first finite verb after the question word; its first verb where it has no auxiliary."""
    for i in range(wh + 1, len(tokens)):
        tag = tokens[i].tag
        if tag in _FINITE:
            return i
        if tag in ("VB", "VBN", "VBG"):  # "How many people live there?" is tagged as a base form at times
            return i if tag == "VB" and tokens[i - 1].tag in ("NNS", "NNPS") else None
    return None


def _before_wh(tokens: Sequence[Token], wh: int, *, contracted: bool) -> Found:
    """Return the edit of a question that ends in its question word: *It was built in what year?*"""
    for i in range(wh):
        word = tokens[i].text.lower()
        if tokens[i].tag in _FINITE:
            if word in _CONTRACTED and i + 1 < wh and tokens[i + 1].tag in ("VBN", "VBG", "VB", "IN", "RB"):
                return beside(tokens, i, contracted=contracted)
            break
    raise NoPlace("its verb is not clear")


def _be(  # noqa: PLR0911 (a shape each)
    tokens: Sequence[Token], wh: int, verb: int, *, inverted: bool, contracted: bool
) -> Found:
    phrase = tokens[wh:verb]
    following = tokens[verb + 1] if verb + 1 < len(tokens) else None
    if following is None or following.tag in (".", "EX", ":"):
        raise NoPlace("its verb is not clear")
    if not inverted and following.tag in ("VBN", "VBG", "IN", "JJR", "TO"):
        return beside(tokens, verb, contracted=contracted)
    noun_next = _starts_noun(tokens, verb + 1)
    if not inverted and following.tag in ("JJ", "RB", "RBR", "RBS", "VBN") and not noun_next:
        return beside(tokens, verb, contracted=contracted)
    main = _main(tokens, verb, ("VBN", "VBG"))
    if main is None:
        if inverted:
            if tokens[wh].text.lower() == "how":
                raise NoPlace("asks how much it is")
            main = _predicate(tokens, verb)
            if main is None:
                raise NoPlace("asks where or when it is")
            return _inside(tokens, verb, main, contracted=contracted)
        return _copula(tokens, phrase, verb, contracted=contracted)
    bare = len(phrase) == 1 and not inverted
    subject = tokens[verb + 1 : main]
    if bare and not _stranded(tokens, main):
        if all(t.tag in ("NNP", "NNPS", "DT", "PRP") for t in subject):
            return _inside(tokens, verb, main, contracted=contracted)
        raise NoPlace("its verb is not clear")
    if not inverted and any(t.tag in ("WDT", "WP", "IN") and t.text.lower() != "of" for t in subject):
        raise NoPlace("its verb is not clear")
    if not subject:
        return beside(tokens, verb, contracted=contracted)
    return _inside(tokens, verb, main, contracted=contracted)


def _stranded(tokens: Sequence[Token], main: int) -> bool:
    """Say whether a participle ends the question, but for the prepositions that it governs."""
    rest = [t for t in tokens[main + 1 :] if t.tag not in (".", ":")]
    if all(t.tag in ("IN", "RP", "TO", "RB") for t in rest):
        return True
    return len(rest) >= 2 and all(t.tag in ("IN", "RP", "TO") for t in rest[:2])


def _copula(tokens: Sequence[Token], phrase: Sequence[Token], verb: int, *, contracted: bool) -> Found:
    """Return the edit of *What is the capital?*; NoPlace of definitions and of kinds."""
    following = tokens[verb + 1]
    subject = tokens[verb + 1 :]
    named = any(t.tag == "POS" for t in subject)
    if following.text.lower() not in _STARTS_NOUN and not named:
        raise NoPlace("asks what something is")
    if any(t.text.lower() in _ASKS_KIND for t in phrase[1:]) or following.text.lower() in ("a", "an"):
        raise NoPlace("asks what something is")
    if len(phrase) > 1 and phrase[0].text.lower() == "how":
        raise NoPlace("asks how much it is")
    nouns = [t for t in subject if t.tag in _NOUN]
    stranded = [t for t in subject if t.tag not in (".", ":")][-1].tag in ("IN", "TO")  # "the last part of?"
    if stranded or not nouns or all(t.tag in ("NNP", "NNPS") for t in nouns):
        raise NoPlace("asks what something is")
    return beside(tokens, verb, contracted=contracted)


def _have(tokens: Sequence[Token], verb: int, *, inverted: bool, contracted: bool) -> Found:
    following = tokens[verb + 1] if verb + 1 < len(tokens) else None
    if following is None:
        raise NoPlace("its verb is not clear")
    if following.tag == "VBN" or (following.tag == "RB" and _main(tokens, verb, ("VBN",)) == verb + 2):
        return beside(tokens, verb, contracted=contracted)
    main = _main(tokens, verb, ("VBN",))
    if inverted and main is not None:
        return _inside(tokens, verb, main, contracted=contracted)
    if inverted or main is not None or following.tag == "TO":
        raise NoPlace("its verb is not clear")
    return supported(tokens, verb, contracted=contracted)


def _main(tokens: Sequence[Token], auxiliary: int, tags: Sequence[str]) -> int | None:
    """Return the verb that an auxiliary before its subject waits for; NoPlace where two could be it."""
    behind = range(auxiliary + 1, len(tokens))
    found = [i for i in behind if tokens[i].tag in tags and not _modifies(tokens, i)]
    limit = next(
        (i for i in behind if tokens[i].tag in ("WDT", "WP", "WRB", "MD")),
        len(tokens),
    )
    if found and limit < found[0]:
        raise NoPlace("its verb is not clear")
    if "VB" in tags:  # a base form after "to" is another verb
        found = [i for i in found if tokens[i - 1].tag != "TO"]
        joined = [i for i in found if tokens[i - 1].tag not in ("CC", ",", "VB")]
        joined += [i for i in behind if found and found[0] < i < limit and tokens[i].tag == "VBP"]
        if len(joined) > 1:  # "did the Huguenot name descend": one of them is a noun
            raise NoPlace("its verb is not clear")
    elif len(found) > 1 and not all(t.tag in ("NNP", "NNPS", "DT") for t in tokens[auxiliary + 1 : found[0]]):
        raise NoPlace("its verb is not clear")
    return found[0] if found else None


def _modifies(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a participle stands before its noun: *the written language*."""
    if tokens[i].tag not in ("VBN", "VBG") or i + 1 >= len(tokens):
        return False
    return tokens[i + 1].tag in _NOUN and tokens[i - 1].tag in ("DT", "JJ", "PRP$", "POS", "IN", "CC", "JJS")


def _predicate(tokens: Sequence[Token], verb: int) -> int | None:
    """Return the adjective that a form of be says of its subject: *Why is the tower famous?*"""
    for i in range(verb + 2, len(tokens)):
        if tokens[i].tag in _ADJECTIVE and tokens[i - 1].tag in (*_NOUN, "PRP"):
            after = tokens[i + 1].tag if i + 1 < len(tokens) else "."
            if after not in (*_NOUN, *_ADJECTIVE):
                return i
    return None


def _starts_noun(tokens: Sequence[Token], i: int) -> bool:
    """Say whether a noun phrase starts at a token: adverbs and adjectives before a noun belong to it."""
    while i < len(tokens) and tokens[i].tag in (*_ADJECTIVE, "RB", "RBS", "RBR", "CD", "VBN", "VBG"):
        i += 1
    return i < len(tokens) and tokens[i].tag in (*_NOUN, "DT", "PRP$", "PRP", "PDT")


def beside(tokens: Sequence[Token], auxiliary: int, *, contracted: bool) -> Found:
    """Return "did not", "didn't" or "cannot" for an auxiliary after its subject."""
    token = tokens[auxiliary]
    word = token.text.lower()
    if contracted and word in _CONTRACTED:
        return Found(auxiliary, auxiliary, match_case(_CONTRACTED[word], token.text), "negation put in")
    after = f"{token.text}not" if word == "can" else f"{token.text} not"
    return Found(auxiliary, auxiliary, after, "negation put in")


def _inside(tokens: Sequence[Token], auxiliary: int, main: int, *, contracted: bool) -> Found:
    """Return "not build" for the verb after the subject; "didn't" for the auxiliary where contracted."""
    if contracted and tokens[auxiliary].text.lower() in _CONTRACTED:
        return beside(tokens, auxiliary, contracted=True)
    while main - 1 > auxiliary + 1 and _is_adverb(tokens[main - 1]):
        main -= 1
    if main == auxiliary + 1:
        return beside(tokens, auxiliary, contracted=False)
    return Found(main, main, f"not {tokens[main].text}", "negation put in")


def _is_adverb(token: Token) -> bool:
    """Say whether a token is an adverb for sure: names that no table knows are tagged as one at times."""
    return token.tag == "RB" and (token.lemma.endswith("ly") or token.lemma in _ADVERBS)


def supported(tokens: Sequence[Token], verb: int, *, contracted: bool) -> Found:
    """Return "did not build" for "built"; adverbs before the verb stay between."""
    token = tokens[verb]
    after = [t.tag for t in tokens[verb + 1 : verb + 3]]
    if after[:1] == ["CC"] and after[1:] and after[1] in _FINITE:  # "uses and studies": both would change
        raise NoPlace("two verbs")
    tag = "VBP" if token.tag == "VB" else token.tag
    support = {"VBD": "did", "VBZ": "does", "VBP": "do"}[tag]
    base = token.lemma
    form = {"has": "have", "had": "have", "have": "have", "did": "do", "does": "do"}.get(token.text.lower())
    if form is None and inflect(base, tag) != token.text.lower():
        raise NoPlace("a verb form that is not known")
    said = _CONTRACTED[support] if contracted else f"{support} not"
    first = verb
    while first - 1 > 0 and tokens[first - 1].tag in ("RB", "RBR") and tokens[first - 1].text.isalpha():
        first -= 1
    between = [t.text for t in tokens[first:verb]]
    return Found(first, verb, " ".join([said, *between, form or base]), "negation put in")
