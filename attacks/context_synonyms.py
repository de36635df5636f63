"""Safe synonyms in the paragraph: each of its sentences is reworded as ``qads.v1`` rewords a question.

The same filters, sense choice and estimate of safety, and stricter: an article has more terms than a
question. Of each sentence only the safest word is offered, and none that the paragraph says again, of
which another form may be a term. No gold answer is touched, nor a word of one anywhere, and the answers move
to where they then stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import ClassVar, NamedTuple

from attacks.qads import Qads
from robust.attack.decision import Decision, count
from robust.attack.records import Edit, Field
from robust.attack.scene import Scene
from robust.attack.sentences import sentences
from robust.attack.sites import Site, SiteAttack
from robust.attack.word_facts import usual
from robust.errors import UserError
from robust.squad.records import Question
from robust.words.closed_class import word_set
from robust.words.senses import Context, content_lemmas
from robust.words.tokens import forms
from robust.words.untouchable import answer_words


@dataclass(frozen=True, kw_only=True, repr=False)
class ContextSynonyms(SiteAttack):
    """Words of the paragraph replaced by synonyms.

    ``edits`` of them are, or a share of those that can be (``rate``); the safest go first, one a sentence. A
    noun must be 0.12 safer than ``least_safety``: most terms are nouns. ``only_shared`` touches only words
    that stand in the question, too: it lowers the overlap of the two. ``least_safety``, ``zipf_floor``,
    ``sense`` and ``pos`` are those of ``qads.v1``.
    """

    name: ClassVar[str] = "context-synonyms.v1"
    edits_field: ClassVar[Field] = "context"
    source: ClassVar[str] = (
        "QADS (Lin et al. 2020, arXiv 2010.13049), in the paragraph instead of the question"
    )
    ranks: ClassVar[bool] = True

    edits: int = 1
    rate: float = 0.0
    only_shared: bool = False
    pos: str = "nvar"
    sense: str = "enhanced-lesk-2014"
    zipf_floor: float = 3.2
    least_safety: float = 0.7

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
        asked = answer_words((question.text,))
        found, taken = [], set()
        for swap in swaps:  # of a sentence the safest first
            reason = "" if swap.sentence in taken else self._reason(question, swap, golds, asked)
            if reason:
                rejected[f"word: {reason}"] += 1
            elif swap.sentence not in taken:
                taken.add(swap.sentence)
                found.append(swap)
        found.sort(key=lambda swap: (-swap.safety, swap.edit.start))
        return [Site((swap.edit,)) for swap in found]

    def _reason(self, question: Question, swap: Swap, golds: frozenset[str], asked: frozenset[str]) -> str:
        edit = swap.edit
        if any(a.start < edit.end and edit.start < a.end for a in question.answers):
            return "inside the answer"
        after = {edit.after.lower(), *edit.after.lower().split()}
        if edit.lemma in golds or swap.form in golds or not golds.isdisjoint(after):
            return "answer word"
        if not asked.isdisjoint(after):
            return "substitute stands in the question"
        if self.only_shared and not {edit.lemma, swap.form} & asked:
            return "not in the question"
        return ""


# How much safer a noun must be; how much of a word tells that another is of its family; words of degree; and
# the share of its uses that a substitute must have in its part of speech.
NOUN = 0.12
_STEM = 6
_DEGREES = word_set("more most less least very so as how too quite rather much far")
_MOSTLY = 0.5
# Terms, and words that WordNet's synonyms seldom fit: their respective claims, weeks later, a fiscal year.
_TERMS = word_set(
    "respective later ultimately fiscal financial employ velocity rule adviser advisor citation"
)


class _Part(Scene):
    """A sentence laid out as a question is; ``paragraph`` are the content words of all, each tagged once."""

    paragraph: tuple[str, ...] = ()

    def __init__(self, text: str, context: str, rules: Qads) -> None:
        super().__init__(Question("", text, context, (), "", False, "", ""), rules.lexicon_path)

    @cached_property
    def context(self) -> Context:
        """The content words of sentence and paragraph, for choosing senses."""
        return replace(Context.of(self.tokens), paragraph=self.paragraph)


class Swap(NamedTuple):
    """A word's edit in the paragraph, its sentence's start, its form in lower case, and how safe it is."""

    edit: Edit
    sentence: int
    form: str
    safety: float


@lru_cache(maxsize=64)
def paragraph_swaps(rules: Qads, context: str, seed: int) -> tuple[tuple[Swap, ...], Counter[str]]:
    """Return the swaps that ``rules`` make in each sentence of a paragraph, and why others were turned down.

    The questions of a paragraph come one after the other: what depends on no question is done once.
    """
    swaps: list[Swap] = []
    refused: Counter[str] = Counter()
    often = Counter(form.lower()[:_STEM] for form in forms(context))
    places = sentences(context)
    scenes = [_Part(context[start:end], context, rules) for start, end in places]
    lemmas = content_lemmas([token for scene in scenes for token in scene.tokens])
    for (start, _), scene in zip(places, scenes, strict=True):
        scene.paragraph = lemmas
        decisions = rules.decide(scene, seed)
        count(decisions, refused)
        found: list[Swap] = []
        for decision in decisions:
            if decision.edit is None:
                continue
            reason = _term(scene, decision, often, rules.least_safety or 0.0)
            if reason:
                refused[f"word: {reason}"] += 1
                continue
            edit = decision.edit
            moved = replace(edit, field="context", start=edit.start + start, end=edit.end + start)
            found.append(Swap(moved, start, scene.tokens[decision.index].text.lower(), decision.rank))
        found.sort(key=lambda swap: (-swap.safety, swap.edit.start))
        swaps += found
    return tuple(swaps), refused


def _term(scene: Scene, decision: Decision, often: Counter[str], least: float) -> str:  # noqa: PLR0911
    """Return why a word of an article is left alone that a question's would not be, or ""."""
    index, choice = decision.index, decision.pick.choices[0]
    token, text = scene.tokens[index], scene.question.text
    if token.lemma in _TERMS:
        return "a term, or no synonym fits"
    if often[token.text.lower()[:_STEM]] > 1:
        return "said again in the paragraph"
    around = text[token.start - 1 : token.start] + text[token.end : token.end + 2]
    if re.search(r"[@/_\[\]]|^\.|\.\w", around) or text.count("[", 0, token.start) > text.count(
        "]", 0, token.start
    ):
        return "in a note or an address"
    before = [other.text.lower() for other in scene.tokens[max(0, index - 2) : index]]
    if scene.pos(index) in ("a", "r") and before[-1:] and before[-1] in _DEGREES:
        return "compared"
    if usual(scene.lexicon, choice.substitute.lemma, scene.pos(index)) < _MOSTLY:
        return "substitute mostly of another part of speech"
    if scene.pos(index) == "n":
        after = scene.tokens[index + 1].text.lower() if index + 1 < len(scene.tokens) else ""
        if len(before) == 2 and scene.tokens[index - 2].tag in ("IN", "TO") and after in ("of", "that", "to"):
            return "fixed phrase"
        if decision.rank < least + NOUN:
            return "noun not safe enough"
    return ""
