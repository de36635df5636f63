"""Typing and scanning errors, after TextBugger (Li et al. 2019) and DeepWordBug (Gao et al. 2018)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.choice import editable
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.attack.word_facts import is_word
from robust.errors import UserError

MIXED = "mixed"
# Shorter words are not recognised with an error in them.
LEAST_LETTERS = 4
# Errors of each kind that a word gets where kinds are mixed, so that the commonest does not crowd out others.
_EACH = 4
# The keys around each key of an American keyboard, on its own row and the rows above and below.
_KEYBOARD = {
    "q": "wa", "w": "qeas", "e": "wrsd", "r": "etdf", "t": "ryfg", "y": "tugh", "u": "yihj", "i": "uojk",
    "o": "ipkl", "p": "ol", "a": "qwsz", "s": "weadzx", "d": "ersfxc", "f": "rtdgcv", "g": "tyfhvb",
    "h": "yugjbn", "j": "uihknm", "k": "iojlm", "l": "opk", "z": "asx", "x": "sdzc", "c": "dfxv",
    "v": "fgcb", "b": "ghvn", "n": "hjbm", "m": "jkn",
}  # fmt: skip
# What recognition of printed letters confuses, the likeliest first.
_OCR = {
    "rn": ("m",), "m": ("rn", "nn"), "cl": ("d",), "d": ("cl",), "vv": ("w",), "w": ("vv",), "ri": ("n",),
    "n": ("ri", "u"), "li": ("h",), "h": ("b", "li"), "b": ("h", "6"), "l": ("1", "I"), "i": ("l", "1"),
    "o": ("0", "c"), "e": ("c",), "c": ("e", "o"), "s": ("5",), "g": ("9", "q"), "q": ("g",), "u": ("n",),
    "t": ("f", "l"), "f": ("t",), "z": ("2",), "a": ("o",), "y": ("v",), "v": ("y",), "ii": ("u",),
}  # fmt: skip


def _keyboard(word: str) -> Iterator[str]:
    """Yield the word with one letter taken for its neighbour on the keyboard."""
    for at in range(1, len(word)):
        for key in _KEYBOARD.get(word[at].lower(), ""):
            yield word[:at] + (key.upper() if word[at].isupper() else key) + word[at + 1 :]


def _ocr(word: str) -> Iterator[str]:
    """Yield the word with one letter, or two, read as what looks alike in print."""
    for at in range(1, len(word)):
        for width in (2, 1):
            for looks in _OCR.get(word[at : at + width], ()):
                yield word[:at] + looks + word[at + width :]


def _swap(word: str) -> Iterator[str]:
    """Yield the word with two neighbouring letters in the wrong order."""
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str) -> Iterator[str]:
    """Yield the word with one letter left out, not the last, which may be its inflection."""
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]


def _repeat(word: str) -> Iterator[str]:
    """Yield the word with one letter typed twice."""
    for at in range(1, len(word)):
        yield word[: at + 1] + word[at:]


KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "keyboard": _keyboard,
    "ocr": _ocr,
    "swap": _swap,
    "drop": _drop,
    "repeat": _repeat,
}


@dataclass(frozen=True, kw_only=True, repr=False)
class Typo(SiteAttack):
    """One misspelt word: a neighbouring key, a letter misread in print, swapped, dropped or doubled.

    ``kind`` is keyboard, ocr, swap, drop, repeat or mixed; ``rate`` the share of the question's words that
    get an error (0: ``edits`` words, one if not given). Content words of four plain letters or more; the
    first letter stays, and what comes out is no other word of the frequency list or of WordNet, nor a regular
    form of one, so that a person still reads what was asked.
    """

    name: ClassVar[str] = "typo.v1"
    source: ClassVar[str] = "TextBugger (Li et al. 2019, NDSS); DeepWordBug (Gao et al. 2018, SPW)"

    kind: str = MIXED
    rate: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind != MIXED and self.kind not in KINDS:
            raise UserError(f"{self.name}: kind {self.kind!r}: expected {', '.join((*KINDS, MIXED))}")
        if not 0 <= self.rate <= 1:
            raise UserError(f"{self.name}: rate {self.rate}: expected a share of the words, 0 to 1")

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the words that may be misspelt and their errors."""
        sites = []
        for index in editable(scene, rejected):
            token = scene.tokens[index]
            if len(token.text) < LEAST_LETTERS or not (token.text.isascii() and token.text.isalpha()):
                rejected["word: short or not of plain letters"] += 1
                continue
            edits = tuple(
                Edit(
                    field="question",
                    start=token.start,
                    end=token.end,
                    before=token.text,
                    after=wrong,
                    lemma=token.lemma,
                    tag=scene.pos(index),
                    reason=kind,
                )
                for kind, wrong in self._errors(scene, index, seed)
            )
            if edits:
                sites.append(Site(edits))
        return sites

    def wanted(self, scene: Scene, sites: Sequence[Site]) -> int:
        """Return how many words get an error: the rate's share of all words, at least one."""
        if not self.rate:
            return super().wanted(scene, sites)
        words = sum(token.text[:1].isalnum() for token in scene.tokens)
        return min(len(sites), max(1, round(self.rate * words)))

    def _errors(self, scene: Scene, index: int, seed: int) -> Iterator[tuple[str, str]]:
        """Yield (kind, misspelling) of a word, none twice and none a word."""
        word = scene.tokens[index].text
        seen = {word}
        for kind in KINDS if self.kind == MIXED else (self.kind,):
            made = dict.fromkeys(wrong for wrong in KINDS[kind](word) if wrong not in seen)
            found = [wrong for wrong in made if not is_word(scene.lexicon, wrong.lower())]
            if self.kind == MIXED and len(found) > _EACH:
                found = self.random(f"{scene.question.id}|{index}|{kind}", seed).sample(found, _EACH)
            seen.update(found)
            for wrong in found:
                yield kind, wrong
