"""What can be said of each variant: its question, its edits, its words. One level a variant and trait.

Where a variant has several edits it stands at the level of its weakest: the highest sense rank, the least
margin, the rarest word. So the levels of a trait part the variants, and their drops, weighted by
their counts, make up the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from robust.breakdown.levels import NONE, Labels, Trait, band
from robust.breakdown.material import Material
from robust.breakdown.overlap import Overlaps, replaces_tokens
from robust.breakdown.pairs import Codes, Floats, Pairs
from robust.breakdown.question_word import QUESTION_WORDS, kind_of
from robust.evaluation.sets import MAIN
from robust.words.frequency import zipf

if TYPE_CHECKING:
    import pandas as pd


EDITS = "edits"
_POS = {"n": "noun", "v": "verb", "a": "adjective", "r": "adverb"}
_THIRDS = ("first third", "middle third", "last third")
_ZIPF = ("rare (Zipf under 3)", "3 to 4", "4 to 5", "frequent (5 and over)")
_CHANGE = ("much rarer (by 1 or more)", "rarer (0.3 to 1)", "as frequent", "more frequent (by over 0.3)")
_SHARE = ("under 0.25", "0.25 to 0.5", "0.5 to 0.75", "0.75 and over")
_OVERLAP_CHANGE = ("lost over 0.2", "lost up to 0.2", "unchanged", "gained")
_BOUNDS = (0.25, 0.5, 0.75)
_MARGIN = ("under 0.1", "0.1 to 0.25", "0.25 to 0.5", "0.5 and over")
_SAFETY = ("under 0.5", "0.5 to 0.6", "0.6 to 0.7", "0.7 and over")
_COUNTS = ("1", "2", "3", "4", "5 and more")
_RANKS = ("1", "2", "3", "4 and over")
_SAFETY_REASON = re.compile(r"safety (\d\.?\d*)")
_NEAR = 1e-9  # so that a share computed two ways is no change


class Facts(NamedTuple):
    """What is known of a question before it is edited: its kind, and its overlap with its paragraph."""

    kind: str
    overlap: float


class Traits:
    """What a set's material tells of variants, found once for all arms and runs that are alike."""

    def __init__(self, material: Material, overlaps: Overlaps) -> None:
        self.material = material
        self._overlaps = overlaps
        self._facts: dict[str, Facts] = {}
        self._found: dict[str, tuple[Pairs, list[Trait]]] = {}

    def of(self, pairs: Pairs, arm: str) -> list[Trait]:
        """Return the traits of an arm's variants that its material and the facts of its questions tell.

        The overlap after the edit is that of the set itself: control arms go without it.
        """
        before = self._found.get(arm)
        if before is None or not pairs.same_variants(before[0]):
            before = self._found[arm] = pairs, self._new(pairs, arm)
        return before[1]

    def _new(self, pairs: Pairs, arm: str) -> list[Trait]:
        known = [self._facts_of(identifier) for identifier in pairs.questions]
        kinds = np.array([one.kind for one in known], dtype=object)[pairs.source]
        before = np.array([one.overlap for one in known])[pairs.source]
        found = [
            Trait("question word", kinds, QUESTION_WORDS),
            Trait("overlap before", band(before, _BOUNDS, _SHARE), _SHARE),
        ]
        if arm == MAIN:
            after = _overlap_after(pairs, self.material, self._overlaps)
            change = band(after - before, (-0.2 - _NEAR, -_NEAR, _NEAR), _OVERLAP_CHANGE)
            found.append(Trait("overlap after", band(after, _BOUNDS, _SHARE), _SHARE))
            found.append(Trait("overlap change", change, _OVERLAP_CHANGE))
        if arm in self.material.edits:
            found += _of_edits(pairs, self.material, self.material.edits[arm])
        return found

    def _facts_of(self, identifier: str) -> Facts:
        found = self._facts.get(identifier)
        if found is None:
            one = self.material.original[identifier]
            kind = kind_of(self._overlaps.tokens(one.text))
            found = self._facts[identifier] = Facts(kind, self._overlaps.of(one.text, one.context))
        return found


def answerable(pairs: Pairs) -> Trait:
    """Return whether each variant's question has an answer; scores alone know it."""
    labels = np.where(pairs.answerable[pairs.source], "HasAns", "NoAns").astype(object)
    return Trait("answerable", labels, ("HasAns", "NoAns"))


