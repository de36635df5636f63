"""Inputs made worse, one step at a time: bytes by bytes, and JSON by its tree, seeded."""

from __future__ import annotations

import json
from random import Random
from typing import Any

# What names, ids, titles and texts may hold: paths out of the folder, dots, NUL and other controls, ten
# thousand letters, turned text, half characters, markup, formulas, escapes, letters of several units.
TEXTS = (
    "", " ", ".", "..", "../../x", "/etc/passwd", "C:\\x", "a/b", "a\\b", "con", "-rf", "~",
    "$HOME", "%s%n", "{0}", "\0", "\x01", "\t", "\r\n", "\x1b[2J\x1b]0;x\x07", "\x9b2J", "\x7f",
    "x" * 10_000, "\u202eabc", "\u200f", "\u2066", "\ud800", "e\u0301", "🍋", "\ufeff", "\u2028",
    "\xa0", "<script>alert(1)</script>", "=HYPERLINK(1)", "[red]", "[/]", "q1", "q1#1", "q1#0",
    "q1-high-conf", "#", "##1", "null", "NaN", "1e999", "main", "1904", "untitled 1",
)  # fmt: skip
_NUMBERS = (0, -1, 1, 34, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.5, 1e308, float("inf"), float("nan"))


def worse_bytes(data: bytes, random: Random) -> bytes:
    """Return the bytes with one to eight of them changed, cut, doubled or put elsewhere."""
    found = bytearray(data)
    for _ in range(random.randint(1, 8)):
        at, to = sorted(random.randrange(len(found) + 1) for _ in range(2))
        match random.randrange(6):
            case 0 if found:
                found[at % len(found)] = random.randrange(256)
            case 1:
                del found[at : min(to, at + 64)]
            case 2:
                found[at:at] = found[at : min(to, at + 64)]
            case 3:
                found[at:at] = random.randbytes(random.randint(1, 8))
            case 4 if found:
                found[at % len(found)] ^= 1 << random.randrange(8)
            case _:
                del found[to:]
    return bytes(found)


def worse_json(data: bytes, random: Random) -> bytes:
    """Return JSON (or lines of it) with parts of its tree changed; other bytes as ``worse_bytes`` does."""
    lines = data.split(b"\n") if data.count(b"\n{") else [data]
    at = random.randrange(len(lines))
    try:
        value = json.loads(lines[at])
        for _ in range(random.randint(1, 4)):
            value = _worse(value, random)
        lines[at] = json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return worse_bytes(data, random)
    return b"\n".join(lines)


def _worse(value: Any, random: Random) -> Any:
    if isinstance(value, dict | list) and value and random.random() < 0.85:
        places = list(value) if isinstance(value, dict) else range(len(value))
        at = random.choice(list(places))
        match random.randrange(8):
            case 0:
                del value[at]
            case 1 if isinstance(value, list):
                value.append(value[at])
            case 2 if isinstance(value, dict):
                value[random.choice(TEXTS)] = value.pop(at)
            case _:
                value[at] = _worse(value[at], random)
        return value
    match random.randrange(8):
        case 0:
            return random.choice(_NUMBERS)
        case 1:
            return random.choice((None, True, False, [], {}, [[]], {"": None}, [None]))
        case 2:
            return [value]
        case 3 if isinstance(value, int):
            return value + random.choice((-1, 1, 1000))
        case 4 if isinstance(value, str):
            return value + random.choice(TEXTS)
        case 5:
            nested: Any = value
            for _ in range(random.choice((3, 3_000))):
                nested = [nested]
            return nested
        case _:
            return random.choice(TEXTS)
