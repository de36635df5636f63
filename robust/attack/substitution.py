"""Attacks that put one word in another's place: what they share with their controls."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from robust.attack.base import Attack, Edits
from robust.attack.candidates import Filters
from robust.attack.decision import Decision, Pick, count
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site
from robust.words.inflect import indefinite_article, match_case
from robust.words.senses import Sense


@dataclass(frozen=True, kw_only=True, repr=False)
class Substitution(Attack):
    """Base of attacks that replace words in one of their senses; controls choose substitutes as these do."""

    @property
    @abstractmethod
    def filters(self) -> Filters:
        """What a substitute must be."""

    @abstractmethod
    def senses(self, scene: Scene, index: int, seed: int = 0) -> tuple[Sense, ...]:
        """Return the senses of token ``index``, the likeliest first."""

    @abstractmethod
    def pick(self, scene: Scene, index: int, ranked: Sequence[Sense], within: int | None = None) -> Pick:
        """Return the substitutes for token ``index``, best first, its senses being ``ranked``.

        ``within``: only those of this sense, chosen by the same rule.
        """

    @abstractmethod
    def substitute(self, scene: Scene, index: int, seed: int) -> Decision:
        """Return the decision about token ``index``, whether or not the rules let it be touched."""

    @abstractmethod
    def decide(self, scene: Scene, seed: int, *, fully: bool = False) -> list[Decision]:
        """Return what is decided about each content word of the question, in the question's order.

        The decisions are the same whether ``fully`` is set or not, but with it each has all the evidence: the
        senses and substitutes of a word that could be turned down without them, too.
        """

    @abstractmethod
    def select(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        """Return those of the decisions whose edits are made, in the question's order; () for none."""

    def alternatives(self, scene: Scene, decision: Decision) -> Sequence[Edit]:
        """Return all the edits that the rules allow of a word that may be replaced, best first.

        Those of an attack that allows one alone are that one.
        """
        return [] if decision.edit is None else [decision.edit]

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return every word that may be replaced, the best first, with all its substitutes: for a search."""
        decisions = self.decide(scene, seed)
        count(decisions, rejected)
        found = [decision for decision in decisions if decision.edit is not None]
        found.sort(key=lambda decision: (-decision.rank, decision.index))
        return [Site(tuple(self.alternatives(scene, decision))) for decision in found]

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return one variant's edits, or none where too few words can be replaced."""
        decisions = self.decide(scene, seed)
        count(decisions, rejected)
        edits = tuple(d.edit for d in self.select(decisions) if d.edit is not None)
        if edits:
            return [edits]
        none = all(d.edit is None for d in decisions)
        rejected["question: no word to replace" if none else "question: too few words to replace"] += 1
        return []


def word_edit(
    scene: Scene,
    index: int,
    form: str,
    *,
    synset: int | None = None,
    score: float = 0.0,
    margin: float = 0.0,
    reason: str = "",
) -> Edit:
    """Return the edit that puts ``form`` (lower case) in the place of token ``index``.

    The form takes the token's case. An indefinite article before the token belongs to the edit, whether it
    changes or not, so that every arm edits the same span.
    """
    token = scene.tokens[index]
    pos = scene.pos(index)
    after = match_case(form, token.text)
    start = token.start
    if index and is_article(scene, index - 1):
        article = scene.tokens[index - 1]
        gap = scene.question.text[article.end : token.start]
        start = article.start
        after = match_case(indefinite_article(after), article.text) + gap + after
    senses = scene.lexicon.senses(token.lemma, pos) if synset is not None else ()
    return Edit(
        field="question",
        start=start,
        end=token.end,
        before=scene.question.text[start : token.end],
        after=after,
        lemma=token.lemma,
        tag=pos,
        sense="" if synset is None else scene.lexicon.name(synset),
        sense_rank=senses.index(synset) + 1 if synset in senses else 0,
        score=round(score, 6),
        margin=round(margin, 6),
        reason=reason,
    )


def edited_token(scene: Scene, edit: Edit) -> int | None:
    """Return the index of the one token that an edit of the question replaces, as those of ``word_edit`` do.

    None where the edit is another: of the context, of several words, of marks.
    """
    if edit.field != "question":
        return None
    found = next((index for index, token in enumerate(scene.tokens) if token.end == edit.end), None)
    if found is None or not scene.tokens[found].text[:1].isalpha():
        return None
    starts = {scene.tokens[found].start}
    if found and is_article(scene, found - 1):
        starts.add(scene.tokens[found - 1].start)
    return found if edit.start in starts else None


def is_article(scene: Scene, index: int) -> bool:
    """Return whether a token is "a" or "an", and not the letter of "vitamin A"."""
    token = scene.tokens[index]
    return token.text in ("a", "an") or (token.text in ("A", "An") and index == 0)
