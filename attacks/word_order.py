"""Words of the question in another order: a phrase of time or place put first, an adverb moved, a swap.

*What did a storm destroy in 1901?* -> *In 1901, what did a storm destroy?* Fronting and moving an adverb are
good English; ``swap`` (two neighbours exchanged) is noise, and never exchanges two nouns, or a noun and a
verb, which would ask something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.base import Attack, Edits
from robust.attack.clauses import AUXILIARY, FINITE, NOUN, VERB, WH
from robust.attack.months import LOWER
from robust.attack.protected import protected
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.token_edits import token_edits
from robust.errors import UserError
from robust.words.closed_class import word_set

KINDS = ("phrase", "adverb", "swap")
_TIME_OR_PLACE = word_set("in during on at before after since until by")
_TIMES = LOWER | word_set(
    "year years century centuries decade decades month months week day days war wars era period age ages "
    "spring summer autumn winter time times reign revolution night morning season"
)
_ADVERBS = word_set(
    "usually generally typically often commonly frequently sometimes originally currently initially "
    "eventually recently mainly primarily mostly normally officially formerly previously traditionally"
)
_SWAPPED_FIRST = frozenset(("DT", "IN", "JJ", "RB", "PRP$", "MD", "TO", "JJS", "JJR"))


@dataclass(frozen=True, kw_only=True, repr=False)
class WordOrder(Attack):
    """Words in another order: a phrase of time or place put first or last, an adverb moved, a swap.

    ``kind``: "phrase" (of time or place), "adverb", "swap", or "all", one of the three by chance.
    ``per_question`` variants are made, each other than those before it.
    """

    name: ClassVar[str] = "word-order.v1"
    source: ClassVar[str] = (
        "Wei and Zou 2019 (EDA, random swap); adjunct fronting as in any grammar of English"
    )

    kind: str = "phrase"
    per_question: int = 1

    def __post_init__(self) -> None:
        if self.kind not in (*KINDS, "all"):
            raise UserError(f"{self.name}: kind {self.kind!r}: expected one of {', '.join(KINDS)}, all")
        if self.per_question < 1:
            raise UserError(f"{self.name}: per_question {self.per_question}: expected a number from 1")

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        """Return the edits of each variant, in an order drawn by chance."""
        kinds = KINDS if self.kind == "all" else (self.kind,)
        found: list[Edits] = []
        for kind in kinds:
            for edits in _MAKERS[kind](scene):
                if any(refused := protected(scene, edit.start, edit.end) for edit in edits):
                    rejected[f"word: {refused}"] += 1
                else:
                    found.append(edits)
        if not found:
            rejected["question: nothing to move"] += 1
        self.random(scene.question.id, seed).shuffle(found)
        return found[: self.per_question]


def _lower(scene: Scene, i: int) -> str:
    return scene.tokens[i].text.lower()


def _end(scene: Scene) -> int:
    """Return one past the last word."""
    end = len(scene.tokens)
    while end and scene.tokens[end - 1].text in ("?", ".", "!"):
        end -= 1
    return end


def _phrases(scene: Scene) -> Iterator[Edits]:  # noqa: PLR0911 (a line a refusal)
    """Yield the last phrase of time or place put first, or the first put last."""
    tokens, end = scene.tokens, _end(scene)
    if end < 5:
        return
    if _lower(scene, 0) in WH:
        start = _last_phrase(scene, end)
        if start is not None:
            phrase = scene.question.text[tokens[start].start : tokens[end - 1].end]
            changes = dict.fromkeys(range(start, end), "")
            changes[0] = f"{phrase[0].upper()}{phrase[1:]}, {_lower(scene, 0)}"
            if tokens[start - 1].text == ",":
                changes[start - 1] = ""
            yield token_edits(scene.question.text, tokens, changes, "phrase put first")
        return
    first = tokens[0].text.lower()
    if first in ("in", "during", "on", "at", "before", "after", "since") and tokens[0].tag == "IN":
        stop = next((i for i in range(1, min(end, 8)) if _lower(scene, i) in WH), None)
        if stop is None or stop < 2 or end - stop < 3 or tokens[end - 1].tag in ("IN", "TO"):
            return
        last = stop - 1 if tokens[stop - 1].text == "," else stop
        inside = tokens[1:last]
        if last == 1 or any(token.tag in VERB | FINITE | {",", ":"} for token in inside) or end - stop > 12:
            return
        if any(token.text == "," or token.tag in ("WDT", "VBG") for token in tokens[stop:end]):
            return
        if sum(token.tag in FINITE for token in tokens[stop:end]) > 1 or tokens[last - 1].tag not in NOUN | {
            "CD"
        }:
            return
        if any(t.tag in ("TO", "PRP", "PRP$") or t.text.lower() in ("ones", "one") for t in tokens[1:end]):
            return  # in addition to; "their" would come before what it points at
        phrase = scene.question.text[tokens[0].start : tokens[last - 1].end]
        changes = dict.fromkeys(range(stop), "")
        changes[stop] = tokens[stop].text.capitalize()
        changes[end - 1] = f"{tokens[end - 1].text} {phrase[0].lower()}{phrase[1:]}"
        yield token_edits(scene.question.text, tokens, changes, "phrase put last")


def _last_phrase(scene: Scene, end: int) -> int | None:  # noqa: PLR0911 (a line a refusal)
    """Return where the question's last phrase of time or place begins, if it can stand first as well."""
    tokens = scene.tokens
    start = next(
        (i for i in range(end - 2, 2, -1) if tokens[i].tag in ("IN", "TO") and _lower(scene, i) != "of"), None
    )
    if start is None or _lower(scene, start) not in _TIME_OR_PLACE or end - start > 8:
        return None
    inside = tokens[start + 1 : end]
    if any(t.tag in VERB | FINITE | {",", ":", "WDT", "CC", "PRP", "PRP$", "-LRB-"} for t in inside):
        return None
    if inside[-1].tag not in NOUN | {"CD"} or any(_lower(scene, i) in WH for i in range(1, end)):
        return None
    if any(t.text in (",", "that", '"', "“") or t.tag == "CC" for t in tokens[1:start]):
        return None
    if any(t.text.lower() in ("than", "each", "every") for t in tokens[1:end]):
        return None
    if sum(t.tag in FINITE for t in tokens[:start]) > 1:
        return None  # what of the two happened then?
    head, before = tokens[start].text.lower(), tokens[start - 1]
    timed = any(t.text.lower() in _TIMES for t in inside) or any(
        (t.text.isdigit() and len(t.text) == 4) or (t.text[:4].isdigit() and t.text[4:] in ("s", "'s"))
        for t in inside
    )
    if timed and head in _TIME_OR_PLACE:
        return start if before.tag not in ("JJR", "RBR", "CD", "TO", "IN") else None
    if head != "in" or not all(t.tag in ("NNP", "NNPS", "DT") for t in inside):
        return None  # only places by name are sure to be places
    return None if before.tag in VERB | {"IN", "TO", "JJ", "RB", "CD", "JJR"} else start


