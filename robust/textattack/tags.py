"""What our tagger says of a word of TextAttack's."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from robust.textattack.dataset import columns
from robust.textattack.words import spans
from robust.words.tagger import analyse
from robust.words.tokens import coarse


def tag(text: Any, index: int) -> str:
    """Return the coarse part of speech (n, v, a, r or "") of a word of an AttackedText's question."""
    return coarse(treebank_tag(text, index))


def treebank_tag(text: Any, index: int) -> str:
    """Return the Penn Treebank tag of a word of an AttackedText's question; "" of none."""
    words = text.words_per_input[0]
    if index >= len(words):
        return ""
    # our tokens are finer than TextAttack's words ("boy's"): the word's first token speaks for it
    question = columns(text)[0]
    start, end = spans(question, words)[index]
    return next((t.tag for t in _analysed(question) if start <= t.start < end), "")


@lru_cache(maxsize=4_096)
def _analysed(text: str) -> tuple[Any, ...]:
    return tuple(analyse(text))
