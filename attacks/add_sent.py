"""AddSent: a sentence is added that looks like an answer, and is the answer to another question.

As in Jia & Liang 2017, without their parser and their crowd: the question is altered (names, numbers,
adjectives, else a noun), an answer of the gold answer's kind is invented, and rules make a statement of both.
The altered question is another one, so the right answer stays the same, and what had none still has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from robust.attack.alteration import alter
from robust.attack.declarative import statement, written
from robust.attack.distractor import holds_answer
from robust.attack.fake_answers import FakeAnswers
from robust.attack.inserting import Inserting
from robust.attack.question_parts import Unfit, take_apart
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sentences import insertion
from robust.attack.sites import Site
from robust.errors import UserError
from robust.words.untouchable import answer_words

# Why a statement was refused that another draw may mend.
BY_CHANCE = ("no answer of that kind left", "holds the answer", "stands in the paragraph")
_FEWEST_WORDS, _MOST_WORDS = 4, 40


@dataclass(frozen=True, kw_only=True, repr=False)
class AddSent(Inserting):
    """An altered question with an invented answer, as a statement at the end of the paragraph (``place``).

    ``candidates`` statements are made of a question, and one drawn by chance is added: AddOneSent.
    ``per_question`` variants each have another, and the worst of them is AddSent. No statement holds a gold
    answer, and each differs from the question in a name, a number, an adjective or a noun at least.
    """

    name: ClassVar[str] = "add-sent.v1"
    source: ClassVar[str] = "AddSent, AddOneSent: Jia & Liang 2017 (https://aclanthology.org/D17-1215/)"

    candidates: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.candidates < self.per_question:
            raise UserError(
                f"{self.name}: candidates {self.candidates}: expected at least per_question "
                f"({self.per_question})"
            )

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places, each with the statements that may stand there."""
        question = scene.question
        places = self.gaps(scene, rejected)
        if not places:
            return []
        random = self.random(f"{question.id}|sentences", seed)
        made: dict[str, None] = {}
        for _ in range(self.candidates):
            try:
                made[distraction(scene, random)] = None
            except Unfit as reason:
                rejected[f"sentence: {reason}"] += 1
                if str(reason) not in BY_CHANCE:
                    break  # the next would fail alike
        if not made:
            return []
        found: list[Site] = []
        for at in places:
            edits: list[Edit] = []
            for sentence in made:
                edits += insertion(question, at, sentence, "altered question, invented answer")
            found.append(Site(tuple(edits)))
        return found


def distraction(scene: Scene, random: Random) -> str:
    """Return a statement that answers a question like this one; Unfit with the reason where none is made."""
    question = scene.question
    golds = [answer.text for answer in question.answers]
    altered, changes = alter(scene, random)
    if not changes:
        raise Unfit("nothing to alter")
    asked = take_apart(altered)
    gold_words = answer_words(tuple(golds)) | scene.answer_words
    fake = FakeAnswers(random, question.context, golds, gold_words)
    answer, adverbial = fake.answer(asked)
    words = statement(asked, answer, adverbial)
    if not _FEWEST_WORDS <= len(words) <= _MOST_WORDS:
        raise Unfit("too short or too long")
    sentence = written(words)
    if holds_answer(question, sentence):
        raise Unfit("holds the answer")
    if sentence.rstrip(".").lower() in question.context.lower():
        raise Unfit("stands in the paragraph")
    return sentence
