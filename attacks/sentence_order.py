"""One sentence of the paragraph moves to another place, where nothing ties it to the one before it.

Coherence is judged by form alone (`robust.attack.coherence`): what opens with a pronoun, a connective or
*this*, or says *also*, *the former*, *another*, belongs to the sentence before it and moves with it, if at
all; nothing comes between the two. No two sentences change places that have a content word, a name or a
number in common (but those of the topic), or that both tell what happened. The first sentence stays (it says
what the paragraph is about), and so does each that holds an answer: the others move around it, so that its
offsets are known. Few paragraphs have such a sentence: about one question in thirty gets a variant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from robust.attack.base import Attack, Edits
from robust.attack.coherence import Link, laid_out
from robust.attack.records import Edit, Field, apply_edits
from robust.attack.scene import Scene
from robust.attack.sentences import sentences
from robust.errors import UserError
from robust.squad.records import Question

# How many sentences move together at most.
_MOST = 3
# What a full sentence ends with.
_CLOSES = frozenset(".!?\"”')]")


@dataclass(frozen=True, kw_only=True, repr=False)
class SentenceOrder(Attack):
    """``per_question`` variants, in each of which one sentence, with what hangs on it, stands elsewhere.

    No two are the same; there may be fewer.
    """

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
        moves: list[Move] = []
        for index, sentence in enumerate(found):
            end = _end_of_block(links, index)
            last = found[end - 1].end
            reason = links[index].tie
            if index == 0:
                reason = "first of the paragraph"
            elif any(a.start < last and found[index - 1].end < a.end for a in question.answers):
                reason = "holds an answer"
            elif not reason and end - index > _MOST:
                reason = "too much hangs on it"
            elif any(question.context[one.end - 1] not in _CLOSES for one in (sentence, found[end - 1])):
                reason = "no full sentence"
            if reason:
                rejected[f"sentence: {reason}"] += 1
                continue
            places = _places(question, index, end)
            if not places:
                rejected["sentence: no place that is free"] += 1
            moves += [Move(index, end, place) for place in places]
        if not moves:
            rejected["question: no sentence that may move"] += 1
            return []
        # two neighbours change places by either's move: of moves that come to one text the first counts
        made: dict[str, Edits] = {}
        for move in self.random(question.id, seed).sample(moves, len(moves)):
            edits = _move(question.context, move)
            made.setdefault(apply_edits(question.context, edits, "context"), edits)
            if len(made) == self.per_question:
                break
        return list(made.values())


class Move(NamedTuple):
    """The sentences ``first`` to before ``end`` go before ``place``; the number of all: at the end."""

    first: int
    end: int
    place: int


def _end_of_block(links: Sequence[Link], first: int) -> int:
    """Return the number after the sentences that hang on this one."""
    end = first + 1
    while end < len(links) and links[end].tie:
        end += 1
    return end


def _places(question: Question, first: int, end: int) -> list[int]:
    """Return before which sentences these may stand; the number of all: at the end."""
    found, links = laid_out(question.context, question.title)
    own = frozenset[str]().union(*(link.about for link in links[first:end]))
    past = any(link.past for link in links[first:end])
    beside = (*links[max(0, first - 1) : first], *links[end : end + 1])
    if any(not own.isdisjoint(link.about) for link in beside):
        return []
    free = []
    for place in range(1, len(found) + 1):
        if first <= place <= end or question.context[found[place - 1].end - 1] not in _CLOSES:
            continue
        passed = links[place:first] if place < first else links[end:place]
        if any(not own.isdisjoint(link.about) or (past and link.past) for link in passed):
            continue
        if place == len(found):
            free.append(place)
            continue
        at = found[place].start
        if not links[place].tie and not any(a.start < at < a.end for a in question.answers):
            free.append(place)
    return free


def _move(context: str, move: Move) -> Edits:
    found = sentences(context)
    start, end, before = found[move.first].start, found[move.end - 1].end, found[move.first - 1].end
    text = context[start:end]
    if move.place == len(found):
        at, put = found[-1].end, f" {text}"
    else:
        at, put = found[move.place].start, f"{text} "
    return (
        Edit("context", before, end, context[before:end], "", reason="moved away"),
        Edit("context", at, at, "", put, reason="moved here"),
    )
