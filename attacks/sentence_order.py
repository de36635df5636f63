"""One sentence of the paragraph moves to another place, where nothing ties it to the one before it.

Coherence is judged by form alone: what opens with a pronoun, a connective or *this*, or says *also*, *the
former*, *another*, belongs to the sentence before it; neither of the two moves, and nothing comes between
them. The first sentence stays (it says what the paragraph is about), and so does each that holds an answer:
the others move around it, so that its offsets are known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from robust.attack.base import Attack, Edits
from robust.attack.records import Edit, Field
from robust.attack.scene import Scene
from robust.attack.sentences import Sentence, sentences
from robust.attack.vocabulary import word_set
from robust.errors import UserError
from robust.squad.records import Question
from robust.words.tokens import forms

# Words that refer to something said before wherever they stand in a sentence.
_TIES = word_set(
    "also too however therefore thus hence then later afterwards afterward meanwhile instead again likewise "
    "similarly furthermore moreover additionally consequently nevertheless nonetheless otherwise another "
    "other others former latter such same these those this finally subsequently eventually besides "
    "accordingly conversely alternatively second secondly third thirdly lastly still yet even both either "
    "neither"
)
# Words that refer to something said before if no noun of their own sentence comes first.
_PRONOUNS = word_set(
    "he she it they him her them his hers its their theirs one ones some most many several few all none each "
    "there here that so and but or nor because although though while whereas since when after before once"
)
_PERSONS = word_set("he she his him her hers")
_FIRST_WORDS = 4
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
        found, ties = laid_out(question.context)
        moves: list[tuple[int, int]] = []
        for index, sentence in enumerate(found):
            reason = ties[index] or (ties[index + 1] if index + 1 < len(found) else "")
            if index == 0:
                reason = "first of the paragraph"
            elif any(a.start < sentence.end and found[index - 1].end < a.end for a in question.answers):
                reason = "holds an answer"
            elif question.context[sentence.end - 1] not in _CLOSES:
                reason = "no full sentence"
            if reason:
                rejected[f"sentence: {reason}"] += 1
                continue
            moves += [(index, place) for place in _places(question, index)]
        if not moves:
            rejected["question: no sentence that may move"] += 1
            return []
        random = self.random(question.id, seed)
        chosen = random.sample(moves, min(self.per_question, len(moves)))
        return [_move(question.context, *move) for move in chosen]


@lru_cache(maxsize=64)
def laid_out(context: str) -> tuple[tuple[Sentence, ...], tuple[str, ...]]:
    """Return the sentences of a paragraph and what ties each to the one before it, "" where nothing does."""
    found = sentences(context)
    return found, tuple(_tie(context[start:end]) for start, end in found)


def _places(question: Question, index: int) -> list[int]:
    """Return before which sentences this one may stand; their number: at the end."""
    found, ties = laid_out(question.context)
    free = []
    for place in range(1, len(found) + 1):
        if place in (index, index + 1):
            continue
        if place == len(found):
            if question.context[found[-1].end - 1] in _CLOSES:
                free.append(place)
            continue
        at = found[place].start
        if not ties[place] and not any(a.start < at < a.end for a in question.answers):
            free.append(place)
    return free


def _tie(sentence: str) -> str:
    """Return what ties a sentence to the one before it, or ""."""
    words = [form.lower() for form in forms(sentence)]
    if not _TIES.isdisjoint(words):
        return "a connective or demonstrative"
    if not _PRONOUNS.isdisjoint(words[:_FIRST_WORDS]):
        return "opens with a pronoun or conjunction"
    # "his" further on may refer to a name of its own sentence; without one it refers back
    if not _PERSONS.isdisjoint(words) and not re.search(r"\s[A-Z]", sentence):
        return "a pronoun without a name"
    return ""


def _move(context: str, index: int, place: int) -> Edits:
    found, _ = laid_out(context)
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