def _overlap_after(pairs: Pairs, material: Material, overlaps: Overlaps) -> Floats:
    """Return each variant's overlap: by its edits where they tell, else by its text."""
    if MAIN not in material.edits:
        rewritten = material.rewritten()
        return np.array([overlaps.of(*rewritten[variant][:2]) for variant in pairs.variants])
    asked = [material.original[identifier] for identifier in pairs.questions]
    edits = material.edits[MAIN]
    place, at = _places(pairs, edits)
    changes: list[list[tuple[str, str]]] = [[] for _ in pairs.variants]
    by_text = set(at[(edits["field"] != "question").to_numpy()[place]].tolist())
    columns = (edits[name].to_numpy()[place].tolist() for name in ("start", "end", "before", "after"))
    for variant, question, start, end, before, after in zip(
        at.tolist(), pairs.source[at].tolist(), *columns, strict=True
    ):
        changes[variant].append((before, after))
        if not replaces_tokens(asked[question].text, start, end, after):
            by_text.add(variant)
    texts = material.rewritten() if by_text else {}
    return np.array(
        [
            overlaps.of(*texts[pairs.variants[number]][:2])
            if number in by_text
            else overlaps.after(asked[question].text, asked[question].context, own)
            for number, (question, own) in enumerate(zip(pairs.source.tolist(), changes, strict=True))
        ]
    )


def _places(pairs: Pairs, edits: pd.DataFrame) -> tuple[Codes, Codes]:
    """Return the rows of ``edits`` that belong to variants of the run, which may have a part, and those."""
    import pandas as pd

    variant = pd.Index(pairs.variants).get_indexer(pd.Index(edits["variant_id"]))
    rows = np.flatnonzero(variant >= 0)
    return rows, variant[rows]


def _of_edits(pairs: Pairs, material: Material, edits: pd.DataFrame) -> list[Trait]:
    rows, at = _places(pairs, edits)
    edits = edits.iloc[rows]
    lengths = np.array([len(material.original[identifier].text) for identifier in pairs.questions])
    middle = (edits["start"].to_numpy() + edits["end"].to_numpy()) / 2
    asked = edits["field"].to_numpy() == "question"
    third = np.minimum(3 * middle / lengths[pairs.source[at]], 2).astype(np.intp)
    position = np.array([*_THIRDS, "context"], dtype=object)[np.where(asked, third, 3)]
    tags = _each(edits["tag"], lambda tag: _POS.get(tag, NONE)).astype(object)
    before, after = _each(edits["before"], _rarity), _each(edits["after"], _rarity)
    rank = edits["sense_rank"].to_numpy(dtype=np.float64)
    ranked = rank > 0  # a control has no sense, and so no margin
    margin = np.where(ranked, edits["margin"].to_numpy(dtype=np.float64), np.nan)
    rank = np.where(ranked, rank, np.nan)
    count = np.bincount(at, minlength=len(pairs.variants)).astype(np.float64)
    count[count == 0] = np.nan

    def least(values: Floats) -> Floats:
        return _extreme(values, at, len(pairs.variants), np.fmin)

    change = band(least(after - before), (-1, -0.3, 0.3 + _NEAR), _CHANGE)
    safety = _each(edits["reason"], _safety)
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
    rows, at = _places(pairs, edits)
    own = edits.iloc[rows]
    margin = own["margin"].where(own["sense_rank"] > 0).to_numpy(dtype=np.float64)
    safety = _each(own["reason"], _safety)
    return {
        "margin": _extreme(margin, at, len(pairs.variants), np.fmin),
        "safety": _extreme(safety, at, len(pairs.variants), np.fmin),
    }


def _extreme(values: Floats, at: Codes, size: int, of: np.ufunc) -> Floats:
    """Return the least (np.fmin) or greatest (np.fmax) value of each variant; NaN where it has none."""
    found = np.full(size, np.nan)
    of.at(found, at, values)
    return found


def _common(labels: Labels, at: Codes, pairs: Pairs, several: str) -> Labels:
    """Return the label that all edits of a variant share, ``several`` where they differ, else NONE."""
    found = np.full(len(pairs.variants), NONE, dtype=object)
    found[at] = labels
    mixed = found[at] != labels
    found[at[mixed]] = several
    return found


def _each(texts: pd.Series[str], of: Callable[[str], Any]) -> NDArray[Any]:
    """Return ``of`` each text, found once for those that are alike."""
    import pandas as pd

    codes, different = pd.factorize(texts)
    return np.array([of(text) for text in different])[codes]


@cache
def _rarity(phrase: str) -> float:
    """Return the Zipf frequency of the rarest word of a phrase (an edit may take the article along)."""
    return min((zipf(word) for word in phrase.split()), default=0.0)


def _safety(reason: str) -> float:
    """Return the estimated safety that an attack noted as the reason of an edit; NaN where it noted none."""
    found = _SAFETY_REASON.fullmatch(reason)
    return float(found[1]) if found else float("nan")
