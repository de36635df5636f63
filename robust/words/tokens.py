"""Words with offsets: a text is cut into tokens that know where they stand in it.

The cut follows the Penn Treebank where that matters to a tagger (``can't`` is ``ca`` + ``n't``, ``king's``
is ``king`` + ``'s``, hyphenated words stay whole) and never changes a character: offsets count Unicode
code points, tokens never overlap, and between two tokens stands nothing but white space.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

_ABBREVIATIONS = (
    "Mr|Mrs|Ms|Dr|Prof|St|Mt|Ft|Jr|Sr|Gen|Col|Lt|Capt|Sgt|Maj|Cmdr|Adm|Gov|Sen|Rep|Rev|Hon|Pres|Messrs|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Inc|Ltd|Co|Corp|Bros|No|Nos|Vol|Fig|vs|etc|cf|ca|approx"
)
# One or two letters and a full stop, repeated: U.S., e.g., Ph.D., a.m.
_DOTTED = r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]\.|[A-Z]\.(?=\s*[A-Z])"
_CLITIC = re.compile(r"(?:['’](?:s|re|ve|ll|d|m)|n['’]t)$", re.IGNORECASE)


class Token(NamedTuple):
    """One word or mark of a text: ``text == whole[start:end]``.

    ``tag`` is a Penn Treebank tag (NN, VBD, JJR ...; empty before tagging) and ``lemma`` the lower-case
    dictionary form (empty before tagging).
    """

    text: str
    start: int
    end: int
    tag: str = ""
    lemma: str = ""


def tokenize(text: str) -> list[Token]:
    """Return the tokens of ``text`` in order, untagged; every character that is not white space is in one."""
    tokens: list[Token] = []
    at = 0
    for form in forms(text):
        # Only white space lies before a form, so that its next occurrence is the one that was cut.
        start = text.index(form, at)
        at = start + len(form)
        tokens.append(Token(form, start, at))
    return tokens


def forms(text: str) -> list[str]:
    """Return the texts of the tokens alone, in a third of the time."""
    pattern = _ascii_pattern() if text.isascii() else _unicode_pattern()
    found: list[str] = pattern.findall(text)
    if "'" not in text and "’" not in text:
        return found
    return [part for piece in found for part in _without_clitic(piece)]


def _without_clitic(piece: str) -> tuple[str, ...]:
    """Return the word and its clitic (*can't*, *king's*), or the piece as it is."""
    clitic = _CLITIC.search(piece) if "'" in piece or "’" in piece else None
    if not clitic or clitic.start() == 0:
        return (piece,)
    return piece[: clitic.start()], piece[clitic.start() :]


def coarse(tag: str) -> str:
    """Return WordNet's part of speech for a Penn tag: n, v, a, r, or "" (names, function words, marks).

    Proper nouns give "" because no name is ever looked up; so do modals, particles and question adverbs.
    """
    return _COARSE.get(tag, "")


_COARSE = {
    "NN": "n",
    "NNS": "n",
    **dict.fromkeys(("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"), "v"),
    **dict.fromkeys(("JJ", "JJR", "JJS"), "a"),
    **dict.fromkeys(("RB", "RBR", "RBS"), "r"),
}


def _compile(letter: str, anything: str) -> re.Pattern[str]:
    """Return the token pattern for one class of letters; ``anything`` matches a lone mark."""
    word = rf"{letter}(?:{letter}|\d)*+"
    number = rf"\d++(?:[.,:]\d++)*+{letter}*+"
    joined = rf"(?:{word}|{number})(?:[-‐‑'’]{word}|[-‐‑]{number}|&{word})*+"
    return re.compile(
        rf"(?:{_ABBREVIATIONS})\.(?=\s)|{_DOTTED}|{joined}|['’](?:s|re|ve|ll|d|m)\b|``|''|\.\.+|--+|{anything}"
    )


@lru_cache(maxsize=1)
def _ascii_pattern() -> re.Pattern[str]:
    return _compile("[A-Za-z_]", r"\S")


@lru_cache(maxsize=1)
def _unicode_pattern() -> re.Pattern[str]:
    """Return the pattern in which combining marks and joiners belong to the character before them."""
    marks = _ranges(lambda c: unicodedata.category(c).startswith("M"))
    glue = marks + "\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
    letter = rf"(?:[^\W\d][{glue}]*)"
    emoji = rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|\S[{glue}]*(?:(?<=\u200d)\S[{glue}]*)*)"
    return _compile(letter, emoji)


# The blocks of Unicode that hold combining marks; looking through all of them takes a tenth of a second.
_MARK_BLOCKS = (
    range(0x300, 0x3100),
    range(0xA600, 0xAC00),
    range(0xFB00, 0xFE30),
    range(0x10100, 0x12000),
    range(0x16A00, 0x17000),
    range(0x1BC00, 0x1BD00),
    range(0x1CF00, 0x1D300),
    range(0x1DA00, 0x1EA00),
    range(0xE0100, 0xE01F0),
)


def _ranges(wanted: Callable[[str], bool]) -> str:
    """Return the body of a character class of all code points for which ``wanted(character)`` holds."""
    pieces: list[str] = []
    first = last = -2
    for code in (code for block in _MARK_BLOCKS for code in block):
        if wanted(chr(code)):
            if code != last + 1:
                if first >= 0:
                    pieces.append(f"{chr(first)}-{chr(last)}")
                first = code
            last = code
    pieces.append(f"{chr(first)}-{chr(last)}")
    return "".join(pieces)
