"""A file in the official layout is read an article at a time, as if it were read whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from robust.errors import UserError
from robust.squad import articles as streaming
from robust.squad import io
from robust.squad.articles import NotStreamed, articles
from robust.squad.io import read_questions

Document = dict[str, Any]
Save = Callable[..., Path]
_NO_LIMIT = 10**9


def _whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the questions, or the error, of a file that is not read in parts."""

    def never(path: Path, limit: int) -> Any:
        raise NotStreamed

    with monkeypatch.context() as patch:
        patch.setattr(io, "articles", never)
        return _read(path)


def _read(path: Path) -> Any:
    try:
        return read_questions(path)
    except UserError as error:
        return str(error)


@pytest.mark.parametrize("part", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_size_of_part_gives_the_same_articles(
    document: Document, save: Save, monkeypatch: pytest.MonkeyPatch, part: int, ascii_only: bool
) -> None:
    document["data"][0]["title"] = "Düsseldorf – ] } , 東京 😀"
    path = save(json.dumps(document, ensure_ascii=ascii_only).encode())
    monkeypatch.setattr(streaming, "_PART", part)
    assert list(articles(path, _NO_LIMIT)) == document["data"]
    assert read_questions(path) == _whole(path, monkeypatch)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n\n",
        lambda text: text.replace("}, {", "} ,\r\n\t{"),
        lambda text: text[:-1] + ', "more": 1}',
        lambda text: text[:-1],
        lambda text: text[:-2],
        lambda text: text + "{}",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("}, {", "} {", 1),
        lambda text: text[:-2] + ", 7]}",
        lambda text: text[:-2] + ', {"title": "T"}]}',
        lambda text: text[:-2] + ', {"title": 3, "paragraphs": []}]}',
        lambda text: '{"version": "v2.0", "data": []}',
        lambda text: '{"version": "v2.0", "data": [' + "[" * 100_000,
        lambda text: text.replace("question", "qestion", 1),
        lambda text: text.replace('"answer_start": ', '"answer_start": ' + "9" * 5000, 1),
    ],
)
def test_what_is_at_fault_is_told_as_of_a_file_read_whole(
    document: Document, save: Save, monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    path = save(change(json.dumps(document)).encode())
    monkeypatch.setattr(streaming, "_PART", 100)
    assert _read(path) == _whole(path, monkeypatch)


def test_bytes_that_are_no_text_are_told_with_their_place(document: Document, save: Save) -> None:
    text = json.dumps(document).encode()
    path = save(text[:-40] + b"\xff" + text[-40:])
    with pytest.raises(UserError, match=f"byte 0xff at offset {len(text) - 40}"):
        read_questions(path)
