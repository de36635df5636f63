"""Synonyms out of a file: one group of words a line, or the tables of the Open Multilingual Wordnet.

A line of a plain file holds words that mean the same, separated by spaces, tabs or commas; a first word that
ends in ``=`` is the group's code, as in the Chinese Cilin. An Open Multilingual Wordnet table (Bond & Foster
2013) has lines ``<synset> TAB <language>:lemma TAB <word>``. Lines that begin with ``#`` are notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from robust.errors import UserError
from robust.files import sha256_file

_OMW = re.compile(r"(\d{8}-[nvars])\t(?:\w+:)?lemma\t(.+)")


class Thesaurus:
    """Groups of words, in the file's order."""

    def __init__(self, path: Path) -> None:
        self._groups = list(_groups(path))
        self.sha256 = sha256_file(path)
        if not self._groups:
            raise UserError(f"{path}: holds no group of two words or more; expected synonyms, a group a line")
        self._of: dict[str, list[int]] = {}
        for number, (_, words) in enumerate(self._groups):
            for word in words:
                self._of.setdefault(word, []).append(number)

    def synonyms(self, word: str) -> list[tuple[str, str]]:
        """Return (synonym, name of its group) in the file's order, each synonym once."""
        found: dict[str, str] = {}
        for number in self._of.get(word, ()):
            name, words = self._groups[number]
            for other in words:
                if other != word:
                    found.setdefault(other, name)
        return list(found.items())


@lru_cache(maxsize=4)
def thesaurus(path: Path) -> Thesaurus:
    """Return the thesaurus in a file; UserError where it cannot be read or holds none."""
    return Thesaurus(path)


def _groups(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise UserError(f"{path}: cannot be read ({why}); expected a text file of synonyms") from error
    synsets: dict[str, dict[str, None]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if table := _OMW.fullmatch(line):
            synsets.setdefault(table[1], {})[table[2].strip()] = None
            continue
        words = [word for word in re.split(r"[\s,，、]+", line.strip()) if word]
        name = words.pop(0).rstrip("=") if words[0].endswith("=") else f"line {number}"
        if len(words) > 1:
            yield name, tuple(dict.fromkeys(words))
    for name, members in synsets.items():
        if len(members) > 1:
            yield name, tuple(members)
