"""Raw text, whatever it lies in, as a stream of documents.

A document is a tuple of its paragraphs. In plain text (any suffix but those below; .xz .gz .bz2 .zst are
unpacked) a line is a paragraph and an empty line ends the document. In .jsonl and .parquet a row is a
document: its ``text``, lines being paragraphs; so in a folder that the library ``datasets`` saved, and in a
data set of the hub, ``hf:OWNER/NAME[/CONFIG][@REVISION][:SPLIT]``. Nothing is held but the document at hand.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from robust.errors import UserError, first_line
from robust.files import sha256_file
from robust.parquet_file import batches
from robust.pretrain import hub_text
from robust.pretrain.shards import MANIFEST, UNFINISHED
from robust.squad.source import LINE_LIMIT, growing

Document = tuple[str, ...]

_TEXT = "text"
_PACKED = (".xz", ".gz", ".bz2", ".zst")
# Rows of a parquet file that are in memory at once.
_ROWS = 1024
# Characters in a block of documents, and one document more.
_CHARACTERS = 8_000_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents of some files, to be gone through as often as needed.

    ``watch`` is told how many have passed, each hundred.
    """

    paths: tuple[Path, ...]
    watch: Callable[[int], None] | None = None

    def __iter__(self) -> Iterator[Document]:
        found = documents(self.paths)
        return found if self.watch is None else _watched(found, self.watch)


def _watched(documents: Iterable[Document], watch: Callable[[int], None]) -> Iterator[Document]:
    for number, document in enumerate(documents, 1):
        if number % 100 == 0:
            watch(number)
        yield document


def documents(paths: Sequence[Path]) -> Iterator[Document]:
    """Yield the documents of the files, in the order given; a folder of text stands for its files, sorted.

    Raises UserError naming file and line for text that is not UTF-8 or holds NUL (a binary file), rows
    without a ``text``, broken compression, files that are not there, and a corpus without any word.
    """
    empty = True
    for path in files(paths):
        for document in _of_file(path):
            empty = False
            yield document
    if empty:
        named = ", ".join(str(path) for path in paths) or "no file"
        raise UserError(f"{named}: no text in it; expected documents, an empty line between them")


