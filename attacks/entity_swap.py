"""A name, date or number of the question swapped for one that the paragraph does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.changed import MeaningChange
from robust.attack.entities import KINDS, Entity, entities, excepted, others, several
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site
from robust.errors import UserError
from robust.words.inflect import indefinite_article, match_case

_OFFERED = 5  # names at each place, for a search to choose from


@dataclass(frozen=True, kw_only=True, repr=False)
class EntitySwap(MeaningChange):
    """Ask about another person, place, date, number, nationality or other name: *Who built Lisbon?*

    ``kinds`` says which of those six. The new one is of the same kind, from a table of ours (years and
    numbers are drawn), and no word of it is in the paragraph: the paragraph says nothing of it, so the right
    response is to abstain. (One from the same paragraph, which Welbl et al. also use, may be answered there.)
    Left alone and counted: names of which a word is in the answer, that are said twice, that only set
    something aside (*other than California*) or are one of several (*France and Spain*), and whose kind
    cannot be told.
    """

    name: ClassVar[str] = "entity-swap.v1"
    source: ClassVar[str] = "Welbl et al. 2020 (arXiv 2003.04808)"

    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        super().__post_init__()
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise UserError(
                f"{self.name}: kinds {unknown[0]!r}: not known, expected some of {', '.join(KINDS)}"
            )

    def changes(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the names, dates and numbers that can be swapped."""
        sites = []
        for entity in entities(scene):
            reason = self._refused(scene, entity)
            edits = () if reason else tuple(self._edits(scene, entity, seed))
            if edits:
                sites.append(Site(edits))
            else:
                rejected[f"word: {reason or 'no other of its kind'}"] += 1
        return sites

    def _refused(self, scene: Scene, entity: Entity) -> str:
        words = {token.text.lower() for token in scene.tokens[entity.first : entity.last + 1]}
        if entity.group not in self.kinds:
            return "kind not asked for"
        if words & scene.answer_words:
            return "answer word"
        if any(sum(token.text.lower() == word for token in scene.tokens) > 1 for word in words):
            return "said twice"
        if several(scene.tokens, entity):
            return "one of several"
        return "only set aside" if excepted(scene.tokens, entity) else ""

    def _edits(self, scene: Scene, entity: Entity, seed: int) -> Iterator[Edit]:
        text, first, last = scene.question.text, scene.tokens[entity.first], scene.tokens[entity.last]
        start = first.start
        article = scene.tokens[entity.first - 1] if entity.first else None
        if article is not None and article.text.lower() in ("a", "an"):
            start = article.start
        else:
            article = None
        random = self.random(f"{scene.question.id}#{entity.first}", seed)
        for name in others(scene, entity, random, _OFFERED):
            after = name
            if article is not None:
                fitting = match_case(indefinite_article(name), article.text)
                after = f"{fitting}{text[article.end : first.start]}{name}"
            yield Edit(
                field="question",
                start=start,
                end=last.end,
                before=text[start : last.end],
                after=after,
                lemma=text[first.start : last.end].lower(),
                reason=f"another {entity.kind}",
            )
