"""British words spelt as Americans do, and the reverse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.attack.word_files import lines
from robust.errors import UserError
from robust.words.inflect import match_case
from robust.words.untouchable import MULTI_WORD, UNKNOWN

DIRECTIONS = ("other", "british", "american")
# Half of an expression stays half of it, however it is spelt; and a rare word need not be known.
_HARMLESS = (MULTI_WORD, UNKNOWN)


@dataclass(frozen=True, kw_only=True, repr=False)
class Spelling(SiteAttack):
    """Words in the spelling of the other side of the Atlantic: colour, color; organise, organize.

    ``direction``: "british" and "american" write everything so; "other" turns each word to what it is not.
    Every such word of the question is changed (``edits``: the most). Names, quotations and words of the
    answer stay as they are. Some spellings go one way only (*tyre*, but not every *tire*). The list covers
    what is common; a question without such a word is left out, which most are.
    """

    name: ClassVar[str] = "spelling.v1"
    source: ClassVar[str] = "TextFlint's SpellingError family (Wang et al. 2021, ACL); list of our own"

    edits: int = 100
    direction: str = "other"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.direction not in DIRECTIONS:
            raise UserError(
                f"{self.name}: direction {self.direction!r}: expected one of {', '.join(DIRECTIONS)}"
            )

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that have another spelling, each with it."""
        sites = []
        for index, token in enumerate(scene.tokens):
            found = self._other(token.text.lower())
            if not found:
                continue
            reason = scene.untouchable.get(index, "")
            if reason and reason not in _HARMLESS:
                rejected[f"word: {reason}"] += 1
                continue
            edit = Edit(
                field="question",
                start=token.start,
                end=token.end,
                before=token.text,
                after=match_case(found[0], token.text),
                lemma=token.lemma,
                tag=scene.pos(index),
                reason=f"{found[1]} spelling",
            )
            sites.append(Site((edit,)))
        return sites

    def _other(self, word: str) -> tuple[str, str] | None:
        """Return (spelling, whose it is) of a word that can be written in the wanted way, else None."""
        for way in ("american", "british"):
            if self.direction in ("other", way) and word in spellings()[way]:
                return spellings()[way][word], way
        return None


@cache
def spellings() -> dict[str, dict[str, str]]:
    """Return {"american": british -> american spelling, "british": the reverse}."""
    american: dict[str, str] = {}
    british: dict[str, str] = {}
    for one, other, both in _pairs(lines("spelling.txt")):
        american[one] = other
        if both:
            british[other] = one
    return {"american": american, "british": british}


def _pairs(listed: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield (British, American, whether it holds both ways) of a list as data/spelling.txt has it."""
    endings: list[tuple[str, str, bool]] = []
    for line in listed:
        words = line.split()
        if words[:1] == ["="]:
            endings = [_split(word) for word in words[1:]]
        elif len(words) == 1 and (":" in line or ">" in line):
            yield _split(line)
        else:
            for stem in words:
                yield from ((stem + one, stem + other, both) for one, other, both in endings)


def _split(pair: str) -> tuple[str, str, bool]:
    one, mark, other = pair.partition(":")
    if not mark:
        one, _, other = pair.partition(">")
    return one, other, bool(mark)
