"""Names of the question exchanged for others of the same: the United States for the U.S., FCC in full.

From a table of countries, cities, wars, bodies and persons, and from the paragraph, which often explains an
acronym itself: "Federal Communications Commission (FCC)". Left alone are parts of longer names (United States
Navy), quotations, words of the answer, and questions that ask for a name or what letters stand for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.aliases import THE, names_in
from robust.attack.protected import protected
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.squad.metric import normalise_answer
from robust.words.closed_class import word_set

_ASKS_FOR_A_NAME = (
    "stand for", "stands for", "acronym", "abbreviat", "initials", "full name", "called", "another name",
    "other name", "known as", "also known", "renamed", "short for", "mean in", "the name", "term ",
)  # fmt: skip

_MODIFIED = frozenset(("NN", "NNS", "NNP", "NNPS", "JJ", "CD", "VBG"))
# Words that an article may follow.
_BEFORE_ARTICLE = word_set(
    "did does do is are was were has have had can could will would should of in on at by to from for with "
    "and or between during since until after before about against under over into through when where that "
    "than as who what which join leave create created founded established made within without "
    "via among toward towards"
)


@dataclass(frozen=True, kw_only=True, repr=False)
class EntityAlias(SiteAttack):
    """Names exchanged for other names of the same, FCC for its full name; ``edits`` of them a variant."""

    name: ClassVar[str] = "entity-alias.v1"
    source: ClassVar[str] = "Longpre et al. 2021 (alias substitution); CheckList (Ribeiro et al. 2020)"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the names that have others, in the text's order."""
        text = scene.question.text
        if any(phrase in text.lower() for phrase in _ASKS_FOR_A_NAME):
            rejected["question: asks for a name"] += 1
            return []
        found = []
        answers = {normalise_answer(answer.text) for answer in scene.question.answers}
        for start, end, others, reason in names_in(text, scene.question.context):
            refused = _part_of_longer(text, start, end) or protected(scene, start, end)
            if refused:
                rejected[f"word: {refused}"] += 1
                continue
            edits = []
            modifies = _modifies(scene, end)
            for other in others:
                if refused := _unfit(text[:start], text[start:end], other, modifies):
                    rejected[f"substitute: {refused}"] += 1
                    continue
                edit = _edit(text, start, end, other, reason)
                if edit.after.lower() in text.lower():  # named twice, both ways
                    rejected["substitute: in the question already"] += 1
                elif protected(scene, start, end, edit.after) or normalise_answer(edit.after) in answers:
                    rejected["substitute: answer word"] += 1
                else:
                    edits.append(edit)
            if edits:
                found.append(Site(tuple(edits)))
        return found


def _modifies(scene: Scene, end: int) -> bool:
    """Tell whether a noun, adjective or number follows the name: *the U.S. forces*."""
    following = next((token for token in scene.tokens if token.start >= end), None)
    return following is not None and following.start == end + 1 and following.tag in _MODIFIED


def _unfit(left: str, before: str, other: str, modifies: bool) -> str:
    """Return why the other name does not fit where this one stands, or ""."""
    bare = other.removeprefix(THE)
    if modifies and (len(bare.split()) > 2 or bare in ("USA", "USSR")):
        return "too long before a noun"
    if other.startswith(THE) and not before.lower().startswith(THE):
        words = left.lower().split()
        if modifies or (words and words[-1] not in _BEFORE_ARTICLE):
            return "no room for an article"
    return ""


def _edit(text: str, start: int, end: int, other: str, reason: str) -> Edit:
    """Return the edit to another name; an article that both have is not part of it."""
    before = text[start:end]
    if before.lower().startswith(THE) and other.startswith(THE):
        start, before, other = start + len(THE), before[len(THE) :], other.removeprefix(THE)
    elif start == len(text) - len(text.lstrip()):
        other = other[0].upper() + other[1:]
    return Edit("question", start, end, before, other, tag="n", reason=reason)


def _part_of_longer(text: str, start: int, end: int) -> str:
    """Return "part of a longer name" where a capital stands beside the name, else ""."""
    before, after = text[:start].split(), text[end:].split()
    apart = text[end : end + 1] != " "
    beside = bool(after) and not apart and after[0][:1].isupper()
    of = (
        len(before) >= 2
        and before[-1] in ("of", "and", "&", "de")
        and before[-2][:1].isupper()
        and len(before) > 2
    )
    capital = len(before) > 1 and before[-1][:1].isupper() and before[-1][-1:].isalnum()
    possessive = text[end : end + 1] in "'’" and text[end : end + 2] not in ("'s", "’s") and bool(text[end:])
    return "part of a longer name" if beside or of or capital or possessive else ""
