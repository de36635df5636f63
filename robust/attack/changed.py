"""Attacks after which the old answer is wrong: what negation, antonyms and swapped names have in common.

A reader that answers as before did not read the edited word (undersensitivity; Welbl et al. 2020, arXiv
2003.04808). What is right instead? SQuAD 2.0 says it itself: its annotators made unanswerable questions by
negation, antonyms and swapped entities of answerable ones (Rajpurkar et al. 2018, arXiv 1806.03822).
So these attacks expect abstention.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.records import Expected
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack


@dataclass(frozen=True, kw_only=True, repr=False)
class MeaningChange(SiteAttack):
    """Base of attacks that ask for something else; a subclass implements ``changes``.

    Only questions that have an answer are edited: of the others nothing can be said.
    """

    expected: ClassVar[Expected] = "abstain"

    @abstractmethod
    def changes(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places of an answered question whose edits make its answer wrong, as ``sites`` does."""

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places that may be edited; none where the question has no answer."""
        if not scene.question.answers:
            rejected["question: has no answer"] += 1
            return []
        return self.changes(scene, seed, rejected)
