"""Glosses as bags of terms, and glosses extended by those of related synsets."""

from __future__ import annotations

from collections.abc import Iterable

from robust.words.lexicon import Lexicon


def extended_gloss(lexicon: Lexicon, synset: int, *, depth: int = 1) -> dict[int, int]:
    """Return term id -> weight for the gloss of ``synset`` and of the synsets at most ``depth`` steps away.

    Breadth first over every relation except antonymy; a term that occurs tf times in a gloss at distance d
    weighs (depth + 1 - d) * tf, summed over glosses (Basile, Caputo & Semeraro 2014, section 2).
    """
    weights: dict[int, int] = {}
    seen = {synset}
    ring: Iterable[int] = (synset,)
    for distance in range(depth + 1):
        following: dict[int, None] = {}
        for member in ring:
            for term, count in lexicon.gloss_terms(member):
                weights[term] = weights.get(term, 0) + (depth + 1 - distance) * count
            if distance < depth:
                following.update((other, None) for other in lexicon.related(member) if other not in seen)
        seen.update(following)
        ring = tuple(following)
    return weights


# Banerjee & Pedersen (2002), section 4: the relations whose glosses join that of the sense.
ADAPTED_RELATIONS = (
    "hypernyms",
    "instance_hypernyms",
    "hyponyms",
    "instance_hyponyms",
    "member_holonyms",
    "part_holonyms",
    "substance_holonyms",
    "member_meronyms",
    "part_meronyms",
    "substance_meronyms",
    "attributes",
    "similar_tos",
)


def adapted_gloss(lexicon: Lexicon, synset: int) -> set[int]:
    """Return the term ids in the gloss of ``synset`` and of its neighbours by ``ADAPTED_RELATIONS``."""
    members = [synset, *(other for name in ADAPTED_RELATIONS for other in lexicon.related(synset, name))]
    return {term for member in members for term, _ in lexicon.gloss_terms(member)}
