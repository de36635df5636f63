"""Rules that ask the same by opening otherwise: *which* for *what*, *what kind* for *what type*, a frame.

A rule takes the parts of a question and returns the new texts of its tokens, or None where it does not apply.
"""

from __future__ import annotations

from random import Random

from robust.attack.clauses import BE, NOUN, Clause
from robust.attack.token_edits import Changes
from robust.words.closed_class import word_set

LEAD_INS = ("Tell me:", "Please tell me:", "Quick question:", "Question:")
_KINDS = {
    "type": "kind",
    "kind": "type",
    "types": "kinds",
    "kinds": "types",
    "sort": "kind",
    "sorts": "kinds",
}
# Nouns that name one of a set, of which "which" may ask.
_OF_A_SET = word_set(
    "year decade century month day country city state nation continent county town village region province "
    "district island river lake sea ocean mountain street building church school university college "
    "museum company corporation organization organisation group party team club agency institution bank "
    "army battle war treaty law act country language religion dynasty empire kingdom king queen emperor "
    "president minister leader pope person man woman scientist scientists mathematician author writer artist "
    "composer architect engineer inventor philosopher historian explorer book novel film movie song album "
    "show newspaper magazine network channel planet animal species plant element gas metal mineral disease "
    "organ cell cells protein vitamin color colour award prize game sport player tribe people countries "
    "cities states nations languages religions companies organizations groups parties theorem theory "
    "document court house airport station railway road bridge tower palace castle park area cathedral"
)


def which_what(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*Which country* -> *What country* (SEAR, Ribeiro et al. 2018)."""
    if clause.asks != "which" or clause.tag(clause.wh + 1) not in NOUN | {"JJ"}:
        return None
    return {clause.wh: "What" if clause.tokens[clause.wh].text[0].isupper() else "what"}


def what_which(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What country* -> *Which country*, where the noun names one of a set."""
    noun = clause.wh_end - 1
    if clause.asks != "what" or clause.lower(noun) not in _OF_A_SET or noun == clause.wh:
        return None
    if any(clause.tag(i) == "IN" for i in range(clause.wh, clause.wh_end)):
        return None
    return {clause.wh: "Which" if clause.tokens[clause.wh].text[0].isupper() else "which"}


def kind(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What type of* -> *What kind of*, and back."""
    after = clause.wh + 1
    if clause.asks not in ("what", "which") or clause.lower(after + 1) != "of":
        return None
    other = _KINDS.get(clause.tokens[after].text)
    return {after: other} if other else None


def year(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*In what year did* -> *What year did*, and back."""
    if clause.lower(clause.wh + 1) != "year" or clause.wh_end != clause.wh + 2 or clause.shape != "inverted":
        return None
    if clause.stranded or clause.asks not in ("what", "which"):
        return None
    asks = clause.asks
    if clause.start != clause.wh:
        return {0: "", clause.wh: asks.capitalize()} if clause.lower(0) in ("in", "during") else None
    return {clause.wh: f"In {asks}"}


def quantity(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*How many bees* -> *What number of bees*."""
    if clause.lower(clause.wh) != "how" or clause.lower(clause.wh + 1) != "many" or clause.wh:
        return None
    plain = clause.tag(clause.wh + 2) in ("NNS", "JJ", "NN") and clause.wh_end <= clause.wh + 5
    if not plain or clause.lower(clause.wh + 2) in (
        "times",
        "years",
        "days",
        "hours",
        "miles",
        "months",
        "of",
    ):
        return None
    return {clause.wh: "What", clause.wh + 1: "number of"}


def name_of(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What is the river called?* -> *What is the name of the river?*"""
    if clause.shape != "inverted" or clause.asks != "what" or not clause.bare:
        return None
    if (
        clause.lower(clause.aux) not in BE
        or clause.lower(clause.verb) != "called"
        or clause.verb != clause.end - 1
    ):
        return None
    first, last = clause.subject
    if clause.lower(first) not in ("the", "this", "these", "a", "an") or last != clause.verb:
        return None
    plural = clause.lower(clause.aux) in ("are", "were")
    name = "names" if plural else "name"
    return {clause.aux: f"{clause.tokens[clause.aux].text} the {name} of", clause.verb: ""}


def called(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What is the name of the river?* -> *What is the river called?*"""
    if clause.shape != "copula" or clause.asks != "what" or not clause.bare:
        return None
    first, last = clause.subject
    words = [clause.lower(i) for i in range(first, first + 4)]
    if words[:3] != ["the", "name", "of"] or words[3] not in ("the", "a", "an") or last - first > 9:
        return None
    if clause.number(first + 3, last) == "plural":
        return None
    return {first: "", first + 1: "", first + 2: "", last - 1: f"{clause.tokens[last - 1].text} called"}


def exactly(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What is dark matter?* -> *What exactly is dark matter?*"""
    if clause.asks not in ("what", "who") or not clause.bare or clause.shape == "subject":
        return None
    return {clause.wh: f"{clause.tokens[clause.wh].text} exactly"}


def located(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*Where is the harbour located?* -> *Where is the harbour?*"""
    if clause.asks != "where" or clause.shape != "inverted" or clause.lower(clause.aux) not in BE:
        return None
    if clause.lower(clause.verb) not in ("located", "situated") or clause.verb != clause.end - 1:
        return None
    return dict.fromkeys(range(clause.subject[1], clause.end), "")


def lead_in(text: str, clause: Clause, chance: Random) -> Changes | None:
    """*What did a storm destroy?* -> *Tell me: what did a storm destroy?*"""
    first = clause.tokens[clause.start].text
    if not first[0].isupper():
        return None
    return {clause.start: f"{chance.choice(LEAD_INS)} {first.lower()}"}
