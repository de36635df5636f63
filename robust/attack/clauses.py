"""The parts of a question: what is asked for, the auxiliary, the subject, the verb, the rest.

There is no parser behind this: the parts are read off the tags from left to right, and a question that does
not have one of a few plain shapes is not read at all. Better few questions than wrong ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from robust.words.closed_class import word_set
from robust.words.tokens import Token

Shape = Literal["inverted", "copula", "subject"]

WH = word_set("what which who whom whose when where why how")
BE = word_set("is are was were")
DO = word_set("do does did")
HAVE = word_set("has have had")
MODAL = word_set("can could will would should may might must")
AUXILIARY = BE | DO | HAVE | MODAL
PAST = word_set("did was were had")
NOUN = frozenset(("NN", "NNS", "NNP", "NNPS"))
VERB = frozenset(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"))
FINITE = frozenset(("VBD", "VBP", "VBZ", "MD"))
_PHRASE = NOUN | {
    "DT",
    "PDT",
    "PRP",
    "PRP$",
    "JJ",
    "JJR",
    "JJS",
    "CD",
    "POS",
    "CC",
    "IN",
    "EX",
    "``",
    "''",
    "$",
}
_ENDS_PHRASE = NOUN | {"PRP", "CD", "EX", "''", "DT"}
_BEFORE_NOUN = frozenset(("JJ", "JJR", "JJS", "VBN", "VBG", "DT", "PRP$", "POS"))
_HOW = word_set("many much long far old often big large tall deep high fast")
# Prepositions that a question may end with; particles (up, out, off) belong to their verb.
STRANDED = word_set("to with for by from of in on into against at as about after")
_NAMED = word_set("called named termed known")


@dataclass(frozen=True, slots=True)
class Clause:
    """A question's parts as indices of its tokens.

    ``start`` is the first token (a preposition where the question begins with one), ``wh`` the question word,
    ``wh_end`` the one past its phrase (*what* old harbour), ``aux`` the auxiliary or copula (-1: none),
    ``subject`` (first, one past) of an inverted question, ``verb`` the verb after it (-1 after a copula), or
    the finite verb of a question that asks for its subject. ``end`` is one past the last word.
    """

    tokens: Sequence[Token]
    shape: Shape
    start: int
    wh: int
    wh_end: int
    aux: int
    subject: tuple[int, int]
    verb: int
    end: int

    @property
    def bare(self) -> bool:
        """Whether nothing but the question word asks."""
        return self.wh_end == self.wh + 1 and self.start == self.wh

    @property
    def asks(self) -> str:
        """The question word, lower-case."""
        return self.tokens[self.wh].text.lower()

    def lower(self, i: int) -> str:
        """Return the lower-case text of token ``i``, "" past the last word."""
        return self.tokens[i].text.lower() if 0 <= i < self.end else ""

    def tag(self, i: int) -> str:
        """Return the tag of token ``i``, "" past the last word."""
        return self.tokens[i].tag if 0 <= i < self.end else ""

    @property
    def stranded(self) -> bool:
        """Whether the question ends with a preposition, whose object is what is asked for."""
        return self.lower(self.end - 1) in STRANDED and self.tag(self.end - 1) in ("IN", "TO", "RP")

    def number(self, first: int, last: int) -> str:
        """Return "plural" or "singular" for the noun phrase in tokens ``first`` to ``last`` (one past)."""
        head = next((i for i in range(first + 1, last) if self.tag(i) in ("IN", "WDT", "TO")), last)
        tags = [self.tag(i) for i in range(first, head)]
        if any(self.lower(i) in ("and", "both") for i in range(first, head)):
            return "plural"
        nouns = [first + k for k, tag in enumerate(tags) if tag in NOUN]
        if not nouns or self.lower(nouns[-1]).endswith(("ics", "ss")):  # plate tectonics, a loss
            return "singular"
        return "plural" if self.tag(nouns[-1]) in ("NNS", "NNPS") else "singular"


def read_clause(tokens: Sequence[Token]) -> Clause | None:  # noqa: PLR0911 (a line a refusal)
    """Return the parts of a question, or None where it is not of a plain shape (or says *not*)."""
    end = len(tokens)
    while end and tokens[end - 1].text in ("?", ".", "!", "??"):
        end -= 1
    lower = [token.text.lower() for token in tokens[:end]]
    tags = [token.tag for token in tokens[:end]]
    if end < 3 or any(word in ("not", "n't", "never", "?") for word in lower):
        return None
    wh = 0 if lower[0] in WH else 1
    if lower[wh] not in WH or (wh and tags[0] not in ("IN", "TO")) or any(w in WH for w in lower[wh + 1 :]):
        return None
    wh_end = _phrase_end(lower, tags, wh)
    if wh_end is None or wh_end >= end:
        return None
    verb = wh_end
    while verb < end - 1 and tags[verb] == "RB":
        verb += 1

    def clause(shape: Shape, aux: int, subject: tuple[int, int], verb: int) -> Clause:
        return Clause(tokens, shape, 0, wh, wh_end, aux, subject, verb, end)

    if verb != wh_end or lower[wh_end] not in AUXILIARY:
        return clause("subject", -1, (wh, wh_end), verb) if tags[verb] in FINITE and not wh else None
    if lower[wh_end] in HAVE and {"PRP", "PRP$"} & set(tags):
        return None  # "what sea had fish introduced into it" asks for the one that had
    found = _inside(lower, tags, wh_end, lower[wh] == "what" and wh_end == wh + 1)
    if found is None:
        return None
    shape, subject_end, main = found
    if shape == "subject":
        adverbial = wh or (lower[wh] in ("when", "where", "why", "how") and wh_end == wh + 1)
        return None if adverbial else clause("subject", -1, (wh, wh_end), wh_end)
    if not _is_phrase(lower, tags, wh_end + 1, subject_end):
        return None
    return clause(shape, wh_end, (wh_end + 1, subject_end), main)


def _phrase_end(lower: Sequence[str], tags: Sequence[str], wh: int) -> int | None:
    """Return one past the phrase of the question word: *what*, *which old harbour*, *how many bees*."""
    if lower[wh] in ("who", "whom", "when", "where", "why"):
        return wh + 1
    at = wh + 1
    if lower[wh] == "how":
        if at >= len(lower) or lower[at] not in _HOW:
            return at
        at += 1
        if lower[wh + 1] not in ("many", "much"):
            return at
    noun = False
    while at < len(lower) and not (lower[at] in AUXILIARY and tags[at] != "NN"):
        tag = tags[at]
        if tag in FINITE or (tag == "RB" and noun):
            break
        if tag in ("WDT", "WP", ",", ":", "VBG", "-LRB-", "TO"):
            return None
        noun = noun or tag in NOUN
        at += 1
    if at > wh + 1 and not noun and lower[wh] != "how":
        return None
    return at if at == wh + 1 or tags[at - 1] != "IN" else None


def _inside(lower: Sequence[str], tags: Sequence[str], aux: int, bare: bool) -> tuple[Shape, int, int] | None:  # noqa: PLR0911 (a line a shape)
    """Return the shape, one past the subject, and the verb, of what follows the auxiliary at ``aux``."""
    end, word, first = len(lower), lower[aux], aux + 1
    if first >= end:
        return None
    if word in DO:
        verb = next((i for i in range(first, end) if tags[i] == "VB"), -1)
        return None if verb <= first else ("inverted", _without_adverbs(tags, first, verb), verb)
    wanted = {"VB"} if word in MODAL else {"VBN"} if word in HAVE else {"VBN", "VBG"}
    at = first
    while at < end and tags[at] in ("RB", "RBR", "RBS"):
        at += 1
    if at >= end:
        return None
    if tags[at] in wanted and not (word in BE and at + 1 < end and tags[at + 1] in NOUN):
        return "subject", first, first
    if word in BE and (
        at > first or tags[at] == "IN" or (tags[at] in ("JJ", "JJR") and _predicate(tags, at))
    ):
        return ("subject", first, first) if at == first or tags[at] in ("JJ", "VBN") else None
    verb = next((i for i in range(at, end) if tags[i] in wanted and not _premodifies(tags, i)), -1)
    if verb < 0:
        return ("copula", end, -1) if word in BE else None
    if word in BE and bare:
        named = lower[verb] in _NAMED and verb == end - 1
        stranded = lower[end - 1] in STRANDED and tags[end - 1] in ("IN", "TO", "RP")
        if not (named or stranded) or tags[verb] == "VBG" or lower[verb] in ("given", "seen"):
            return None
    return "inverted", _without_adverbs(tags, first, verb), verb


def _without_adverbs(tags: Sequence[str], first: int, verb: int) -> int:
    while verb - 1 > first and tags[verb - 1] in ("RB", "RBR", "RBS"):
        verb -= 1
    return verb


def _predicate(tags: Sequence[str], at: int) -> bool:
    """Tell whether an adjective stands alone: *is important in*, not *is dark matter*."""
    return at + 1 >= len(tags) or tags[at + 1] in ("IN", "TO", "RB", "CC", ",")


def _premodifies(tags: Sequence[str], at: int) -> bool:
    """Tell whether a participle belongs to the noun after it: *the united provinces*."""
    before = tags[at - 1] in ("DT", "JJ", "PRP$", "POS", "IN", "CC")
    return before and at + 1 < len(tags) and tags[at + 1] in NOUN | {"JJ"}


def _is_phrase(  # noqa: PLR0911 (a line a refusal)
    lower: Sequence[str], tags: Sequence[str], first: int, last: int
) -> bool:
    """Tell whether tokens ``first`` to ``last`` (one past) are one noun phrase, as far as tags can say."""
    if first >= last or tags[last - 1] not in _ENDS_PHRASE or tags[first] in ("IN", "CC", "POS"):
        return False
    if tags[last - 1] == "DT" and last - first > 1:
        return False
    for i in range(first, last):
        tag = tags[i]
        if tag in ("VBN", "VBG") and _premodifies(tags, i):
            continue
        if tag not in _PHRASE or lower[i] in ("that", "than", "because", "if", "so"):
            return False
        if (
            tag in ("JJ", "JJR", "JJS")
            and i + 1 < last
            and tags[i + 1] not in NOUN | _BEFORE_NOUN | {"CC", "CD", "''"}
        ):
            return False
        if tag == "IN" and lower[i] not in _INSIDE:
            return False
        if tag in NOUN and i + 1 < last and tags[i + 1] in ("DT", "PRP", "PRP$", "EX"):
            return False  # two noun phrases: "was Iqbal a critic"
    return True


_INSIDE = word_set("of in for from between at on with against to by over among behind about")
