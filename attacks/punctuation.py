"""Noise in the question's marks: its question mark dropped, doubled, set apart; commas, quotes, case.

No word changes, so the question is the same; what falls here falls by marks alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.protected import protected
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.errors import UserError
from robust.words.closed_class import word_set
from robust.words.untouchable import quotations

# What the question mark may become, by the name of the kind.
FINAL = {"dropped": "", "doubled": "??", "spaced": " ?", "ellipsis": "...?", "full-stop": "."}
CASES = {"lower": str.lower, "upper": str.upper}
KINDS = ("all", *FINAL, "comma", "quotes", *CASES)
# Before these a comma is put that no style book would.
_BEFORE_COMMA = word_set("in on at during of from with by for after before and or to")


@dataclass(frozen=True, kw_only=True, repr=False)
class Punctuation(SiteAttack):
    """Noise in marks: the question mark dropped, doubled or set apart, commas, quotes, letter case.

    ``kind`` is one of KINDS; "all" draws among the final mark's and commas. Quotes (around a noun) and letter
    case must be asked for: quotes may be read as doubt. ``edits`` places are changed in a variant.
    """

    name: ClassVar[str] = "punctuation.v1"
    source: ClassVar[str] = (
        "CheckList (Ribeiro et al. 2020), invariance to punctuation; TextFlint (Gui et al. 2021)"
    )

    kind: str = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in KINDS:
            raise UserError(f"{self.name}: kind {self.kind!r}: expected one of {', '.join(KINDS)}")

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the places where a mark can be changed, in the text's order."""
        if self.kind in CASES:
            return _cased(scene, self.kind)
        found: list[Site] = []
        if self.kind in ("all", "comma"):
            found += (Site((edit,)) for edit in _commas(scene))
        if self.kind == "quotes":
            found += (Site((edit,)) for edit in _quotes(scene, rejected))
        return [*found, *self._final(scene)]

    def _final(self, scene: Scene) -> Iterator[Site]:
        kinds = [kind for kind in FINAL if self.kind in ("all", kind)]
        if not kinds or not scene.tokens or scene.tokens[-1].text != "?" or len(scene.tokens) == 1:
            return
        start, end = scene.tokens[-1].start, scene.tokens[-1].end
        if any(first < end and start < last for first, last in quotations(scene.question.text)):
            return
        if scene.question.text[start - 1].isspace():
            kinds = [kind for kind in kinds if kind != "spaced"]
        yield Site(tuple(Edit("question", start, end, "?", FINAL[kind], reason=kind) for kind in kinds))


def _cased(scene: Scene, kind: str) -> list[Site]:
    """Return one site, the question in small or capital letters from the first that changes to the last."""
    text = scene.question.text
    changed = [CASES[kind](c) if len(CASES[kind](c)) == 1 else c for c in text]
    differ = [i for i, (old, new) in enumerate(zip(text, changed, strict=True)) if old != new]
    if not differ:
        return []
    start, end = differ[0], differ[-1] + 1
    return [Site((Edit("question", start, end, text[start:end], "".join(changed[start:end]), reason=kind),))]


def _commas(scene: Scene) -> Iterator[Edit]:
    """Yield each comma left out (not those in numbers), and a comma before each preposition."""
    quoted = list(quotations(scene.question.text))
    for i, token in enumerate(scene.tokens):
        if i < 2 or i + 2 >= len(scene.tokens) or any(s <= token.start and token.end <= e for s, e in quoted):
            continue
        before = scene.tokens[i - 1]
        if token.text == "," and before.end == token.start:
            if not (before.text[-1].isdigit() and scene.tokens[i + 1].text[0].isdigit()):
                yield Edit("question", token.start, token.end, ",", "", reason="comma left out")
        elif token.text in _BEFORE_COMMA and before.text[-1].isalnum() and before.end < token.start:
            gap = scene.question.text[before.end : token.start]
            yield Edit("question", before.end, token.start, gap, f",{gap}", reason="comma put in")


def _quotes(scene: Scene, rejected: Counter[str]) -> Iterator[Edit]:
    """Yield each noun in quotes; names, numbers, quotations and words of the answer stay as they are."""
    for i, token in enumerate(scene.tokens):
        if i == 0 or scene.pos(i) != "n" or not token.text.isalpha():
            continue
        if i in scene.untouchable or protected(scene, token.start, token.end):
            rejected[f"word: {scene.untouchable.get(i, 'answer word')}"] += 1
            continue
        yield Edit("question", token.start, token.end, token.text, f'"{token.text}"', reason="quotes")
