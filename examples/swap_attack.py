"""An attack in one file: two letters of a word change places. Register it as docs/attacks.md says."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Attack, Edits
from robust.attack.records import Edit
from robust.attack.scene import Scene


@dataclass(frozen=True, kw_only=True, repr=False)
class Swap(Attack):
    """One long word of the question with two inner letters swapped."""

    name: ClassVar[str] = "swap.v1"

    least_letters: int = 5
    """How long a word must be."""

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return the one variant's edit, or nothing where no word may be touched."""
        words = []
        for index, token in enumerate(scene.tokens):
            if index in scene.untouchable:
                rejected[f"word: {scene.untouchable[index]}"] += 1
            elif len(token.text) < self.least_letters or not token.text.isalpha():
                rejected["word: short"] += 1
            else:
                words.append(token)
        if not words:
            rejected["question: no word to swap in"] += 1
            return []
        random = self.random(scene.question.id, seed)
        token = random.choice(words)
        at = random.randrange(1, len(token.text) - 2)
        letters = list(token.text)
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
        after = "".join(letters)
        return [(Edit("question", token.start, token.end, token.text, after, reason="swap"),)]
