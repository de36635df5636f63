"""A sentence about something else is put into the paragraph; it says nothing that was asked.

One of some sixty neutral sentences of our own, drawn by chance among those that share no content word with
question or answers. TextFlint's AddSentDiverse has the opposite in mind (a sentence close to the question);
what falls here is the fault of any added text at all, so it is the control of ``add-sent.v1``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.distractor import asked_words, words_of
from robust.attack.inserting import Inserting
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sentences import insertion
from robust.attack.sites import Site
from robust.attack.word_files import lines


@dataclass(frozen=True, kw_only=True, repr=False)
class IrrelevantSentence(Inserting):
    """A neutral sentence at the end of the paragraph, at its beginning, or at a boundary between sentences.

    ``place`` is "last", "first" or "middle"; in the middle every boundary that lies in no answer will do, and
    ``edits`` of them get a sentence (elsewhere there is one place only).
    """

    name: ClassVar[str] = "irrelevant-sentence.v1"
    source: ClassVar[str] = (
        "Jia & Liang 2017 (https://aclanthology.org/D17-1215/), its control without a question"
    )

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places, each with the sentences that have nothing to do with the question."""
        question = scene.question
        places = self.gaps(scene, rejected)
        if not places:
            return []
        asked = asked_words(scene)
        fit = [sentence for sentence in lines("neutral.txt") if asked.isdisjoint(words_of(sentence))]
        rejected["sentence: shares a word with question or answer"] += len(lines("neutral.txt")) - len(fit)
        found: list[Site] = []
        for at in places:
            edits: list[Edit] = []
            for sentence in fit:
                edits += insertion(question, at, sentence, "neutral sentence")
            found.append(Site(tuple(edits)))
        return found
