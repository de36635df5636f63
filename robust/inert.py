"""Text of unknown origin made safe to show: what steers a terminal, or turns other text, is made visible.

A question, an id or a model's name may hold anything. Escape sequences move the cursor, rewrite what stands
on the screen or its title; bidirectional overrides make a line read as another (Boucher & Anderson 2021,
"Trojan Source"). Each such character is shown as one sign of its own, so that columns keep their width.
"""

from __future__ import annotations

import re

# C0 but for tab and newline, DEL, C1 (0x9b begins a sequence as ESC [ does), and what nests writing
# directions; left-to-right and right-to-left marks stay, which Arabic and Hebrew need
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


# what a spreadsheet takes for the beginning of a formula; the full-width signs in some languages
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def visible(text: str) -> str:
    """Return ``text`` with each steering character as one sign: U+2400 and on for ASCII's, else U+FFFD."""
    return text if text.isprintable() else _STEERING.sub(_sign, text)


def json_safe(text: str) -> str:
    r"""Return JSON whose steering characters are written ``\uXXXX``: the same value, inert on a screen."""
    return text if text.isprintable() else _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def csv_cell(text: str) -> str:
    """Return a cell that is no formula: an apostrophe goes before what looks so (OWASP, "CSV Injection")."""
    text = "\r".join(map(visible, text.split("\r")))  # a cell of several lines may have them so
    return f"'{text}" if text.lstrip(" \xa0").startswith(FORMULA) else text


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"
