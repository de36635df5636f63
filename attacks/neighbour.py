"""Synonyms by nearness in a space of word vectors, after TextFooler (Jin et al. 2020)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from robust.attack.candidates import Filters, vet
from robust.attack.choice import delicacy, replaceable
from robust.attack.records import Edit
from robust.attack.relation import RELATED, relation, relations_of
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.attack.substitution import word_edit
from robust.errors import UserError
from robust.words.lexicon import Lexicon
from robust.words.vectors import Vectors


@dataclass(frozen=True, kw_only=True, repr=False)
class Neighbour(SiteAttack):
    """One content word replaced by a near neighbour in a space of word vectors, inflected alike.

    The ``k`` nearest lemmas of the same part of speech are offered, nearest first, of a cosine of
    ``least_similarity`` or more; halves of compounds, and words that govern a
    preposition, are left alone. The space is of topic (`robust.words.vectors`): what stands near is often an
    antonym or a sister (*north*, *south*), which are never taken, or only about the same thing (*guitar*,
    *song*); so by default (``related`` "close") WordNet must have the neighbour as a synonym, as the noun
    right above, or as a similar adjective. "synonym" is stricter, "any" takes what WordNet does not
    contradict, as TextFooler does: on SWORDS people accept 90 % of the judged swaps of "close" (18 of 20,
    95 % interval 70 to 97 %) and 63 % of "any" (22 of 35, 46 to 77 %; Wilson; most swaps are unjudged).
    ``zipf_floor`` is the least frequency of the new form (log10
    per billion words).
    """

    name: ClassVar[str] = "neighbour.v1"
    source: ClassVar[str] = "TextFooler (Jin et al. 2020, AAAI); antonyms: Mrksic et al. 2016, NAACL"
    ranks: ClassVar[bool] = True

    k: int = 50
    least_similarity: float = 0.75
    related: str = "close"
    zipf_floor: float = 3.2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.k < 1:
            raise UserError(f"{self.name}: k {self.k}: expected a number from 1")
        if not -1 <= self.least_similarity <= 1:
            raise UserError(
                f"{self.name}: least_similarity {self.least_similarity}: expected a cosine, -1 to 1"
            )
        if self.related not in RELATED:
            raise UserError(f"{self.name}: related {self.related!r}: expected one of {', '.join(RELATED)}")

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that have neighbours and these, the word with the nearest one first."""
        sites = []
        for index in replaceable(scene, rejected):
            delicate = delicacy(scene, index)[0]
            if delicate in ("part of a compound", "governs a preposition"):
                rejected[f"word: {delicate}"] += 1
                continue
            edits = self._edits(scene, index, rejected)
            if edits:
                sites.append(Site(edits))
            else:
                rejected["word: no near neighbour"] += 1
        return sorted(sites, key=lambda site: -site.edits[0].score)

    def _edits(self, scene: Scene, index: int, rejected: Counter[str]) -> tuple[Edit, ...]:
        lemma, pos = scene.tokens[index].lemma, scene.pos(index)
        filters = Filters(strict=True, zipf_floor=self.zipf_floor)
        edits = []
        for other, cosine in _neighbours(scene.lexicon, lemma, pos, self.related, self.k):
            if cosine < self.least_similarity:
                break
            form, reason = vet(scene, index, other, filters)
            if reason:
                rejected[f"substitute: {reason}"] += 1
            else:
                kind = relation(scene.lexicon, lemma, other, pos)
                edits.append(word_edit(scene, index, form, score=cosine, reason=kind or "neighbour"))
        return tuple(edits)


@lru_cache(maxsize=50_000)
def _neighbours(lexicon: Lexicon, lemma: str, pos: str, related: str, k: int) -> list[tuple[str, float]]:
    """Return the ``k`` nearest lemmas that are so related, with their cosines, nearest first."""
    space, wanted = Vectors.open(), RELATED[related]
    if "" not in wanted:  # a few words instead of the whole space
        words = [word for word, kind in relations_of(lexicon, lemma, pos).items() if kind in wanted]
        others = [word for word in words if "_" not in word and word != lemma]
        near = [(word, round(space.similarity(lemma, word), 4)) for word in others]
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))[:k]
    near = space.nearest(lemma, 4 * k)
    return [pair for pair in near if relation(lexicon, lemma, pair[0], pos) in wanted][:k]
