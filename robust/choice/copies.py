"""The negated copies of arguments: the claim turned into its opposite, the label swapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from robust.attack.negating import NoPlace
from robust.attack.records import Edit, apply_edits
from robust.choice.negating import negate_claim
from robust.choice.records import SUFFIX, Item, Pair


@dataclass(frozen=True, slots=True)
class Copies:
    """The pairs that were made, each copy's edits by its id, and why other items have no copy, by theirs."""

    pairs: tuple[Pair, ...]
    edits: Mapping[str, tuple[Edit, ...]]
    left: Mapping[str, str]

    @property
    def reasons(self) -> dict[str, int]:
        """Reason -> number of items left without a copy, most frequent first."""
        return dict(sorted(Counter(self.left.values()).items(), key=lambda pair: (-pair[1], pair[0])))


def negated_copies(items: Sequence[Item], given: Mapping[str, str] | None = None) -> Copies:
    """Return originals with their copies, in the order of ``items``; copies among them are passed over.

    ``given`` maps claims to negated ones written by hand, which go before the rule.
    """
    pairs: list[Pair] = []
    edits: dict[str, tuple[Edit, ...]] = {}
    left: dict[str, str] = {}
    for item in items:
        if item.negated:
            continue
        try:
            made = _by_hand(item.claim, given) or negate_claim(item.claim)
        except NoPlace as reason:
            left[item.id] = str(reason)
            continue
        copy = replace(
            item,
            id=item.id + SUFFIX,
            claim=apply_edits(item.claim, made, "claim"),
            label=1 - item.label,
            negated=True,
        )
        pairs.append(Pair(item, copy))
        edits[copy.id] = made
    return Copies(tuple(pairs), edits, left)


def _by_hand(claim: str, given: Mapping[str, str] | None) -> tuple[Edit, ...]:
    negated = (given or {}).get(claim)
    if negated is None:
        return ()
    return (Edit(field="claim", start=0, end=len(claim), before=claim, after=negated, reason="by hand"),)
