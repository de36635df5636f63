"""What can be said of each variant: its question, its edits, its words. One level a variant and trait.

Where a variant has several edits it stands at the level of its weakest: the highest sense rank, the least
margin, the rarest word. So the levels of a trait part the variants, and their drops, weighted by
their counts, make up the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from robust.breakdown.levels import NONE, Labels, band
from robust.breakdown.material import Material
from robust.breakdown.overlap import Overlaps, replaces_tokens
from robust.breakdown.pairs import Floats, Pairs
from robust.breakdown.question_word import QUESTION_WORDS, kind_of
from robust.words.frequency import zipf

if TYPE_CHECKING:
    import pandas as pd


class Trait(NamedTuple):
    """A trait by name: the level of each variant, and the levels in their order."""

    name: str
    labels: Labels
    order: tuple[str, ...]


EDITS = "edits"
_POS = {"n": "noun", "v": "verb", "a": "adjective", "r": "adverb"}
_THIRDS = ("first third", "middle third", "last third")
_ZIPF = ("rare (Zipf under 3)", "3 to 4", "4 to 5", "frequent (5 and over)")
_CHANGE = ("much rarer (by 1 or more)", "rarer (0.3 to 1)", "as frequent", "more frequent (by over 0.3)")
_SHARE = ("under 0.25", "0.25 to 0.5", "0.5 to 0.75", "0.75 and over")
_OVERLAP_CHANGE = ("lost over 0.2", "lost up to 0.2", "unchanged", "gained")
_MARGIN = ("under 0.1", "0.1 to 0.25", "0.25 to 0.5", "0.5 and over")
_SAFETY = ("under 0.5", "0.5 to 0.6", "0.6 to 0.7", "0.7 and over")
_COUNTS = ("1", "2", "3", "4", "5 and more")
_RANKS = ("1", "2", "3", "4 and over")
_SAFETY_REASON = re.compile(r"safety (\d\.?\d*)")
_NEAR = 1e-9  # so that a share computed two ways is no change


def traits(pairs: Pairs, material: Material, arm: str, overlaps: Overlaps) -> list[Trait]:
    """Return the traits of an arm's variants that its material knows of."""
    found = _of_questions(pairs, material, arm, overlaps)
    if arm in material.edits:
        found += _of_edits(pairs, material, material.edits[arm])
    return found


def answerable(pairs: Pairs) -> Trait:
    """Return whether each variant's question has an answer; scores alone know it."""
    labels = np.where(pairs.answerable[pairs.source], "HasAns", "NoAns").astype(object)
    return Trait("answerable", labels, ("HasAns", "NoAns"))


def _of_questions(pairs: Pairs, material: Material, arm: str, overlaps: Overlaps) -> list[Trait]:
    asked = [material.original[identifier] for identifier in pairs.questions]
    kinds = [kind_of(overlaps.tokens(one.text)) for one in asked]
    before = np.array([overlaps.of(one.text, one.context) for one in asked])[pairs.source]
    after = _overlap_after(pairs, material, arm, overlaps)
    bounds = (0.25, 0.5, 0.75)
    change = band(after - before, (-0.2 - _NEAR, -_NEAR, _NEAR), _OVERLAP_CHANGE)
    return [
        Trait("question word", np.array(kinds, dtype=object)[pairs.source], QUESTION_WORDS),
        Trait("overlap before", band(before, bounds, _SHARE), _SHARE),
        Trait("overlap after", band(after, bounds, _SHARE), _SHARE),
        Trait("overlap change", change, _OVERLAP_CHANGE),
    ]


def _overlap_after(pairs: Pairs, material: Material, arm: str, overlaps: Overlaps) -> Floats:
    """Return each variant's overlap: by its edits where they tell, else by its text."""
    asked = [material.original[identifier] for identifier in pairs.questions]
    changes: dict[str, list[tuple[str, str]]] = {identifier: [] for identifier in pairs.variants}
    by_text: set[str] = set() if arm in material.edits else set(changes)
    source = dict(zip(pairs.variants, pairs.source, strict=True))
    if arm in material.edits:
        edits = material.edits[arm]
        names = ("variant_id", "field", "start", "end", "before", "after")
        for variant, field, start, end, before, after in zip(*(edits[n].tolist() for n in names), strict=True):
            if variant in changes:
                changes[variant].append((before, after))
                text = asked[source[variant]].text
                if field != "question" or not replaces_tokens(text, start, end, after):
                    by_text.add(variant)
    rewritten = material.rewritten(arm) if by_text else {}
    found = []
    for variant, own in changes.items():
        if variant in by_text:
            found.append(overlaps.of(rewritten[variant].text, rewritten[variant].context))
        else:
            one = asked[source[variant]]
            found.append(overlaps.after(one.text, one.context, own))
    return np.array(found)


