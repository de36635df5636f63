"""Rules that ask the same by moving what stands in a question: statement order, clefts, passives.

A rule takes the parts of a question and returns the new texts of its tokens, or None where it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from robust.attack.clauses import AUXILIARY, BE, DO, FINITE, NOUN, PAST, STRANDED, VERB, Clause
from robust.attack.token_edits import Changes
from robust.words.closed_class import word_set
from robust.words.inflect import inflect

Rule = Callable[[str, Clause, Random], Changes | None]
"""(the question's text, its parts, chance) -> what its tokens become."""

FRAMES = ("Can you tell me", "Could you tell me", "Do you know", "Can you say")
_ADJUNCT = word_set("when where")
_OBJECT_STARTS = frozenset(("IN", "TO"))
# Verbs without a passive, or whose passive says something else.
_NO_PASSIVE = word_set(
    "be have do become remain cost weigh resemble lack equal mean suit fit last want like happen need look "
    "let make get say think believe become seem appear feel go come live die begin start stop keep try help "
    "cause ask tell enter leave reach join visit marry study know see use give call name claim argue state "
    "serve attend speak return take consider spend total number include contain comprise hold experience"
)
_CLAUSE_WORDS = word_set("that if whether because while although who which what where when how why than")
# What stands behind "by" without doing anything: by what means, by what year, by how much.
_NO_AGENT = word_set(
    "means name names process method way year time date percentage percent amount age point century number "
    "end much many margin extent how"
)
_NO_ACTIVE = word_set("locate situate base know bear find place station surround border bound mean")
# Verbs that are one with their preposition: nothing may be taken from behind it.
_PARTICLE_VERBS = word_set(
    "take put turn bring carry go move hold get come pass set give break keep look make"
)


def in_situ(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What did a storm destroy?* -> *A storm destroyed what?*: the question word in the answer's place."""
    if clause.shape != "inverted" or clause.asks in ("why", "whose") or _elliptic(clause):
        return None
    if clause.asks == "how" and clause.wh_end - clause.wh < 2:
        return None
    changes = _statement(clause)
    gap = _gap(clause)
    if changes is None or gap is None:
        return None
    asked = _asked(text, clause)
    if clause.start == clause.wh and clause.lower(clause.wh + 1) == "year" and clause.wh_end == clause.wh + 2:
        asked = f"in {asked}"
    for i in range(clause.start, clause.wh_end):
        changes[i] = ""
    changes[gap] = f"{changes.get(gap, clause.tokens[gap].text)} {asked}"
    first = clause.subject[0]
    changes[first] = _capital(changes.get(first, clause.tokens[first].text))
    return changes


def embedded(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What did a storm destroy?* -> *Can you tell me what a storm destroyed?*"""
    changes = {} if clause.shape == "subject" else _statement(clause)
    if changes is None or clause.tokens[0].text in (clause.tokens[0].text.lower(), ""):
        return None
    if clause.shape == "copula" and clause.end - clause.subject[0] > 8:
        return None
    changes[clause.start] = f"{chance.choice(FRAMES)} {clause.lower(clause.start)}"
    return changes


def cleft(text: str, clause: Clause, chance: Random) -> Changes | None:  # noqa: PLR0911 (a line a refusal)
    """*Who built the harbour?* -> *Who was it that built the harbour?*; *What was it that bees ate?*"""
    if clause.shape == "copula" or clause.asks in ("how", "whose") or _elliptic(clause):
        return None
    if any(clause.tag(i) == "IN" and clause.lower(i) != "of" for i in range(clause.wh, clause.wh_end)):
        return None
    if clause.lower(clause.wh + 1) in (
        "percentage",
        "percent",
        "amount",
        "number",
        "share",
        "impact",
        "effect",
    ):
        return None
    if clause.wh_end > clause.wh + 1 and clause.number(clause.wh + 1, clause.wh_end) == "plural":
        return None
    if clause.shape == "subject":
        verb = clause.tokens[clause.verb]
        if (verb.tag in ("MD", "VBP") and verb.text.lower() != "are") or clause.lower(clause.verb) in (
            "are",
            "were",
        ):
            return None
        past = verb.tag == "VBD"
        last = clause.wh_end - 1
        return {last: f"{clause.tokens[last].text} {'was' if past else 'is'} it that"}
    changes = _statement(clause)
    if changes is None or clause.lower(clause.subject[0]) in ("it", "there"):
        return None
    changes[clause.aux] = f"{'was' if clause.lower(clause.aux) in PAST else 'is'} it that"
    return changes


def passive(text: str, clause: Clause, chance: Random) -> Changes | None:  # noqa: PLR0911 (a line a refusal)
    """*Who built the harbour?* -> *By whom was the harbour built?*, and of objects.

    *What did a storm destroy?* -> *What was destroyed by a storm?*
    """
    verb = clause.tokens[clause.verb] if clause.verb >= 0 else None
    if verb is None or verb.lemma in _NO_PASSIVE:
        return None
    participle = inflect(verb.lemma, "VBN")
    if participle is None:
        return None
    if clause.shape == "subject":
        return _passive_of_subject(clause, participle)
    if clause.lower(clause.aux) not in ("did", "does") or clause.start != clause.wh or clause.stranded:
        return None
    if clause.asks not in ("what", "which", "who", "whom") or not _gap_follows_verb(clause):
        return None
    if clause.lower(clause.wh_end - 1) in ("time", "year", "month", "day", "decade", "century", "way"):
        return None  # when it was done, not what
    if clause.lower(clause.subject[0]) in ("it", "he", "she", "they", "we", "you", "i", "there"):
        return None
    if clause.verb + 1 < clause.end and clause.lower(clause.verb + 1) not in (
        "in",
        "on",
        "at",
        "during",
        "after",
    ):
        return None
    if clause.subject[1] != clause.verb or clause.subject[1] - clause.subject[0] > 6:
        return None
    past = clause.lower(clause.aux) == "did"
    plural = not clause.bare and clause.number(clause.wh + 1, clause.wh_end) == "plural"
    first, last = clause.subject
    be = ("were" if plural else "was") if past else ("are" if plural else "is")
    changes = {clause.aux: f"{be} {participle} by", clause.verb: ""}
    if clause.asks == "whom":
        changes[clause.wh] = "Who"
    return changes if last - first else None


def _passive_of_subject(clause: Clause, participle: str) -> Changes | None:
    verb = clause.verb
    if verb != clause.wh_end or clause.tokens[verb].tag not in ("VBD", "VBZ") or clause.start != clause.wh:
        return None
    if clause.asks != "who" or not clause.bare or clause.lower(verb) in AUXILIARY:
        return None
    end = _object_end(clause, verb + 1)
    if end is None:
        return None
    plural = clause.number(verb + 1, end) == "plural"
    past = clause.tokens[verb].tag == "VBD"
    be = ("were" if plural else "was") if past else ("are" if plural else "is")
    changes = {clause.wh: "By whom", verb: be}
    changes[end - 1] = f"{clause.tokens[end - 1].text} {participle}"
    return changes


def active(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*Who was the harbour built by?* -> *Who built the harbour?*"""
    if clause.shape != "inverted" or clause.lower(clause.aux) not in ("was", "were", "is", "are"):
        return None
    by_last = clause.lower(clause.end - 1) == "by" and clause.start == clause.wh
    by_first = clause.lower(0) == "by" and clause.wh == 1
    token = clause.tokens[clause.verb]
    if by_last == by_first or token.tag != "VBN" or clause.subject[1] != clause.verb:
        return None
    if clause.verb != clause.end - (2 if by_last else 1) or token.lemma in _NO_ACTIVE:
        return None
    if any(clause.lower(i) in _NO_AGENT for i in range(clause.wh, clause.wh_end)):
        return None
    past = clause.lower(clause.aux) in PAST
    plural = not (clause.asks in ("who", "whom") or clause.wh_end == clause.wh + 1) and (
        clause.number(clause.wh + 1, clause.wh_end) == "plural"
    )
    form = inflect(token.lemma, "VBD" if past else "VBP" if plural else "VBZ")
    if form is None:
        return None
    asks = _capital("who" if clause.asks == "whom" else clause.lower(clause.wh))
    changes = {clause.aux: form, clause.verb: "", clause.wh: asks}
    changes[clause.end - 1 if by_last else 0] = ""
    return changes


def pied_piping(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What is the epidermis fringed with?* -> *With what is the epidermis fringed?*"""
    last = clause.end - 1
    if (
        clause.shape == "subject"
        or clause.start != clause.wh
        or not clause.stranded
        or clause.asks
        not in (
            "what",
            "which",
            "who",
            "whom",
        )
    ):
        return None
    before = clause.tag(last - 1)
    if before not in VERB | {"JJ"} or clause.lower(last) in ("like", "as", "after", "about"):
        return None
    if clause.tokens[last - 1].lemma in _PARTICLE_VERBS and clause.lower(last) in ("on", "in", "to", "by"):
        return None
    if clause.tokens[last - 1].lemma in ("be", "do") or (
        clause.tokens[last - 1].lemma in ("stand", "call", "allow", "account") and clause.lower(last) == "for"
    ):
        return None
    if any(clause.lower(i) in ("that", "say", "said") for i in range(clause.aux, last)):
        return None
    asked = clause.lower(clause.wh)
    changes = {clause.wh: f"{_capital(clause.lower(last))} {'whom' if asked == 'who' else asked}"}
    changes[last] = ""
    return changes


def stranding(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*In what city is the school located?* -> *What city is the school located in?*"""
    if clause.wh != 1 or clause.shape != "inverted" or clause.lower(0) not in STRANDED:
        return None
    last = clause.end - 1
    if clause.verb != last or clause.stranded or clause.lower(0) in ("as", "at", "about"):
        return None
    if clause.lower(2) in ("extent", "way", "degree", "case", "point"):
        return None
    asked = "who" if clause.asks == "whom" else clause.asks
    return {0: "", 1: _capital(asked), last: f"{clause.tokens[last].text} {clause.lower(0)}"}


def _statement(clause: Clause) -> dict[int, str] | None:  # noqa: PLR0911 (a line a refusal)
    """Return the changes that put the auxiliary where a statement has it; None where it cannot be told."""
    if clause.shape == "subject":
        return None
    aux, last = clause.aux, clause.end - 1
    word = clause.lower(aux)
    if clause.shape == "copula":
        if clause.stranded:
            return None
        return {aux: "", last: f"{clause.tokens[last].text} {word}"}
    verb = clause.tokens[clause.verb]
    if word in DO:
        for i in range(clause.verb + 1, clause.end):  # "did he build and sell": two verbs to inflect
            coordinated = clause.tag(i - 1) in ("CC", ",") or (
                clause.tag(i - 1) == "RB" and clause.tag(i - 2) == "CC"
            )
            if coordinated and clause.tag(i) in ("VB", "VBP"):
                return None
        form = inflect(verb.lemma, {"did": "VBD", "does": "VBZ", "do": "VBP"}[word])
        if form is None or verb.text != verb.text.lower():
            return None
        return {aux: "", clause.verb: form}
    at = clause.subject[1]
    return {aux: "", at - 1: f"{clause.tokens[at - 1].text} {word}"}


def _asked(text: str, clause: Clause) -> str:
    """Return the phrase of the question word, its first word lower-case."""
    start, end = clause.tokens[clause.start].start, clause.tokens[clause.wh_end - 1].end
    first = clause.tokens[clause.start].text
    return first.lower() + text[start + len(first) : end]


def _gap(clause: Clause) -> int | None:
    """Return the token behind which what is asked for would stand in a statement."""
    last = clause.end - 1
    if clause.stranded:
        return None if clause.start != clause.wh or _has_clause(clause, clause.verb + 1) else last
    year = clause.lower(clause.wh + 1) in ("year", "century", "decade")
    adjunct = (
        clause.start != clause.wh
        or clause.asks in _ADJUNCT
        or (clause.asks == "how" and clause.lower(clause.wh + 1) not in ("many", "much"))
    )
    if adjunct or year:
        return None if _has_clause(clause, clause.verb + 1) or last - clause.verb > 8 else last
    if clause.lower(clause.aux) in BE:
        return clause.verb if clause.verb == last else None
    return clause.verb if _gap_follows_verb(clause) else None


def _gap_follows_verb(clause: Clause) -> bool:
    """Tell whether the verb's object is what is asked for: nothing, or a preposition's phrase, follows it."""
    after = clause.verb + 1
    if after >= clause.end:
        return True
    if clause.tag(after) not in _OBJECT_STARTS or clause.tag(after + 1) in ("IN", "TO", "VB", ""):
        return False
    if clause.stranded or _has_clause(clause, after):
        return False
    return clause.lower(after) not in ("of", "that", "to", "as", "than", "about")


def _has_clause(clause: Clause, first: int) -> bool:
    """Tell whether another verb or clause stands in the words from ``first`` on."""
    return any(
        clause.tag(i) in FINITE
        or clause.tag(i) in (",", ":", "VBG", "VBN")
        or clause.lower(i) in _CLAUSE_WORDS
        for i in range(first, clause.end)
    )


def _elliptic(clause: Clause) -> bool:
    """Tell whether the question asks beside a name for it: *what else*, *what happened*."""
    return clause.lower(clause.wh + 1) in ("else", "happened", "happens")


def _object_end(clause: Clause, first: int) -> int | None:
    """Return one past the noun phrase (with its *of*) that starts at ``first``; None if unsure."""
    if clause.tag(first) not in NOUN | {"DT", "PRP$", "JJ", "CD", "NNP"}:
        return None
    at = first
    while at < clause.end and (
        clause.tag(at) in NOUN | {"DT", "PRP$", "JJ", "JJS", "CD", "POS", "CC"} or clause.lower(at) == "of"
    ):
        if clause.tag(at) in ("DT", "PRP$") and at > first and clause.tag(at - 1) in NOUN:
            return None
        at += 1
    if at == first or clause.tag(at - 1) not in NOUN | {"CD"}:
        return None
    if at < clause.end and (
        clause.tag(at) != "IN" or clause.lower(at) in ("for", "that", "from", "with", "as", "than")
    ):
        return None
    return None if _has_clause(clause, at) or clause.stranded else at


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:] if word.split(" ", maxsplit=1)[0].islower() else word
