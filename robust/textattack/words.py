"""Where TextAttack's words stand in a text: it has words and their order, we have offsets."""

from __future__ import annotations

from collections.abc import Sequence


def spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return start and end (code points) of each word, found one after the other.

    A word that is not found (TextAttack cuts some texts anew) has no width, where the one before it ended.
    """
    found: list[tuple[int, int]] = []
    last = 0
    for word in words:
        start = text.find(word, last)
        if start < 0:
            found.append((last, last))
            continue
        last = start + len(word)
        found.append((start, last))
    return found
