"""Numbers in words and in digits, below one hundred: 5 and five, 21st and twenty-first."""

from __future__ import annotations

_UNITS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def cardinal(number: int) -> str:
    """Return the words for a number from 0 to 99: *twenty-one*."""
    if number < 20:
        return _UNITS[number]
    tens, units = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_UNITS[units]}" if units else "")


def ordinal(number: int) -> str:
    """Return the words for the place of a number from 1 to 99: *twenty-first*."""
    before, hyphen, last = cardinal(number).rpartition("-")
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return before + hyphen + _ORDINALS.get(last, regular)


def ordinal_digits(number: int) -> str:
    """Return the place of a number in digits: *1st*, *12th*, *22nd*."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"


CARDINALS = {cardinal(number): number for number in range(100)}
ORDINALS = {ordinal(number): number for number in range(1, 100)}
