"""How two words stand to each other in WordNet, in the senses in which they are mostly used.

Spaces of word vectors put antonyms (*hot*, *cold*) and sisters under one hypernym (*north*, *south*) as near
as synonyms, for they are written about in the same places (Mrksic et al. 2016, "Counter-fitting word vectors
to linguistic constraints"); WordNet tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from robust.attack.word_facts import standing
from robust.words.lexicon import Lexicon

Relation = Literal["antonym", "synonym", "kin", "sister", ""]
# What may stand in a word's place, by the setting ``related`` of attacks that find words elsewhere.
RELATED: dict[str, tuple[Relation, ...]] = {
    "synonym": ("synonym",),
    "close": ("synonym", "kin"),
    "any": ("synonym", "kin", ""),
}
# People accept the word right above a noun, or a similar adjective, in about half of the cases; words below,
# and verbs either way, in one of five (SWORDS, of those that are near in `robust.words.vectors`).
# A sense with a smaller share of a word's uses relates it to nothing that a reader would think of.
_LEAST_SHARE = 0.15
_KIN = {"n": ("hypernyms",), "v": (), "a": ("similar_tos",), "r": ()}


@lru_cache(maxsize=200_000)
def relation(lexicon: Lexicon, one: str, other: str, pos: str) -> Relation:
    """Return the first of these that holds of two lemmas as ``pos``, "" if none does.

    In any of their senses antonym (adjectives: those of the cluster's head too), in senses with a share of
    0.15 of the uses of either, synonym (in one synset) or kin (``other`` is the noun right above, or a
    similar adjective); in any, sister (right below the same word).
    """
    return relations_of(lexicon, one, pos).get(other, "")


@lru_cache(maxsize=20_000)
def relations_of(lexicon: Lexicon, lemma: str, pos: str) -> dict[str, Relation]:
    """Return every word that is related to ``lemma`` -> how."""
    senses = lexicon.senses(lemma, pos)
    usual = [sense for sense in senses if standing(lexicon, lemma, pos, sense)[2] >= _LEAST_SHARE]
    near = [synset for sense in usual for kind in _KIN[pos] for synset in lexicon.related(sense, kind)]
    above = [synset for sense in senses for synset in lexicon.related(sense, "hypernyms")]
    found: dict[str, Relation] = {}
    opposites = {synset for sense in senses for synset in lexicon.related(sense, "antonyms")}
    words = {word for sense in senses for word in lexicon.antonyms(lemma, sense)}
    if pos == "a":
        heads = [head for sense in senses for head in lexicon.related(sense, "similar_tos")]
        opposites |= {synset for head in heads for synset in lexicon.related(head, "antonyms")}
        opposites |= {synset for head in tuple(opposites) for synset in lexicon.related(head, "similar_tos")}
    words |= {word for synset in opposites for word in lexicon.lemmas(synset)}
    ordered: tuple[tuple[Relation, Iterable[str]], ...] = (
        ("antonym", words),
        ("synonym", _usual_words(lexicon, pos, usual)),
        ("kin", _usual_words(lexicon, pos, near)),
        ("sister", _words(lexicon, [below for top in above for below in lexicon.related(top, "hyponyms")])),
    )
    for kind, own in ordered:
        for word in own:
            found.setdefault(word.lower(), kind)
    return found


def _usual_words(lexicon: Lexicon, pos: str, synsets: Iterable[int]) -> Iterable[str]:
    return (
        word
        for synset in synsets
        for word in lexicon.lemmas(synset)
        if standing(lexicon, word.lower(), pos, synset)[2] >= _LEAST_SHARE
    )


def _words(lexicon: Lexicon, synsets: Iterable[int]) -> Iterable[str]:
    return (word for synset in synsets for word in lexicon.lemmas(synset))
