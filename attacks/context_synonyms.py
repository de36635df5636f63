"""Safe synonyms in the paragraph: each of its sentences is reworded as ``qads.v1`` rewords a question.

The same filters, sense choice and estimate of safety; no gold answer is touched, nor a word of one anywhere,
and the answers move to where they then stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar, NamedTuple

from attacks.qads import Qads
from robust.attack.decision import count
from robust.attack.records import Edit, Field
from robust.attack.scene import Scene
from robust.attack.sentences import sentences
from robust.attack.sites import Site, SiteAttack
from robust.errors import UserError
from robust.squad.records import Question
from robust.words.untouchable import answer_words


@dataclass(frozen=True, kw_only=True, repr=False)
class ContextSynonyms(SiteAttack):
    """Words of the paragraph replaced by synonyms.

    ``edits`` of them are, or a share of those that can be (``rate``); the safest go first. ``only_shared``
    touches only words that stand in the question, too: it lowers the overlap of the two. ``least_safety``,
    ``zipf_floor``, ``sense`` and ``pos`` are those of ``qads.v1``.
    """

    name: ClassVar[str] = "context-synonyms.v1"
    edits_field: ClassVar[Field] = "context"
    source: ClassVar[str] = (
        "QADS (Lin et al. 2020, arXiv 2010.13049), in the paragraph instead of the question"
    )
    ranks: ClassVar[bool] = True

    edits: int = 3
    rate: float = 0.0
    only_shared: bool = False
    pos: str = "nvar"
    sense: str = "enhanced-lesk-2014"
    zipf_floor: float = 3.2
    least_safety: float = 0.4

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.rate <= 1:
            raise UserError(f"{self.name}: rate {self.rate}: expected a share, 0 to 1 (0: edits words)")
        self.rules  # noqa: B018 (it checks the settings)

    @cached_property
    def rules(self) -> Qads:
        """The attack whose rules hold in each sentence; UserError where a setting is none of its."""
        return Qads(
            lexicon=self.lexicon,
            pos=self.pos,
            sense=self.sense,
            zipf_floor=self.zipf_floor,
            least_safety=self.least_safety,
        )

    def wanted(self, scene: Scene, sites: Sequence[Site]) -> int:
        """Return how many words are replaced: at least one."""
        return max(1, round(self.rate * len(sites))) if self.rate else super().wanted(scene, sites)

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that have a safe synonym, the safest first."""
        question = scene.question
        swaps, refused = paragraph_swaps(self.rules, question.context, seed)
        rejected.update(refused)
        golds = answer_words(tuple(answer.text for answer in question.answers)) | scene.answer_words
        found = []
        for swap in swaps:
            reason = self._reason(scene, swap, golds)
            if reason:
                rejected[f"word: {reason}"] += 1
            else:
                found.append(swap)
        found.sort(key=lambda swap: (-swap.safety, swap.edit.start))
        return [Site((swap.edit,)) for swap in found]

    def _reason(self, scene: Scene, swap: Swap, golds: frozenset[str]) -> str:
        edit = swap.edit
        if any(a.start < edit.end and edit.start < a.end for a in scene.question.answers):
            return "inside the answer"
        after = {edit.after.lower(), *edit.after.lower().split()}
        if edit.lemma in golds or swap.form in golds or not golds.isdisjoint(after):
            return "answer word"
        if not scene.lemmas.isdisjoint(after - {"a", "an"}):
            return "substitute stands in the question"
        if self.only_shared and not {edit.lemma, swap.form} & scene.lemmas:
            return "not in the question"
        return ""


class Swap(NamedTuple):
    """A word's edit in the paragraph, its form in lower case, and how safe the substitute seems."""

    edit: Edit
    form: str
    safety: float


@lru_cache(maxsize=64)
def paragraph_swaps(rules: Qads, context: str, seed: int) -> tuple[tuple[Swap, ...], Counter[str]]:
    """Return the swaps that ``rules`` make in each sentence of a paragraph, and why others were turned down.

    The questions of a paragraph come one after the other: what depends on no question is done once.
    """
    swaps: list[Swap] = []
    refused: Counter[str] = Counter()
    for start, end in sentences(context):
        alone = Question("", context[start:end], context, (), "", False, "", "")
        scene = Scene(alone, rules.lexicon_path)
        decisions = rules.decide(scene, seed)
        count(decisions, refused)
        for decision in decisions:
            if decision.edit is not None:
                edit = decision.edit
                moved = replace(edit, field="context", start=edit.start + start, end=edit.end + start)
                form = scene.tokens[decision.index].text.lower()
                swaps.append(Swap(moved, form, decision.rank))
    return tuple(swaps), refused
