"""One sentence of the paragraph moves to another place, where nothing ties it to the one before it.

Coherence is judged by form alone (`robust.attack.coherence`): what opens with a pronoun, a connective or
*this*, or says *also*, *the former*, *another*, belongs to the sentence before it; neither of the two moves,
and nothing comes between them. No two sentences change places that have a content word, a name or a number
in common (but those of the topic), or that both tell what happened. The first sentence stays (it says what
the paragraph is about), and so does each that holds an answer: the others move around it, so that its offsets
are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Attack, Edits
from robust.attack.coherence import laid_out
from robust.attack.records import Edit, Field
from robust.attack.scene import Scene
from robust.attack.sentences import sentences
from robust.errors import UserError
from robust.squad.records import Question

# What a full sentence ends with.
_CLOSES = frozenset(".!?\"”')]")


@dataclass(frozen=True, kw_only=True, repr=False)
class SentenceOrder(Attack):
    """``per_question`` variants, in each of which one sentence stands elsewhere, drawn by chance."""

    name: ClassVar[str] = "sentence-order.v1"
    edits_field: ClassVar[Field] = "context"
    source: ClassVar[str] = "sentence permutation, as in BART (Lewis et al. 2020), kept to where it is safe"

    per_question: int = 1

    def __post_init__(self) -> None:
        if self.per_question < 1:
            raise UserError(f"{self.name}: per_question {self.per_question}: expected a number from 1")

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return for each variant the two edits that take a sentence away and put it elsewhere."""
        question = scene.question
        found, links = laid_out(question.context, question.title)
        moves: list[tuple[int, int]] = []
        for index, sentence in enumerate(found):
            reason = links[index].tie or (links[index + 1].tie if index + 1 < len(found) else "")
            if index == 0:
                reason = "first of the paragraph"
            elif any(a.start < sentence.end and found[index - 1].end < a.end for a in question.answers):
                reason = "holds an answer"
            elif question.context[sentence.end - 1] not in _CLOSES:
                reason = "no full sentence"
            if reason:
                rejected[f"sentence: {reason}"] += 1
                continue
            places = _places(question, index)
            if not places:
                rejected["sentence: no place that is free"] += 1
            moves += [(index, place) for place in places]
        if not moves:
            rejected["question: no sentence that may move"] += 1
            return []
        random = self.random(question.id, seed)
        chosen = random.sample(moves, min(self.per_question, len(moves)))
        return [_move(question.context, *move) for move in chosen]


def _places(question: Question, index: int) -> list[int]:
    """Return before which sentences this one may stand; their number: at the end."""
    found, links = laid_out(question.context, question.title)
    _, own, past = links[index]
    beside = links[max(0, index - 1) : index + 2 : 2]
    if any(not own.isdisjoint(link.about) for link in beside):
        return []
    free = []
    for place in range(1, len(found) + 1):
        if place in (index, index + 1) or question.context[found[place - 1].end - 1] not in _CLOSES:
            continue
        passed = links[place:index] if place < index else links[index + 1 : place]
        if any(not own.isdisjoint(link.about) or (past and link.past) for link in passed):
            continue
        if place == len(found):
            free.append(place)
            continue
        at = found[place].start
        if not links[place].tie and not any(a.start < at < a.end for a in question.answers):
            free.append(place)
    return free


def _move(context: str, index: int, place: int) -> Edits:
    found = sentences(context)
    sentence, before = found[index], found[index - 1]
    text = context[sentence.start : sentence.end]
    if place == len(found):
        at, put = found[-1].end, f" {text}"
    else:
        at, put = found[place].start, f"{text} "
    taken = context[before.end : sentence.end]
    return (
        Edit("context", before.end, sentence.end, taken, "", reason="moved away"),
        Edit("context", at, at, "", put, reason="moved here"),
    )
