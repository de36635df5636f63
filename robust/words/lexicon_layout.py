"""The layout of a lexicon file: what its writer and its reader must agree on.

Any change here, or to what goes into the arrays, is a new `FORMAT`. docs/lexicon.md lists the arrays.
"""

from __future__ import annotations

from collections.abc import Mapping

MAGIC = b"ROBUSTLX"
FORMAT = 1

SENSE_TYPE: Mapping[str, int] = {"n": 1, "v": 2, "a": 3, "r": 4, "s": 5}
"""The synset types and their numbers in sense keys (senseidx(5WN))."""
SYNSET_TYPES = "nvasr"
MARKERS: tuple[str, ...] = ("", "a", "p", "ip")

RELATION_OF_SYMBOL: Mapping[str, str] = {
    "@": "hypernyms",
    "@i": "instance_hypernyms",
    "~": "hyponyms",
    "~i": "instance_hyponyms",
    "#m": "member_holonyms",
    "#s": "substance_holonyms",
    "#p": "part_holonyms",
    "%m": "member_meronyms",
    "%s": "substance_meronyms",
    "%p": "part_meronyms",
    ";c": "topic_domains",
    "-c": "in_topic_domains",
    ";r": "region_domains",
    "-r": "in_region_domains",
    ";u": "usage_domains",
    "-u": "in_usage_domains",
    "=": "attributes",
    "*": "entailments",
    ">": "causes",
    "^": "also_sees",
    "$": "verb_groups",
    "&": "similar_tos",
    "+": "derivationally_related_forms",
    "\\": "pertainyms",
    "<": "participle_of",
    "!": "antonyms",
}
"""WordNet's pointer symbols (wninput(5WN)) and NLTK's names, in the order of the file's numbers."""
RELATIONS: tuple[str, ...] = tuple(RELATION_OF_SYMBOL.values())


def pack_member(lemma: int, lex_id: int, marker: str) -> int:
    """Return a synset's member as one number: 26 bits for the lemma, 4 for lex_id, 2 for the marker."""
    return lemma << 6 | lex_id << 2 | MARKERS.index(marker)


def member_lemma(member: int) -> int:
    """Return the number of the member's lemma."""
    return member >> 6


def member_lex_id(member: int) -> int:
    """Return the member's lex_id, 0 to 15."""
    return member >> 2 & 15


def member_marker(member: int) -> str:
    """Return the member's syntactic marker: "", "a", "p" or "ip"."""
    return MARKERS[member & 3]


MOST_SYNSETS = 1 << 17
MOST_WORDS = (1 << 5) - 1
"""How many synsets, and words in one synset, a pointer can tell apart."""


def pack_pointer(target: int, relation: str, source: int, word: int) -> int:
    """Return a pointer as one number: 17 bits for the target, 5 each for relation, source word and target
    word.

    Words count from 1; both are 0 in a pointer between whole synsets.
    """
    return target << 15 | RELATIONS.index(relation) << 10 | source << 5 | word


def unpack_pointer(pointer: int) -> tuple[int, int, int, int]:
    """Return target synset, number of the relation, source word and target word."""
    return pointer >> 15, pointer >> 10 & 31, pointer >> 5 & 31, pointer & 31
