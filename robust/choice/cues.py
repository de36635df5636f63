"""Cues in the warrants alone: words that tell the right one without reading claim or reason.

The definitions are those of Niven & Kao 2019, section 3. Of n items, a cue k (a word) is *applicable* to
those that have it in one warrant and not in the other. Its productivity is the share of these whose right
warrant is the one with it, its coverage their share of all items:

    applicability(k) = #{i : k in exactly one warrant of i}
    productivity(k)  = #{i : k in the right warrant of i only} / applicability(k)
    coverage(k)      = applicability(k) / n

A productivity over 1/2 (of two choices) is a signal that a model can follow; the coverage says how far it
carries. In a set where every item has its negated copy each cue's productivity is exactly 1/2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from robust.choice.records import Item
from robust.errors import UserError
from robust.stats.share import interval
from robust.words.tokens import forms


@dataclass(frozen=True, slots=True)
class Cue:
    """A word, how many of ``items`` it is applicable to, and of how many of these it tells the right one."""

    word: str
    applicable: int
    right: int
    items: int

    @property
    def productivity(self) -> float | None:
        """Right of applicable; None where it is applicable to none."""
        return self.right / self.applicable if self.applicable else None

    @property
    def coverage(self) -> float:
        """Applicable of all items."""
        return self.applicable / self.items


@lru_cache(maxsize=20_000)
def words_of(warrant: str) -> frozenset[str]:
    """Return the lower-case words of a warrant; *cannot* is two, *can* and *not*, as the Treebank has it."""
    found = {word.lower() for word in forms(warrant)}
    return frozenset(found - {"cannot"} | ({"can", "not"} if "cannot" in found else set()))


def check_word(items: Sequence[Item], word: str) -> str:
    """Return a cue in lower case; UserError where no warrant can have it, being cut into several words."""
    found = word.strip().lower()
    parts = words_of(found)
    if parts == {found} or any(found in words_of(warrant) for item in items for warrant in item.warrants):
        return found
    said = f"is {len(parts)} words to the tokenizer ({', '.join(sorted(parts))})" if parts else "is no word"
    raise UserError(f"cue {word!r}: {said}, and no warrant has it; name one word, such as not or n't")


def cue(items: Sequence[Item], word: str) -> Cue:
    """Return the figures of one word over ``items`` (at least one)."""
    places = [_place(item, word) for item in items]
    right = sum(place == item.label for place, item in zip(places, items, strict=True))
    return Cue(word, sum(place is not None for place in places), right, len(items))


def cues(items: Sequence[Item], least: int = 1) -> list[Cue]:
    """Return every word that is applicable to ``least`` items or more.

    Ordered by how many items it gets right above what chance would, then by word.
    """
    applicable: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for item in items:
        first, second = map(words_of, item.warrants)
        applicable.update(first ^ second)
        right.update((first - second, second - first)[item.label])
    found = [Cue(word, n, right[word], len(items)) for word, n in applicable.items() if n >= least]
    return sorted(found, key=lambda one: (one.applicable - 2 * one.right, one.word))


def productivity_interval(items: Sequence[Item], word: str) -> list[float] | None:
    """Return the 95 % interval of a word's productivity, clustered as accuracies are (``stats.share``).

    None where it is applicable to no item, and where every one has its negated copy beside it: one of the two
    is right then, which is no matter of chance.
    """
    asked = [(item, place) for item in items if (place := _place(item, word)) is not None]
    balance: Counter[str] = Counter()
    for item, place in asked:
        balance[item.original_id] += 1 if place == item.label else -1
    if not any(balance.values()):
        return None
    return interval(
        [float(place == item.label) for item, place in asked], [item.cluster for item, _ in asked]
    )[0]


def choose_by_cue(items: Iterable[Item], word: str) -> list[int | None]:
    """Return the warrant that alone has the word, item by item; None where neither or both have it."""
    return [_place(item, word) for item in items]


def _place(item: Item, word: str) -> int | None:
    first, second = (word in words_of(warrant) for warrant in item.warrants)
    return None if first == second else int(second)