def blocks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield the documents in lists of some megabytes of text: what is worth one pass of array arithmetic."""
    block: list[Document] = []
    size = 0
    for document in documents:
        block.append(document)
        size += sum(map(len, document))
        if size >= _CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def files(paths: Sequence[Path]) -> list[Path]:
    """Return the files (saved datasets and names on the hub among them) that ``paths`` stand for, in order.

    Raises UserError for a path that is not there, a pipe, a folder without files, and a packed corpus.
    """
    found: list[Path] = []
    for path in paths:
        if hub_text.is_hub_name(path):
            found.append(path)
        elif not path.exists():
            raise UserError(
                f"{path}: no such file; expected text, .jsonl, .parquet, a folder of them, or hf:OWNER/NAME"
            )
        elif not (path.is_file() or path.is_dir()):  # it can be read but once, and has no SHA-256
            raise UserError(f"{path}: a pipe or device, expected a file; write its text to a file first")
        elif path.is_dir() and not _is_saved(path):
            _check_unpacked(path)
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            if not inside:
                raise UserError(f"{path}: an empty folder, expected files of text")
            found += inside
        else:
            found.append(path)
    return found


def source(path: Path) -> dict[str, str]:
    """Return the name and SHA-256 of one of ``files``; of a data set on the hub only the name is known.

    A saved dataset has the SHA-256 of its files' names and sums. Raises UserError for a file that cannot be
    read.
    """
    if hub_text.is_hub_name(path):
        return {"name": str(path), "sha256": ""}
    try:
        if path.is_file():
            return {"name": path.name, "sha256": sha256_file(path)}
        sums = [[str(p.relative_to(path)), sha256_file(p)] for p in saved_files(path)]
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({first_line(error)})") from error
    return {"name": path.name, "sha256": hashlib.sha256(json.dumps(sums).encode()).hexdigest()}


def saved_files(path: Path) -> list[Path]:
    """Return the files of a saved dataset, sorted, without those that reading it may leave there."""
    return sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(("cache-", ".")))


def _check_unpacked(folder: Path) -> None:
    if (folder / UNFINISHED).is_file():
        raise UserError(
            f"{folder}: holds {UNFINISHED}, so its packing was interrupted; run that command again to go on, "
            "or name files of text"
        )
    if (folder / MANIFEST).is_file():
        raise UserError(f"{folder}: holds {MANIFEST}, as a packed corpus does; name the files of text in it")


def _is_saved(path: Path) -> bool:
    return (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()


def _of_file(path: Path) -> Iterator[Document]:
    if hub_text.is_hub_name(path):
        return _of_hub(path)
    if path.is_dir():
        return _of_saved(path)
    suffixes = [s for s in path.suffixes if s not in _PACKED]
    kind = suffixes[-1] if suffixes else ""
    if kind == ".parquet":
        return _of_parquet(path)
    return _of_jsonl(path) if kind in (".jsonl", ".ndjson") else _of_text(path)


def _of_text(path: Path) -> Iterator[Document]:
    paragraphs: list[str] = []
    for _, line in _lines(path):
        if line := line.strip():
            paragraphs.append(line)
        elif paragraphs:
            yield tuple(paragraphs)
            paragraphs = []
    if paragraphs:
        yield tuple(paragraphs)


def _of_jsonl(path: Path) -> Iterator[Document]:
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            text = json.loads(line)[_TEXT]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UserError(
                f"{path}: line {number}: {line.strip()[:40]!r} is not a JSON object with {_TEXT!r}"
            ) from error
        yield from _document(text, f"{path}: line {number}")


def _of_parquet(path: Path) -> Iterator[Document]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
        if _TEXT not in names:
            raise UserError(f"{path}: columns {', '.join(names)}; expected one named {_TEXT!r}")
        for batch in batches(path, rows=_ROWS, columns=[_TEXT]):
            for text in batch.column(0).to_pylist():
                yield from _document(text, f"{path}: column {_TEXT!r}")
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not a readable parquet file ({first_line(error)})") from error


def _of_saved(path: Path) -> Iterator[Document]:
    from datasets import DatasetDict, load_from_disk

    try:
        found = load_from_disk(str(path))
    except Exception as error:  # OSError, ValueError, KeyError, pyarrow's own: by what is damaged
        raise UserError(f"{path}: not a saved dataset that can be read ({first_line(error)})") from error
    for name, split in sorted(found.items()) if isinstance(found, DatasetDict) else [("", found)]:
        if _TEXT not in split.column_names:
            raise UserError(
                f"{path}: columns {', '.join(split.column_names)} in {name or 'it'}; expected {_TEXT!r}"
            )
        for row in split.select_columns([_TEXT]):
            yield from _document(row[_TEXT], f"{path}: column {_TEXT!r}")


def _of_hub(path: Path) -> Iterator[Document]:
    for row in hub_text.rows(str(path)):
        if _TEXT not in row:
            raise UserError(f"{path}: columns {', '.join(map(str, row))}; expected one named {_TEXT!r}")
        yield from _document(row[_TEXT], f"{path}: column {_TEXT!r}")


def _document(text: object, place: str) -> Iterable[Document]:
    """Return the document in a list, or an empty list where there is no word in it."""
    if not isinstance(text, str):
        raise UserError(f"{place}: {type(text).__name__}, expected text")
    if "\0" in text:
        raise UserError(f"{place}: holds NUL, so it is no text")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise UserError(f"{place}: holds half a character (a lone surrogate); write it anew") from error
    paragraphs = tuple(line.strip() for line in text.splitlines() if line.strip())
    return [paragraphs] if paragraphs else []


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line) of a text file, decompressed."""
    number = 0
    try:
        with _open(path) as stream:
            while raw := stream.readline(LINE_LIMIT + 1):
                number += 1
                if len(raw) > LINE_LIMIT:
                    raise UserError(
                        f"{path}: line {number}: more than {LINE_LIMIT / 1e6:,.0f} MB without an end; "
                        "expected text in lines"
                    )
                if b"\0" in raw:
                    raise UserError(f"{path}: line {number}: holds NUL, so it is no text; expected UTF-8")
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path}: line {number}: byte {error.start} is not UTF-8; convert it first"
        ) from error
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise UserError(f"{path}: after line {number}: cannot be read ({first_line(error)})") from error


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    match path.suffix:
        case ".xz":
            with lzma.open(path) as stream:
                yield growing(stream, path)
        case ".gz":
            with gzip.open(path) as stream:
                yield growing(stream, path)
        case ".bz2":
            with bz2.open(path) as stream:
                yield growing(stream, path)
        case ".zst":
            import pyarrow as pa

            with pa.input_stream(str(path), compression="zstd") as stream:
                yield growing(stream, path)
        case _:
            with path.open("rb") as stream:
                yield stream
