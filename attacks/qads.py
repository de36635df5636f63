"""QADS: questions with words replaced by WordNet synonyms, after Lin et al. 2020 (arXiv 2010.13049).

The paper does not say which words it replaced, how many, or how it filtered (its crowd did). So two
presets stand side by side: ``paper`` replaces every content word by the first synonym of its chosen sense;
``safe`` weighs the synonyms of all its senses and replaces only the word whose substitution people are
likeliest to accept, and drops the question where none is likely enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from robust.attack.candidates import Filters, Offer, Substitute, offers, substitutes
from robust.attack.choice import delicacy, hazard, off_limits
from robust.attack.decision import Choice, Decision, Pick
from robust.attack.records import Edit
from robust.attack.safety import Evidence, Replaced, model, trust, weigh
from robust.attack.scene import Scene, disambiguator
from robust.attack.substitution import Substitution, word_edit
from robust.errors import UserError
from robust.words.senses import Sense

ALL = "all"
# Why a word stays as it is, besides the rules about words.
UNUSABLE, UNSAFE = "no usable substitute", "not safe enough"


@dataclass(frozen=True, slots=True)
class Preset:
    """What a preset sets where the user does not."""

    edits: int | str
    zipf_floor: float
    least_safety: float


PRESETS = {
    "safe": Preset(edits=1, zipf_floor=3.2, least_safety=0.4),
    "paper": Preset(edits=ALL, zipf_floor=0.0, least_safety=0.0),
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Qads(Substitution):
    """Synonym substitution in the question; context and answers stay as they are.

    ``edits`` words are replaced in every variant ("all": as many as can be); ``pos`` are the parts of
    speech to touch; ``sense`` is the disambiguation method; ``zipf_floor`` the least frequency of a
    substitute (log10 per billion words) and ``least_safety`` the least estimated share of people who accept
    it. None: as ``preset`` has it. ``cross_fitted`` judges each word by weights that were fitted without the
    judgements on it: for measuring the attack on the data it was fitted on (robust validity).
    """

    name: ClassVar[str] = "qads.v1"

    preset: str = "safe"
    edits: int | str | None = None
    pos: str = "nvar"
    sense: str = "enhanced-lesk-2014"
    zipf_floor: float | None = None
    least_safety: float | None = None
    cross_fitted: bool = False

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise UserError(f"preset {self.preset!r}: not known, expected one of {', '.join(PRESETS)}")
        preset = PRESETS[self.preset]
        for setting in ("edits", "zipf_floor", "least_safety"):
            if getattr(self, setting) is None:
                object.__setattr__(self, setting, getattr(preset, setting))
        if self.edits != ALL and not (isinstance(self.edits, int) and self.edits >= 1):
            raise UserError(f"edits {self.edits!r}: expected a number from 1, or {ALL!r}")
        if not self.pos or not set(self.pos) <= set("nvar"):
            wrong = "".join(dict.fromkeys(letter for letter in self.pos if letter not in "nvar"))
            found = f"found {wrong!r}" if wrong else "found nothing"
            raise UserError(
                f"pos {self.pos!r}: {found}, expected letters out of n, v, a, r (noun, verb, adjective, "
                "adverb)"
            )
        if not 0 <= (self.least_safety or 0.0) <= 1:
            raise UserError(f"least_safety {self.least_safety}: expected a share, 0 to 1")
        if not math.isfinite(self.zipf_floor or 0.0):
            raise UserError(f"zipf_floor {self.zipf_floor}: expected a number such as 3.2")
        for setting in ("least_safety", "zipf_floor", "cross_fitted"):
            if self.preset == "paper" and getattr(self, setting):
                raise UserError(
                    f"{setting} {getattr(self, setting)}: the preset 'paper' takes every substitute as it "
                    "comes; leave it out"
                )
        disambiguator(self.sense, self.lexicon_path)

    @cached_property
    def filters(self) -> Filters:
        """What a substitute must be."""
        return Filters(strict=self.preset == "safe", zipf_floor=self.zipf_floor or 0.0)

    def senses(self, scene: Scene, index: int, seed: int = 0) -> tuple[Sense, ...]:
        """Return the senses of token ``index``, the likeliest first."""
        draw = seed if self.sense == "random-sense" else 0
        choose = disambiguator(self.sense, self.lexicon_path, draw)
        return tuple(choose.rank(scene.tokens[index].lemma, scene.pos(index), scene.context, index))

    def decide(self, scene: Scene, seed: int, *, fully: bool = False) -> list[Decision]:
        """Return what is decided about each content word; ``fully``: with all evidence, needed or not."""
        decisions = []
        for index in range(len(scene.tokens)):
            reason = off_limits(scene, index, self.pos)
            if reason is None:
                continue
            if not reason and self.filters.strict:
                reason = hazard(scene, index)
            if not reason and not fully and self.filters.strict:
                hopeless = self._hopeless(scene, index)
                if hopeless is not None:
                    decisions.append(hopeless)
                    continue
            decisions.append(Decision(index, reason) if reason else self.substitute(scene, index, seed))
        return decisions

    def _hopeless(self, scene: Scene, index: int) -> Decision | None:
        """Return the decision against a word that has no safe substitute whatever its sense, else None.

        Most words are like that; choosing their senses would be half the work.
        """
        offered, refused = offers(scene, index, self.filters)
        if not offered:
            return Decision(index, UNUSABLE, pick=Pick((), tuple(refused)))
        lemma = scene.tokens[index].lemma
        scorer = model(lemma if self.cross_fitted else None)
        word = self._word(scene, index)
        sure = (weigh(scene.lexicon, word, None, offer.substitute) for offer in offered)
        if any(scorer.safety(evidence) >= (self.least_safety or 0.0) for evidence in sure):
            return None
        return Decision(index, UNSAFE, pick=Pick((), tuple(refused)))

    def substitute(self, scene: Scene, index: int, seed: int) -> Decision:
        """Return the decision about one word, whether or not the rules let it be touched."""
        ranked = self.senses(scene, index, seed)
        pick = self.pick(scene, index, ranked)
        if not pick.choices:
            return Decision(index, UNUSABLE, ranked, pick)
        best = pick.choices[0]
        least = self.least_safety or 0.0
        delicate, more = delicacy(scene, index) if self.filters.strict else ("", 0.0)
        if best.safety < least + more:
            return Decision(index, delicate if best.safety >= least else UNSAFE, ranked, pick)
        rank = best.safety - more if self.filters.strict else _lead(ranked, best.synset)[1]
        return Decision(index, "", ranked, pick, self._edit(scene, index, ranked, best), rank)

    def _edit(self, scene: Scene, index: int, ranked: Sequence[Sense], choice: Choice) -> Edit:
        """Return the edit that puts a chosen substitute in the place of token ``index``."""
        score, margin = _lead(ranked, choice.synset)
        return word_edit(
            scene,
            index,
            choice.substitute.form,
            synset=choice.synset,
            score=score,
            margin=margin,
            reason=f"safety {choice.safety:.2f}" if self.filters.strict else "chosen sense",
        )

    def alternatives(self, scene: Scene, decision: Decision) -> Sequence[Edit]:
        """Return the edits of a word that may be replaced, best first: (safe) those that are safe enough."""
        index, choices = decision.index, decision.pick.choices
        if self.filters.strict:
            least = (self.least_safety or 0.0) + delicacy(scene, index)[1]
            choices = tuple(choice for choice in choices if choice.safety >= least)
        return [self._edit(scene, index, decision.ranked, choice) for choice in choices]

    def pick(self, scene: Scene, index: int, ranked: Sequence[Sense], within: int | None = None) -> Pick:
        """Return the usable words: of the first sense in WordNet's order, or (safe) of all, safest first."""
        if not self.filters.strict:
            synset = ranked[0].synset if within is None else within
            found, refused = substitutes(scene, index, synset, self.filters)
            return Pick(tuple(Choice(s, synset, 0.0) for s in found), tuple(refused))
        offered, refused = offers(scene, index, self.filters)
        if within is not None:
            offered = [Offer(offer.substitute, (within,)) for offer in offered if within in offer.synsets]
            refused = [refusal for refusal in refused if refusal.synset == within]
        scorer = model(scene.tokens[index].lemma if self.cross_fitted else None)
        weighed = self.weighed(scene, index, ranked, offered)
        choices = [Choice(offer, synset, scorer.safety(evidence)) for offer, synset, evidence in weighed]
        # Of words equally safe, the one of the likelier sense, then WordNet's order.
        place = {sense.synset: number for number, sense in enumerate(ranked)}
        choices.sort(key=lambda choice: (-choice.safety, place[choice.synset]))
        return Pick(tuple(choices), tuple(refused))

    def weighed(
        self, scene: Scene, index: int, ranked: Sequence[Sense], offered: Sequence[Offer]
    ) -> Iterator[tuple[Substitute, int, Evidence]]:
        """Yield each substitute offered for token ``index``, its likeliest sense and the evidence on it."""
        word = self._word(scene, index)
        trusted = trust(ranked, self.sense)
        place = {sense.synset: number for number, sense in enumerate(ranked)}
        for substitute, synsets in offered:
            synset = synsets[0] if len(synsets) == 1 else min(synsets, key=place.__getitem__)
            yield substitute, synset, weigh(scene.lexicon, word, trusted, substitute)

    def _word(self, scene: Scene, index: int) -> Replaced:
        token = scene.tokens[index]
        following = scene.tokens[index + 1].text.lower() if index + 1 < len(scene.tokens) else "."
        return Replaced(token.lemma, scene.pos(index), token.text.lower(), following)

    def select(self, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
        """Return the ``edits`` best decisions; none where there are fewer."""
        found = [decision for decision in decisions if decision.edit is not None]
        wanted = len(found) if isinstance(self.edits, str) else self.edits or 0
        if len(found) < wanted:
            return ()
        best = sorted(found, key=lambda decision: (-decision.rank, decision.index))[:wanted]
        return tuple(sorted(best, key=lambda decision: decision.index))


def _lead(ranked: Sequence[Sense], synset: int) -> tuple[float, float]:
    """Return the score of a sense and its lead over the best other."""
    score = next(sense.score for sense in ranked if sense.synset == synset)
    return score, score - max((sense.score for sense in ranked if sense.synset != synset), default=0.0)
