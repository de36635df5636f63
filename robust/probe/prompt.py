"""From an item to the text around the gap: pattern, demonstrations, and content-free twins.

All of it is plain text; what a tokenizer makes of it is the business of ``frame``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from robust.errors import UserError
from robust.probe.task import GAP, SLOT, Item, Task

# What stands for "nothing" in a slot (Zhao et al. 2021, section 5); the last is the model's own mask token.
CONTENT_FREE = ("N/A", "", GAP)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text before and after the place that a word is asked for."""

    left: str
    right: str

    def filled(self, word: str) -> str:
        """Return the text with ``word`` in its place."""
        return f"{self.left}{word}{self.right}"

    def spaced(self) -> Prompt:
        """Return the prompt with white space on both sides of the place."""
        left = self.left if self.left[-1:].isspace() or not self.left else f"{self.left} "
        right = self.right if self.right[:1].isspace() or not self.right else f" {self.right}"
        return Prompt(left, right)


def make_prompt(pattern: str, item: Item) -> Prompt:
    """Return the prompt that ``pattern`` makes of an item."""
    left, _, right = pattern.partition(GAP)
    return Prompt(_fill(left, item.slots).lstrip(), _fill(right, item.slots).rstrip())


def with_demonstrations(prompt: Prompt, task: Task, pattern: str, shown: Sequence[Item]) -> Prompt:
    """Return the prompt behind solved items: each in the same pattern, with its label's first word.

    One space stands between them: most tokenizers here know no line ends.
    """
    solved = [make_prompt(pattern, item).filled(task.verbaliser[item.label][0]) for item in shown]
    return Prompt(" ".join([*solved, prompt.left]), prompt.right)


def content_free(item: Item, mask: str) -> list[Item]:
    """Return twins of an item that say nothing: the same slots, holding one of ``CONTENT_FREE`` each.

    ``mask`` is what the tokenizer calls its mask token.
    """
    fillers = [mask if filler == GAP else filler for filler in CONTENT_FREE]
    return [Item(dict.fromkeys(item.slots, filler), item.label) for filler in fillers]


def draw_demonstrations(task: Task, index: int, *, shots: int, seed: int) -> list[Item]:
    """Return ``shots`` items of each label, never item ``index`` itself, in an order drawn with them.

    The draw depends on the seed, the task's name and the item's place. Raises UserError where a label has
    too few items.
    """
    random = Random(f"{seed}|{task.name}|{index}")
    shown: list[Item] = []
    for label in task.labels:
        others = [item for i, item in enumerate(task.items) if item.label == label and i != index]
        if len(others) < shots:
            raise UserError(
                f"--shots {shots}: task {task.name} has {len(others)} items of label {label!r} beside the "
                f"one that is asked; expected {shots} or more; give fewer shots or more items"
            )
        shown += random.sample(others, shots)
    random.shuffle(shown)
    return shown


def _fill(part: str, slots: Mapping[str, str]) -> str:
    return SLOT.sub(lambda match: slots[match[1]].strip(), part)