def _of_edits(pairs: Pairs, material: Material, edits: pd.DataFrame) -> list[Trait]:
    import pandas as pd

    place = pd.Index(pairs.variants).get_indexer(edits["variant_id"])
    edits = edits[place >= 0]  # a run with --limit has a part of the set
    at = place[place >= 0]
    lengths = np.array([len(material.original[identifier].text) for identifier in pairs.questions])
    middle = (edits["start"].to_numpy() + edits["end"].to_numpy()) / 2
    asked = edits["field"].to_numpy() == "question"
    third = np.minimum(3 * middle / lengths[pairs.source[at]], 2).astype(np.intp)
    position = np.array([*_THIRDS, "context"], dtype=object)[np.where(asked, third, 3)]
    tags = np.array([_POS.get(tag, NONE) for tag in edits["tag"]], dtype=object)
    before, after = _rarest(edits["before"]), _rarest(edits["after"])
    rank = edits["sense_rank"].to_numpy(dtype=np.float64)
    ranked = rank > 0  # a control has no sense, and so no margin
    margin = np.where(ranked, edits["margin"].to_numpy(dtype=np.float64), np.nan)
    rank = np.where(ranked, rank, np.nan)
    count = np.bincount(at, minlength=len(pairs.variants)).astype(np.float64)
    count[count == 0] = np.nan

    def least(values: Floats) -> Floats:
        return _extreme(values, at, len(pairs.variants), np.fmin)

    change = band(least(after - before), (-1, -0.3, 0.3 + _NEAR), _CHANGE)
    safety = np.array([_safety(reason) for reason in edits["reason"]])
    return [
        Trait("part of speech", _common(tags, at, pairs, "several"), (*_POS.values(), "several")),
        Trait(
            "sense rank",
            band(_extreme(rank, at, len(pairs.variants), np.fmax), (1.5, 2.5, 3.5), _RANKS),
            _RANKS,
        ),
        Trait("sense margin", band(least(margin), (0.1, 0.25, 0.5), _MARGIN), _MARGIN),
        Trait("safety", band(least(safety), (0.5, 0.6, 0.7), _SAFETY), _SAFETY),
        Trait(EDITS, band(count, (1.5, 2.5, 3.5, 4.5), _COUNTS), _COUNTS),
        Trait(
            "edit position",
            _common(position, at, pairs, "several places"),
            (*_THIRDS, "context", "several places"),
        ),
        Trait("replaced word", band(least(before), (3, 4, 5), _ZIPF), _ZIPF),
        Trait("substitute", band(least(after), (3, 4, 5), _ZIPF), _ZIPF),
        Trait("frequency change", change, _CHANGE),
    ]


def least_of_edits(pairs: Pairs, edits: pd.DataFrame) -> dict[str, Floats]:
    """Return the least ``margin`` and ``safety`` among each variant's edits, one a variant; NaN without."""
    import pandas as pd

    place = pd.Index(pairs.variants).get_indexer(edits["variant_id"])
    own, at = edits[place >= 0], place[place >= 0]
    margin = own["margin"].where(own["sense_rank"] > 0).to_numpy(dtype=np.float64)
    safety = np.array([_safety(reason) for reason in own["reason"]])
    return {
        "margin": _extreme(margin, at, len(pairs.variants), np.fmin),
        "safety": _extreme(safety, at, len(pairs.variants), np.fmin),
    }


def _extreme(
    values: Floats, at: np.ndarray[tuple[int], np.dtype[np.intp]], size: int, of: np.ufunc
) -> Floats:
    """Return the least (np.fmin) or greatest (np.fmax) value of each variant; NaN where it has none."""
    found = np.full(size, np.nan)
    of.at(found, at, values)
    return found


def _common(
    labels: Labels, at: np.ndarray[tuple[int], np.dtype[np.intp]], pairs: Pairs, several: str
) -> Labels:
    """Return the label that all edits of a variant share, ``several`` where they differ, NONE without edits."""
    found = np.full(len(pairs.variants), NONE, dtype=object)
    found[at] = labels
    mixed = found[at] != labels
    found[at[mixed]] = several
    return found


def _rarest(phrases: Iterable[str]) -> Floats:
    """Return the Zipf frequency of the rarest word of each phrase (an edit may take the article along)."""
    return np.array([_rarity(phrase) for phrase in phrases], dtype=np.float64)


@cache
def _rarity(phrase: str) -> float:
    return min((zipf(word) for word in phrase.split()), default=0.0)


def _safety(reason: str) -> float:
    """Return the estimated safety that an attack noted as the reason of an edit; NaN where it noted none."""
    found = _SAFETY_REASON.fullmatch(reason)
    return float(found[1]) if found else float("nan")


