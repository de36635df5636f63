"""Numbers of the question written otherwise: 1,000 and 1000, 5 and five, 5th and fifth, 5% and 5 percent.

The value is always the same. Four digits are only grouped before what they count (3500 people), and never
where they may be a year. Numbers that are a name's (Article 5, World War 2, "Three Kingdoms"), codes and
words of the answer are left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.months import LOWER, full_month
from robust.attack.numerals import CARDINALS, ORDINALS, cardinal, ordinal, ordinal_digits
from robust.attack.protected import protected
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.words.closed_class import word_set

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_YEARS = range(1000, 2101)
# Digits up to here are spelled out: a question writes "25 bees", seldom "twenty-five".
_SPELLED = 20
_COUNTED = frozenset(("NNS", "JJ", "NN"))
_CALENDAR = LOWER | word_set("century centuries bc ad bce ce am pm a.m. p.m.")
_SCALES = word_set(
    "hundred thousand million billion trillion dozen percent % point half and or to thirds quarters fifths"
)
# What makes a phrase of an ordinal: first name, first aid, second world.
_FIRST_PHRASES = word_set("time half name names aid lady world hand person language degree century centuries")
# Nouns that a number names rather than counts: chapter 5, type 2.
_LABELS = word_set(
    "article chapter section part type class number no. no level phase stage title act volume page line "
    "route channel group act step version grade platform psalm figure table area zone unit model code zip "
    "postcode bus train flight highway interstate road building room box apartment asteroid serial patent"
)


@dataclass(frozen=True, kw_only=True, repr=False)
class NumberFormat(SiteAttack):
    """Numbers written otherwise: 1,000 as 1000, 5th as fifth, 5% as 5 percent; ``edits`` in a variant."""

    name: ClassVar[str] = "number-format.v1"
    source: ClassVar[str] = "CheckList (Ribeiro et al. 2020) and TextFlint (Gui et al. 2021), number changes"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the numbers that can be written otherwise, in the text's order."""
        found = []
        last = 0
        for start, end, after, reason in _rewritings(scene):
            if start < last:
                continue
            before = scene.question.text[start:end]
            if refused := protected(scene, start, end, after):
                rejected[f"word: {refused}"] += 1
                continue
            found.append(Site((Edit("question", start, end, before, after, tag="n", reason=reason),)))
            last = end
        return found


def _rewritings(scene: Scene) -> Iterator[tuple[int, int, str, str]]:
    """Yield (start, end, what to write instead, why) of each number, in the text's order."""
    for i, token in enumerate(scene.tokens):
        if not (token.tag == "CD" or token.text[0].isdigit() or token.text.lower() in ORDINALS):
            continue
        if _of_a_name(scene, i):
            continue
        found = _percent(scene, i) or _grouping(scene, i) or _place(scene, i) or _spelling(scene, i)
        if found:
            yield (token.start, *found)


def _near(scene: Scene, i: int) -> str:
    """Return the lower-case text of a token, "" beyond either end."""
    return scene.tokens[i].text.lower() if 0 <= i < len(scene.tokens) else ""


def _tag(scene: Scene, i: int) -> str:
    return scene.tokens[i].tag if 0 <= i < len(scene.tokens) else ""


def _of_a_name(scene: Scene, i: int) -> bool:
    """Tell whether a number belongs to a name or a code, or counts something with a sign."""
    before, after = _near(scene, i - 1), _near(scene, i + 1)
    if i and ((scene.tokens[i - 1].text[:1].isupper() and i > 1) or before in _LABELS):
        return True
    if i and scene.tokens[i - 1].end == scene.tokens[i].start:  # X.25, $5, #4
        return True
    if after and scene.tokens[i + 1].start == scene.tokens[i].end and after not in ("%", "?", ",", ".", "'s"):
        return True
    if i and (before in _CALENDAR or full_month(before.capitalize())):
        return True
    return after in _CALENDAR or (scene.tokens[i].text[0].isupper() and i > 0)


def _percent(scene: Scene, i: int) -> tuple[int, str, str] | None:
    token, sign = scene.tokens[i], _near(scene, i + 1)
    if not token.text[0].isdigit():
        return None
    if sign == "%":
        return scene.tokens[i + 1].end, f"{token.text} percent", "percent"
    if sign == "percent":
        return scene.tokens[i + 1].end, f"{token.text}%", "percent"
    if sign == "per" and _near(scene, i + 2) == "cent":
        return scene.tokens[i + 2].end, f"{token.text}%", "percent"
    return None


def _grouping(scene: Scene, i: int) -> tuple[int, str, str] | None:
    token = scene.tokens[i]
    if _GROUPED.fullmatch(token.text):
        plain = token.text.replace(",", "")
        # 1,900 without its comma would read as a year, except before what it counts.
        if int(plain) in _YEARS and _tag(scene, i + 1) != "NNS":
            return None
        return token.end, plain, "grouping"
    if token.text.isascii() and token.text.isdigit() and 4 <= len(token.text) <= 12 and token.text[0] != "0":
        number = int(token.text)
        counts = _tag(scene, i + 1) == "NNS" and number not in _YEARS
        if len(token.text) > 4 or counts:
            return token.end, f"{number:,}", "grouping"
    return None


def _place(scene: Scene, i: int) -> tuple[int, str, str] | None:
    """Rewrite an ordinal that stands before its noun; *first* as an adverb and *a second* stay."""
    token, before = scene.tokens[i], _near(scene, i - 1)
    if _tag(scene, i + 1) not in ("NN", "JJ", "NNS", "JJS") or _near(scene, i + 1) in _FIRST_PHRASES:
        return None
    written = _ORDINAL.fullmatch(token.text)
    if written and 1 <= int(written[1]) <= 99:
        return token.end, ordinal(int(written[1])), "ordinal"
    number = ORDINALS.get(token.text)
    if number and token.tag == "JJ" and before in ("the", "its", "his", "their", "her", "'s"):
        return token.end, ordinal_digits(number), "ordinal"
    return None


def _spelling(scene: Scene, i: int) -> tuple[int, str, str] | None:
    """Rewrite a small number before what it counts."""
    token, before, after = scene.tokens[i], _near(scene, i - 1), _near(scene, i + 1)
    if before in _SCALES or after in _SCALES or _tag(scene, i - 1) == "CD" or _tag(scene, i + 1) == "CD":
        return None
    if after in ("years", "days", "year") and _near(scene, i + 2) in ("war", "war's"):
        return None
    if _tag(scene, i + 1) not in _COUNTED or (_tag(scene, i + 1) == "NN" and after != "people"):
        return None
    if (
        token.text.isascii()
        and token.text.isdigit()
        and len(token.text) <= 2
        and 2 <= int(token.text) <= _SPELLED
    ):
        return token.end, cardinal(int(token.text)), "spelling"
    number = CARDINALS.get(token.text, 0)
    return (token.end, str(number), "spelling") if number > 1 else None
