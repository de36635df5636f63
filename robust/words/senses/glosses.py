"""Which synsets' glosses speak for a sense: its own and those of related synsets."""

from __future__ import annotations

from robust.words.lexicon import Lexicon


def neighbourhood(lexicon: Lexicon, synset: int, *, depth: int = 1) -> dict[int, int]:
    """Return synset -> weight for ``synset`` and those at most ``depth`` steps away.

    Breadth first over every relation except antonymy; distance d weighs depth + 1 - d. The extended gloss
    of a sense is the sum of its neighbourhood's glosses so weighted (Basile, Caputo & Semeraro 2014).
    """
    weights = {synset: depth + 1}
    ring: list[int] = [synset]
    for weight in range(depth, 0, -1):
        found = dict.fromkeys(other for member in ring for other in lexicon.related(member))
        ring = [other for other in found if other not in weights]
        weights.update(dict.fromkeys(ring, weight))
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
