"""Slots in templates: ``{city}``, ``{man2.his}``, ``{a:job}``; what stands in them, and how they are filled.

A slot is a list's name, with a number where several words of one list are wanted (all different), and a
form behind a dot. ``a:`` puts "a" or "an" before it, ``A:`` "A" or "An", ``cap:`` makes its first letter a
capital.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from robust.checklist.records import Item, Template
from robust.words.inflect import indefinite_article

_SLOT = re.compile(r"\{(?:(a|A|cap):)?([a-z_]+)(\d*)(?:\.(\w+))?\}")
_BRACES = re.compile(r"\{[^{}]*\}?|\}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as written: ``key`` names what is drawn (list and number), ``form`` how it is shown."""

    key: str
    list_name: str
    form: str
    prefix: str


@lru_cache(maxsize=4096)
def slots_of(text: str) -> tuple[Slot, ...]:
    """Return the slots of a template's text in order; ValueError, with what was found, for stray braces."""
    for match in _BRACES.finditer(text):
        if not _SLOT.fullmatch(match[0]):
            raise ValueError(f"{match[0]!r} is no slot")
    return tuple(Slot(m[2] + m[3], m[2], m[4] or "text", m[1] or "") for m in _SLOT.finditer(text))


def texts_of(template: Template) -> list[str]:
    """Return all texts of a template, those of its changes with them: what words are drawn for."""
    texts = [template.context, template.question, *template.answers]
    for change in template.changes:
        texts += [change.context or "", change.question or "", *(change.answers or ())]
    return texts


def fill(text: str, drawn: Mapping[str, Item]) -> str:
    """Return the text with what was drawn in its slots."""

    def shown(match: re.Match[str]) -> str:
        item = drawn[match[2] + match[3]]
        word = item[match[4] or "text"]
        if match[1] == "cap":
            return word[:1].upper() + word[1:]
        if match[1]:
            article = item.get("a") or indefinite_article(word)  # a list may say it itself
            return f"{article.capitalize() if match[1] == 'A' else article} {word}"
        return word

    return _SLOT.sub(shown, text)
