"""AddAny: a run of common words and question words is added to the paragraph; it means nothing at all.

In Jia & Liang 2017 a reader's answers choose each word of ten; here chance does, and a search
(robust attack) may, since each word has a place of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.inserting import Inserting
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site
from robust.attack.word_files import lines
from robust.words.untouchable import answer_words


@dataclass(frozen=True, kw_only=True, repr=False)
class AddAny(Inserting):
    """``edits`` words in a row, at the end of the paragraph or at another boundary (``place``).

    Half of the draw are words of the question, if ``question_words`` says so (AddAny); without them it is
    AddCommon. No word of a gold answer is among them, so that the run can hold none.
    """

    name: ClassVar[str] = "add-any.v1"
    source: ClassVar[str] = "AddAny, AddCommon: Jia & Liang 2017 (https://aclanthology.org/D17-1215/)"

    edits: int = 10
    question_words: bool = True

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return ``edits`` places at one offset, each with all words; the offset is drawn by chance."""
        question = scene.question
        places = self.gaps(scene, rejected)
        if not places:
            return []
        random = self.random(f"{question.id}|place", seed)
        at = random.choice(places)
        golds = answer_words(tuple(answer.text for answer in question.answers)) | scene.answer_words
        common = [word for text in lines("common_words.txt") for word in text.split() if word not in golds]
        own = [token.text for token in scene.tokens if token.text.isalnum() and token.lemma not in golds]
        own = [word for word in dict.fromkeys(own) if word.lower() not in golds]
        if not (self.question_words and own):
            words = common
        else:  # as many of the one as of the other: each place gets its own draw of common words
            words = [*own, *random.sample(common, min(len(own), len(common)))]
        last = not question.context[at:].strip()
        edits = tuple(
            Edit("context", at, at, "", f" {word}" if last else f"{word} ", reason="common word")
            for word in words
        )
        return [Site(edits)] * self.edits
