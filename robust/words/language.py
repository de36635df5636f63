"""Language packs: what an attack must know of a language that has no place in its own code.

English and Chinese are here; an installed package offers another under the entry point group
``robust.languages``: an object with the methods of ``LanguagePack``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol

from robust.errors import UserError
from robust.words.tokens import Token

GROUP = "robust.languages"


class LanguagePack(Protocol):
    """A language: how its text is cut and tagged, what must stay, and what form a word takes in a place."""

    code: str

    def analyse(self, text: str) -> Sequence[Token]:
        """Return the tokens with offsets (code points), Penn tags as far as they apply, and lemmas."""
        ...

    def untouchable(
        self, text: str, tokens: Sequence[Token], answers: Sequence[str], context: str
    ) -> dict[int, str]:
        """Return token index -> why no attack may exchange it."""
        ...

    def form(self, tokens: Sequence[Token], index: int, word: str) -> str | None:
        """Return what ``word`` (a lemma) looks like in a token's place; None where it has no such form."""
        ...


def language(code: str) -> LanguagePack:
    """Return the pack of a language, ``en``, ``zh`` or what a package offers; UserError for another."""
    return _load(code)


@cache
def _load(code: str) -> LanguagePack:
    offered: dict[str, Callable[[], LanguagePack]] = {
        entry.name: entry.load for entry in entry_points(group=GROUP)
    }
    if code == "en":
        from robust.words.english_pack import English

        return English()
    if code == "zh":
        from robust.words.chinese_pack import Chinese

        return Chinese()
    if code not in offered:
        raise UserError(
            f"language {code!r}: no pack for it; expected one of {', '.join(sorted({'en', 'zh', *offered}))}"
        )
    return offered[code]()
