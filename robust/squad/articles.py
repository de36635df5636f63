"""The articles of an official SQuAD file one at a time: a million questions need not be in memory as JSON."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

from robust.squad.official import OPENING
from robust.squad.source import open_bytes

_PART = 1 << 20
_BLANK = " \t\r\n"


class NotStreamed(ValueError):
    """The file is laid out otherwise, or at fault; what was given out of it says nothing."""


def articles(path: Path, limit: int) -> Iterator[dict[str, Any]]:
    """Yield each article of a file that is laid out as official ones are.

    Raises NotStreamed, at the first article or any later one, where it is not, or where an article has more
    than ``limit`` characters.
    """
    with open_bytes(path) as stream:
        if stream.read(len(OPENING)) != OPENING.encode():
            raise NotStreamed
        text = _Text(stream, limit)
        mark = ","
        while mark == ",":
            article = text.value()
            if not isinstance(article, dict) or "paragraphs" not in article or "question" in article:
                raise NotStreamed
            yield article
            mark = text.mark()
        if (mark, text.mark(), text.mark()) != ("]", "}", ""):
            raise NotStreamed


class _Text:
    """JSON that is read value by value, as much of it in memory as the value at hand needs."""

    def __init__(self, stream: BufferedReader, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._place = 0
        self._ended = False

    def value(self) -> Any:
        """Return the next value, which has to be an object, a list or text for its end to be known."""
        self._to_text()
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self._text, self._place)
            except RecursionError:
                raise NotStreamed from None
            except json.JSONDecodeError:  # not all of it is here, or it is at fault
                if not self._more():
                    raise NotStreamed from None
            except ValueError:  # a number of more digits than Python takes
                raise NotStreamed from None
            else:
                if end - self._place > self._limit:
                    raise NotStreamed
                self._place = end
                return value

    def mark(self) -> str:
        """Return the next character that is not blank; "" at the end."""
        self._to_text()
        self._place += 1
        return self._text[self._place - 1 : self._place]

    def _to_text(self) -> None:
        while True:
            while self._place < len(self._text) and self._text[self._place] in _BLANK:
                self._place += 1
            if self._place < len(self._text) or not self._more():
                return

    def _more(self) -> bool:
        """Read on, at least as much again as is held: a long value is so begun a few times only."""
        held = self._text[self._place :]
        if self._ended or len(held) > self._limit:
            return False
        found = self._stream.read(max(_PART, len(held)))
        self._ended = not found
        try:
            self._text, self._place = held + self._decoder.decode(found, final=self._ended), 0
        except UnicodeDecodeError:
            raise NotStreamed from None
        return True
