"""A negation put into the question, or taken out of it: *What did the king not build?*"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.changed import MeaningChange
from robust.attack.negating import Found, NoPlace, negate, take_out
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site
from robust.errors import UserError

FORMS = ("full", "contracted")


@dataclass(frozen=True, kw_only=True, repr=False)
class Negation(MeaningChange):
    """Put a "not" into the question, or take it out: the answer was right for the opposite.

    ``form`` is ``full`` (*did not*, *is not*) or ``contracted`` (*didn't*, *isn't*; where English has no such
    form, as of *may*, the full one). Verbs without an auxiliary get *do*: *Who built it?*, *Who did not
    build it?* Left alone and counted: questions whose verb cannot be told for sure, those that ask how much
    something is, definitions, and words that do not go with *not* (*also*, *some*). "Who did not build it?"
    is true of nearly everybody; the paragraph does not say of whom, so the right response is to abstain, as
    in SQuAD 2.0, a tenth of whose unanswerable questions were made like this.
    """

    name: ClassVar[str] = "negation.v1"
    source: ClassVar[str] = "Niven & Kao 2019 (arXiv 1907.07355); CheckList, Ribeiro et al. 2020"

    form: str = "full"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.form not in FORMS:
            raise UserError(f"{self.name}: form {self.form!r}: not known, expected one of {', '.join(FORMS)}")

    def changes(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the one place where a negation is put in, or taken out."""
        try:
            found = take_out(scene.tokens) or negate(scene.tokens, contracted=self.form == "contracted")
        except NoPlace as reason:
            rejected[f"question: {reason}"] += 1
            return []
        if edit := _edit(scene, found):
            return [Site((edit,))]
        rejected["word: answer word"] += 1
        return []


def _edit(scene: Scene, found: Found) -> Edit | None:
    """Return the edit, or None where it would take a word of the answer."""
    first, last = scene.tokens[found.first], scene.tokens[found.last]
    before = scene.question.text[first.start : last.end]
    words = {token.text.lower() for token in scene.tokens[found.first : found.last + 1]}
    if scene.answer_words & {*words, *before.lower().split()}:
        return None
    return Edit(
        field="question",
        start=first.start,
        end=last.end,
        before=before,
        after=found.after,
        lemma="not",
        tag="r",
        reason=found.reason,
    )
