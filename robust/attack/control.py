"""Control arms: the same words of the same questions as the arm they control, replaced otherwise.

What falls on the arm but not on its control is due to what tells the two apart: the sense that was chosen
(first sense, random sense), that the replacement means the same at all (non-synonym of equal frequency),
that anything was replaced (identity).
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from robust.attack.base import Attack, Attempt, Edits
from robust.attack.candidates import Refusal
from robust.attack.decision import Decision, Pick, count_refusals
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.substitution import Substitution, edited_token, word_edit
from robust.words.senses import prior


@dataclass(frozen=True, kw_only=True, repr=False)
class Control(Attack):
    """Base of the control arms; an arm implements ``replace``.

    ``arm`` is the attack under control. Standing alone, a control runs it first to learn its words.
    """

    arm: Attack

    @abstractmethod
    def replace(
        self, scene: Scene, edit: Edit, *, seed: int, random: Random, rejected: Counter[str]
    ) -> Edit | None:
        """Return an edit of the very span of ``edit``, or None if this control has none (count why)."""

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Run the arm under control to learn its words, and answer its edits."""
        return self._answer(scene, seed, self.arm.rewrite(scene, seed, rejected), rejected)

    def attempt_beside(self, scene: Scene, seed: int, arm: Sequence[Edits]) -> Attempt:
        """Return the answer to the edits of the arm under control, where they are known already."""
        rejected: Counter[str] = Counter()
        return self.checked(scene, seed, self._answer(scene, seed, arm, rejected), rejected)

    def _answer(
        self, scene: Scene, seed: int, arm: Sequence[Edits], rejected: Counter[str]
    ) -> Sequence[Edits]:
        random = self.random(scene.question.id, seed)
        answered: list[Edits] = []
        for edits in arm:
            made = [self.replace(scene, edit, seed=seed, random=random, rejected=rejected) for edit in edits]
            whole = tuple(edit for edit in made if edit is not None)
            # All the words or none: with some of them, it would no longer be the same comparison.
            if len(whole) == len(edits):
                answered.append(whole)
            else:
                answered.append(())  # the next one keeps the number of the variant it answers
                rejected["question: a word without a control"] += 1
        return answered


@dataclass(frozen=True, kw_only=True, repr=False)
class SenseControl(Control):
    """Base of the controls that choose another sense; an arm implements ``order``."""

    arm: Substitution

    @abstractmethod
    def order(self, scene: Scene, senses: tuple[int, ...], random: Random) -> list[int]:
        """Return the senses of the word in the order in which they are to be tried."""

    def replace(
        self, scene: Scene, edit: Edit, *, seed: int, random: Random, rejected: Counter[str]
    ) -> Edit | None:
        """Return an edit in the first sense of the order that has a substitute by the arm's own rules.

        Since the arm found one in some sense, only an arm that does not substitute in senses is left without.
        """
        index = edited_token(scene, edit)
        if index is None:
            rejected["word: not one word"] += 1
            return None
        decision = self._decide(scene, index, seed, random)
        count_refusals(decision.pick, rejected)
        if decision.edit is None:
            rejected[f"word: {decision.reason}"] += 1
        return decision.edit

    def substitute(self, scene: Scene, index: int, seed: int) -> Decision:
        """Return the decision about token ``index``, whether or not the arm would touch it.

        It ranks by the share of the word's uses that are in the sense (P(s|w) of WordNet's counts).
        """
        return self._decide(scene, index, seed, self.random(f"{scene.question.id}:{index}", seed))

    def _decide(self, scene: Scene, index: int, seed: int, random: Random) -> Decision:
        """Return the first substitute that the arm's own rule gives, sense by sense."""
        lexicon, lemma = scene.lexicon, scene.tokens[index].lemma
        senses = lexicon.senses(lemma, scene.pos(index))
        # The arm's evidence on the word is the same whichever sense is taken: only the sense differs.
        ranked = self.arm.senses(scene, index, seed) if senses else ()
        refused: list[Refusal] = []
        for synset in self.order(scene, senses, random):
            pick = self.arm.pick(scene, index, ranked, synset)
            refused += pick.refused
            if pick.choices:
                form = pick.choices[0].substitute.form
                edit = word_edit(scene, index, form, synset=synset, reason=self.name)
                rank = prior(lexicon, lemma, senses)[senses.index(synset)]
                return Decision(index, "", ranked, Pick(pick.choices, tuple(refused)), edit, rank)
        return Decision(index, "no substitute in any sense", ranked, Pick((), tuple(refused)))