def _adverbs(scene: Scene) -> Iterator[Edits]:
    """Yield an adverb of time or manner put first: *Usually, what do bees eat?*"""
    tokens, end = scene.tokens, _end(scene)
    if end < 5 or _lower(scene, 0) not in WH:
        return
    for i in range(2, end):
        if _lower(scene, i) not in _ADVERBS or tokens[i].tag != "RB":
            continue
        if tokens[i - 1].tag in ("RB", "RBR", "RBS", "DT", "JJ", "IN"):  # most commonly, a commonly used
            continue
        if sum(t.tag in FINITE for t in tokens[:i]) > 1 or any(
            t.text in (",", "and", "that") for t in tokens[:i]
        ):
            continue
        after = tokens[i + 1].tag if i + 1 < end else None
        if after is not None and after not in VERB:  # "the currently largest city"
            continue
        if after == "VBN" and tokens[i - 1].tag in NOUN | {"DT", "JJ"} and not _passive(scene, i):
            continue
        adverb = tokens[i].text
        changes = {0: f"{adverb.capitalize()}, {_lower(scene, 0)}", i: ""}
        yield token_edits(scene.question.text, tokens, changes, "adverb put first")


def _passive(scene: Scene, i: int) -> bool:
    """Tell whether the participle after the adverb at ``i`` is the question's verb: *is X usually found*."""
    return _lower(scene, 1) in AUXILIARY or _lower(scene, i - 1) in AUXILIARY


def _swaps(scene: Scene) -> Iterator[Edits]:
    """Yield two neighbours exchanged: a small word and what follows, never names, numbers or two nouns."""
    tokens, end = scene.tokens, _end(scene)
    for i in range(2, end - 1):
        first, second = tokens[i], tokens[i + 1]
        plain = first.tag in _SWAPPED_FIRST and second.tag in NOUN | VERB | {"JJ", "RB", "DT"}
        if not plain or not (first.text.isalpha() and second.text.isalpha()) or not second.text.islower():
            continue
        if first.text.lower() in ("not", "no", "never", "than", "only") or not first.text.islower():
            continue
        start, last = first.start, second.end
        between = scene.question.text[first.end : second.start]
        before = scene.question.text[start:last]
        yield (Edit("question", start, last, before, f"{second.text}{between}{first.text}", reason="swap"),)


_MAKERS = {"phrase": _phrases, "adverb": _adverbs, "swap": _swaps}
