"""How answers in Chinese are compared: character by character, as CMRC 2018 does.

Chinese is written without spaces, so SQuAD's words would make every answer one word, right or wrong as a
whole. The rules are those of CMRC 2018's evaluation (Cui et al. 2019, "A Span-Extraction Dataset for Chinese
Machine Reading Comprehension", EMNLP): punctuation is dropped, each Chinese character is a segment, anything
else is cut into words, and F1 counts the longest run of segments that both answers share. Questions that are
mostly written in Chinese characters are scored so; no question of SQuAD is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003134f]")
_PIECES = re.compile(rf"{_HAN.pattern}|[^\s㐀-鿿豈-﫿\U00020000-\U0003134f]+")


def is_chinese(text: str) -> bool:
    """Return whether at least half of the letters and digits of ``text`` are Chinese characters."""
    if text.isascii():
        return False
    written = sum(character.isalnum() for character in text)
    return 2 * len(_HAN.findall(text)) >= max(1, written)


@lru_cache(maxsize=1 << 16)
def segments(text: str) -> tuple[str, ...]:
    """Return the segments to compare, in lower case: Chinese characters, and words of anything else."""
    bare = "".join(c for c in text.lower() if unicodedata.category(c)[0] not in "PS")
    return tuple(_PIECES.findall(bare))


def normalise(text: str) -> str:
    """Return the segments of ``text`` with a space between them: the form in which answers are compared."""
    return " ".join(segments(text))


def f1(gold: Sequence[str], given: Sequence[str]) -> float:
    """Return the harmonic mean of precision and recall of the longest shared run of segments, in [0, 1]."""
    if gold == given:
        return 1.0
    best, ending = 0, [0] * (len(given) + 1)
    for one in gold:
        ending = [0] + [ending[j] + 1 if one == other else 0 for j, other in enumerate(given)]
        best = max(best, *ending)
    return 2 * best / (len(gold) + len(given))
