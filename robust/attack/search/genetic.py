"""Genetic: a population of edit sets, bred and changed by chance (after Alzantot et al. 2018)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from robust.attack.search.strategy import (
    NOT_ALLOWED,
    CandidateEdits,
    Choice,
    Space,
    Strategy,
    Trial,
    changed,
    edits_of,
    size,
    unedited,
)
from robust.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class Genetic(Strategy):
    """Breeds ``generations`` of ``population`` edit sets; parents are drawn by their loss, the best lives on.

    A child takes each place from one of two parents, and then one place changes.
    """

    name: ClassVar[str] = "genetic"

    population: int = 12
    generations: int = 8

    def __post_init__(self) -> None:
        for setting in ("population", "generations"):
            if getattr(self, setting) < 2:
                raise UserError(f"genetic: {setting} {getattr(self, setting)}: expected a number from 2")

    def trial(self, space: Space) -> Trial:
        """Return the search of one question."""
        random = space.random
        members = [_mutated(space, unedited(space.sites), random) for _ in range(self.population)]
        for _ in range(self.generations):
            losses = yield [CandidateEdits(edits_of(space.sites, choice)) for choice in members]
            best = members[max(range(len(members)), key=losses.__getitem__)]
            weights = _weights(losses)
            pairs = [random.choices(members, weights, k=2) for _ in range(self.population - 1)]
            members = [best, *(_mutated(space, _child(space, pair, random), random) for pair in pairs)]


def _mutated(space: Space, choice: Choice, random: Random) -> Choice:
    """Return the choice with one place edited otherwise; among those edited where no more may be."""
    places = [place for place in range(len(space.sites)) if choice[place] >= 0 or size(choice) < space.most]
    place = random.choice(places)
    return changed(choice, place, random.randrange(len(space.sites[place].edits)))


def _child(space: Space, parents: Sequence[Choice], random: Random) -> Choice:
    """Return a choice that takes each place from one of its parents, with no more edits than may be."""
    child = tuple(random.choice(pair) for pair in zip(*parents, strict=True))
    edited = [place for place, edit in enumerate(child) if edit >= 0]
    for place in random.sample(edited, max(0, len(edited) - space.most)):
        child = changed(child, place, -1)
    return child


def _weights(losses: Sequence[float]) -> list[float]:
    """Return what parents are drawn by: exp(loss), so that a member one ahead is drawn 2.7 times as often."""
    top = max(losses)
    if top == NOT_ALLOWED:
        return [1.0] * len(losses)
    return [math.exp(max(loss - top, -50.0)) for loss in losses]
