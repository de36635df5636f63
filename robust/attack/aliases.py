"""Other names of the same thing: a table of our own, and the acronyms that a paragraph itself explains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from robust.attack.word_files import lines

THE = "the "
_EXPLAINED = re.compile(r"\(([A-Z]{2,8})\)")
_SMALL = frozenset(("of", "and", "the", "for", "in", "on", "to"))
_WORD = re.compile(r"[^\W\d_][\w.'’-]*")


@lru_cache(maxsize=1)
def alias_table() -> dict[str, tuple[str, ...]]:
    """Return each name of the table -> the others that may stand for it; *the* is part of a name."""
    table: dict[str, tuple[str, ...]] = {}
    for line in lines("aliases.txt"):
        both, _, only_replaced = line.partition(" > ")
        names = [name.strip() for name in both.split(" | ")]
        for name in [*names, *(name.strip() for name in only_replaced.split(" | ") if name.strip())]:
            if others := tuple(other for other in names if other != name):
                table[name] = others
    return table


@lru_cache(maxsize=1)
def table_pattern() -> re.Pattern[str]:
    """Return the pattern of every name of the table, the longest first, between words."""
    return _pattern(alias_table())


def _pattern(names: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    longest = sorted(names, key=len, reverse=True)
    written = [
        rf"[Tt]he {re.escape(name.removeprefix(THE))}" if name.startswith(THE) else re.escape(name)
        for name in longest
    ]
    return re.compile(rf"(?<![\w.'’-])(?:{'|'.join(written)})(?![\w-]|\.\w)")


@lru_cache(maxsize=64)
def explained(context: str) -> dict[str, str]:
    """Return acronym -> full name for each that the paragraph explains: *Federal Reserve System (FRS)*.

    The initials of the words before the bracket must spell it, small words (*of*, *the*) left out or in.
    Both come with *the* where the paragraph has it before them; an acronym that the paragraph uses nowhere
    else takes it from the full name.
    """
    found: dict[str, str] = {}
    for match in _EXPLAINED.finditer(context):
        acronym = match[1]
        before = list(_WORD.finditer(context, max(0, match.start() - 120), match.start()))
        start = _spelled(acronym, [m[0] for m in before])
        gap = context[before[-1].end() : match.start()] if before else ""
        if start is None or gap.strip():
            continue
        full = context[before[start].start() : before[-1].end()]
        if "\n" in full or any(c in full for c in '.,;:()"'):
            continue
        with_article = start > 0 and before[start - 1][0].lower() == "the"
        elsewhere = list(re.finditer(rf"(?<![\w(-]){acronym}(?![\w)-])", context))
        article = with_article
        if elsewhere:
            article = any(context[: m.start()].lower().endswith(THE) for m in elsewhere)
        found[(THE if article else "") + acronym] = (THE if with_article else "") + full
    return found


def _spelled(acronym: str, words: list[str]) -> int | None:
    """Return where the words that spell the acronym begin, the last of them being the last word."""
    for with_small in (False, True):
        at, left = len(words), len(acronym)
        while at and left:
            at -= 1
            small = words[at].lower() in _SMALL
            if small and not (with_small and words[at][0].upper() == acronym[left - 1]):
                continue
            if not small and not words[at][0].isupper():
                break
            if words[at][0].upper() != acronym[left - 1]:
                break
            left -= 1
        if not left and words[at].lower() not in _SMALL and len(words) - at >= 2:
            return at
    return None


def names_in(text: str, context: str) -> Iterator[tuple[int, int, tuple[str, ...], str]]:
    """Yield (start, end, other names, where they come from) of each name in ``text``, in its order."""
    places: list[tuple[int, int, tuple[str, ...], str]] = []
    own = _both_ways(context)
    if own:
        for match in _pattern(own).finditer(text):
            places.append((*match.span(), own[_key(match[0])], "explained in the paragraph"))
    table = alias_table()
    for match in table_pattern().finditer(text):
        if not any(match.start() < last and first < match.end() for first, last, _, _ in places):
            places.append((*match.span(), table[_key(match[0])], "alias"))
    yield from sorted(places)


def _key(written: str) -> str:
    return "t" + written[1:] if written.startswith("The ") else written


@lru_cache(maxsize=64)
def _both_ways(context: str) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for short, full in explained(context).items():
        names[short], names[full] = (full,), (short,)
        # The question may leave the article out: a full name needs it, letters do without.
        if full.startswith(THE):
            names[short.removeprefix(THE)] = (full,)
    return names
