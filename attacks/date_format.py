"""Dates of the question written otherwise: March 3, 1901 and 3 March 1901, the 1990s and the nineties.

Also 19th and nineteenth century, March and Mar. beside a day or a year, in 1901 and in the year 1901, BC and
BCE. Only what is unambiguous: no date in figures but the ISO form of a full date, *the nineties* for the
twentieth century alone. Quotations and words of the answer are left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from robust.attack.months import LONG, MONTHS, SHORT, full_month
from robust.attack.numerals import ORDINALS, cardinal, ordinal, ordinal_digits
from robust.attack.protected import protected
from robust.attack.records import Edit
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack

_MONTH = "|".join([*MONTHS, *(rf"{short}\b\.?" for short in sorted(LONG, reverse=True))])
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1\d{3}|20\d\d)"
_TENS = {20: "twenties", 30: "thirties", 40: "forties", 50: "fifties", 60: "sixties", 70: "seventies"}
_TENS |= {80: "eighties", 90: "nineties"}
# What may follow a date: the end, a mark, or a word that does not make it a name (September 11 attacks).
_FREE = (
    r"(?=\s*[?.,;:)]|\s*$|\s+(?:in|at|on|by|for|to|of|from|with|and|or|did|was|were|had|has|is|that|which|"
    r"who|what|when|where|how|as|after|before|between|because|due|until|against|under|over)\b)"
)
# "twenty first" is one place, however it is joined.
_PLACE_WORDS = "|".join(sorted(ORDINALS, key=len, reverse=True)).replace("-", "[ -]")

Rewriting = Callable[[re.Match[str]], list[str]]


@dataclass(frozen=True, kw_only=True, repr=False)
class DateFormat(SiteAttack):
    """Dates written otherwise: March 3, 1901 as 3 March 1901, 1990s as nineties; ``edits`` in a variant."""

    name: ClassVar[str] = "date-format.v1"
    source: ClassVar[str] = "CheckList (Ribeiro et al. 2020), invariance tests; style guides for dates"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        """Return the dates that can be written otherwise, in the text's order."""
        text = scene.question.text
        taken: list[tuple[int, int]] = []
        found: list[Site] = []
        for reason, pattern, rewrite in FORMS:
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < last and first < end for first, last in taken):
                    continue
                if refused := protected(scene, start, end):
                    rejected[f"word: {refused}"] += 1
                    continue
                edits = tuple(
                    Edit("question", start, end, match[0], after, tag="n", reason=reason)
                    for after in rewrite(match)
                    if after != match[0] and not protected(scene, start, end, after)
                )
                if edits:
                    taken.append((start, end))
                    found.append(Site(edits))
        return sorted(found, key=lambda site: site.edits[0].start)


def _full_date(match: re.Match[str]) -> list[str]:
    """Return a date with its year in the other order, then in the ISO form."""
    month, day, year = full_month(match["month"]), int(match["day"]), match["year"]
    iso = f"{year}-{MONTHS.index(month) + 1:02}-{day:02}"
    british = match[0][0].isdigit()
    return [f"{month} {day}, {year}" if british else f"{day} {month} {year}", iso]


def _day_and_month(match: re.Match[str]) -> list[str]:
    month, day = full_month(match["month"]), int(match["day"])
    return [f"{month} {day}" if match[0][0].isdigit() else f"{day} {month}"]


def _iso(match: re.Match[str]) -> list[str]:
    year, month, day = match["year"], int(match["month"]), int(match["day"])
    return [f"{MONTHS[month - 1]} {day}, {year}", f"{day} {MONTHS[month - 1]} {year}"]


def _month_and_year(match: re.Match[str]) -> list[str]:
    month = full_month(match["month"])
    other = SHORT.get(month, "") if month == match["month"] else month
    return [match[0].replace(match["month"], other, 1)] if other else []


def _decade(match: re.Match[str]) -> list[str]:
    century, tens = int(match["century"]), int(match["tens"])
    mark = "" if match["mark"] else "'"
    others = [f"{century}{match['tens']}{mark}s"]
    if tens in _TENS:
        others.append(f"{cardinal(century)}-{_TENS[tens]}" if century != 19 else _TENS[tens])
    return others


def _century(match: re.Match[str]) -> list[str]:
    written = match["place"]
    if written[0].isdigit():
        number = int(written[:-2])
        return [f"{ordinal(number)}{match['between']}{match['word']}"] if 1 <= number <= 21 else []
    number = ORDINALS[written.lower().replace(" ", "-")]
    return [f"{ordinal_digits(number)}{match['between']}{match['word']}"] if number <= 21 else []


def _year(match: re.Match[str]) -> list[str]:
    if match["the"]:
        return [f"{match['in']} {match['year']}"]
    return [f"{match['in']} the year {match['year']}"]


def _era(match: re.Match[str]) -> list[str]:
    return [f"{match['year']} { {'BC': 'BCE', 'BCE': 'BC', 'AD': 'CE', 'CE': 'AD'}[match['era']] }"]


FORMS: tuple[tuple[str, re.Pattern[str], Rewriting], ...] = (
    ("date", re.compile(rf"\b(?P<month>{_MONTH}) {_DAY},? {_YEAR}\b(?!-)"), _full_date),
    ("date", re.compile(rf"\b{_DAY} (?P<month>{_MONTH}),? {_YEAR}\b(?!-)"), _full_date),
    (
        "date",
        re.compile(r"\b(?P<year>1\d{3}|20\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b"),
        _iso,
    ),
    ("day", re.compile(rf"\b(?P<month>{_MONTH}) {_DAY}{_FREE}(?!, \d)"), _day_and_month),
    ("day", re.compile(rf"\b(?<!\d ){_DAY} (?P<month>{_MONTH}){_FREE}"), _day_and_month),
    ("month", re.compile(rf"\b(?P<month>{_MONTH}),? {_YEAR}\b"), _month_and_year),
    ("decade", re.compile(r"\b(?P<century>1\d|20)(?P<tens>[1-9]0)(?P<mark>['’])?s\b(?!\s*-)"), _decade),
    (
        "century",
        re.compile(
            rf"\b(?P<place>\d{{1,2}}(?:st|nd|rd|th)|{_PLACE_WORDS})(?P<between>[ -])(?P<word>century)\b",
            re.IGNORECASE,
        ),
        _century,
    ),
    ("era", re.compile(r"\b(?P<year>\d{1,4}) (?P<era>BCE|BC|AD|CE)\b(?!\.)"), _era),
    ("year", re.compile(rf"\b(?P<in>[Ii]n) (?P<the>the year )?{_YEAR}(?![\d'’s,-]){_FREE}"), _year),
    ("year", re.compile(rf"\b(?P<in>[Ii]n) (?P<the>the year )?{_YEAR}(?=,\s)"), _year),
)
