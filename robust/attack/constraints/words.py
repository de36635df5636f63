"""That a word is replaced by one of its kind: part of speech, inflection, how sure its sense was."""

from __future__ import annotations

import math

from robust.attack.constraints.base import Kind
from robust.attack.constraints.edited import Edited
from robust.words.tokens import coarse


def other_part_of_speech(edited: Edited) -> float:
    """Return how many replaced words are of another part of speech now, as the tagger has it.

    Words that no single word replaced are not judged; names and function words are a kind each by their tag.
    """
    return sum(_kind(before.tag) != _kind(after.tag) for before, after in edited.replaced)


def other_inflection(edited: Edited) -> float:
    """Return how many replaced words bear another Penn tag now: number, tense, degree."""
    return sum(before.tag != after.tag for before, after in edited.replaced)


def sense_margin(edited: Edited) -> float:
    """Return the least lead of a chosen sense over the next; infinite where no edit chose one."""
    return min((edit.margin for edit in edited.edits if edit.sense), default=math.inf)


def _kind(tag: str) -> str:
    return coarse(tag) or ("name" if tag.startswith("NNP") else tag)


KINDS = (
    Kind(
        "part-of-speech",
        other_part_of_speech,
        True,
        0,
        "replaced words that are of another part of speech now",
        "PartOfSpeech",
    ),
    Kind("inflection", other_inflection, True, 0, "replaced words whose Penn tag (number, tense) is another"),
    Kind("sense-margin", sense_margin, False, 0.0, "lead of a chosen sense over the next, the least of them"),
)
