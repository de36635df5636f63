"""Opening a data file: compression, encoding, size, and what can be wrong with each."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import IO, Any

from robust.errors import UserError
from robust.json_text import parse_json

# JSON has to be in memory whole, at some five times its size; SQuAD's own training file is 42 MB.
SIZE_LIMIT = 1_000_000_000
LINE_LIMIT = 64_000_000

_GZIP, _XZ, PARQUET = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PAR1"
_REASONS: dict[type[OSError], str] = {
    FileNotFoundError: "no such file; check the path, or see `robust list datasets`",
    IsADirectoryError: "is a folder, expected a data file; name a file in it",
    PermissionError: "may not be read; change its permissions",
}
# what a packed file may unpack to beyond _FREE bytes, in times of its own size: text packs 3 to 10 times,
# the same paragraph a million times some hundred; gzip could reach 1,000, xz 7,000
_GROWTH = 300
_FREE = 100_000_000
_BOM = b"\xef\xbb\xbf"


@contextmanager
def open_bytes(path: Path) -> Iterator[BufferedReader]:
    """Yield the file's bytes as a stream, unpacked where it is gzip or xz (told by content, not by name).

    Raises UserError where the file is missing, a folder, unreadable, empty, or its compression is broken.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UserError(f"{path}: is a device or a pipe, expected a data file; save it to a file first")
    try:
        with path.open("rb") as plain:
            magic = plain.read(len(_XZ))
            plain.seek(0)
            if not magic:
                raise UserError(f"{path}: the file is empty; expected SQuAD JSON, JSONL or parquet")
            if magic.startswith(_GZIP):
                yield growing(gzip.GzipFile(fileobj=plain), path)
            elif magic == _XZ:
                yield growing(lzma.LZMAFile(plain), path)  # noqa: SIM115 (`plain` is closed)
            else:
                yield plain
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        what = "is cut off" if isinstance(error, EOFError) else f"is damaged ({error})"
        raise UserError(f"{path}: the compressed file {what}; fetch it again") from None
    except OSError as error:
        raise UserError(f"{path}: {_REASONS.get(type(error), error.strerror or str(error))}") from None


def growing(stream: IO[bytes] | gzip.GzipFile, path: Path) -> BufferedReader:
    """Return what ``stream`` unpacks of the file ``path``, up to a size that an honest file stays below.

    Reading past it raises UserError: such a file is made to fill a disk, a memory or a day.
    """
    return BufferedReader(_Growing(stream, path), 1 << 16)


class _Growing(RawIOBase):
    def __init__(self, stream: IO[bytes] | gzip.GzipFile, path: Path) -> None:
        self._stream, self._path = stream, path
        self._left = max(_FREE, _GROWTH * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        self._left -= len(found)
        if self._left < 0:
            raise UserError(
                f"{self._path}: unpacks to more than {_GROWTH} times its size, as nothing honest does; do "
                "not trust it, or unpack it yourself and name what comes out"
            )
        buffer[: len(found)] = found
        return len(found)


def read_text(path: Path, limit: int = SIZE_LIMIT) -> str:
    """Return the whole file as text; UserError where it is over ``limit`` bytes, or not UTF-8."""
    with open_bytes(path) as stream:
        # A packed file shows its true size only when unpacked, a plain one before it is read.
        too_long = isinstance(stream.raw, FileIO) and path.stat().st_size > limit
        data = b"" if too_long else stream.read(limit + 1)
    if too_long or len(data) > limit:
        raise UserError(
            f"{path}: more than {limit / 1e6:,.0f} MB of JSON, which would have to be in memory whole; "
            "write it as JSONL (.jsonl, one question a line), which is read line by line, or split it"
        )
    if not data.strip():
        raise UserError(f"{path}: the file is empty; expected SQuAD JSON, JSONL or parquet")
    return decode(data, path, 0)


def decode(data: bytes, path: Path, offset: int) -> str:
    """Return ``data`` (which begins at byte ``offset`` of the file) as text, without a byte order mark."""
    try:
        return data.removeprefix(_BOM).decode() if offset == 0 else data.decode()
    except UnicodeDecodeError as error:
        start = offset + error.start + (len(_BOM) if offset == 0 and data.startswith(_BOM) else 0)
        utf16 = offset == 0 and data[:2] in (b"\xff\xfe", b"\xfe\xff")
        what = "not UTF-8 but UTF-16" if utf16 else "not UTF-8"
        byte = f"byte 0x{error.object[error.start]:02x} at offset {start}"
        if path.suffix == ".parquet":
            raise UserError(f"{path}: no parquet file, though it is named so; fetch it again") from None
        raise UserError(f"{path}: {what}: {byte}; save the file as UTF-8") from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line) of each line that is not blank, holding one line in memory."""
    offset = 0
    with open_bytes(path) as stream:
        number = 0
        while line := stream.readline(LINE_LIMIT + 1):
            number += 1
            if len(line) > LINE_LIMIT:
                size = f"more than {LINE_LIMIT / 1e6:,.0f} MB on one line"
                raise UserError(f"{path}: line {number}: {size}; JSONL holds one question a line")
            if line.strip():
                yield number, decode(line, path, offset)
            offset += len(line)


def objects(path: Path, expected: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) of each line of a JSONL file that is not blank.

    ``expected`` says what an object is, for the message. Raises UserError with the line at the first fault.
    """
    for number, line in lines(path):
        try:
            row = parse_json(line)
        except ValueError as error:
            raise UserError(
                f"{path}: line {number}: not JSON ({error}); expected one object a line"
            ) from None
        if not isinstance(row, dict):
            raise UserError(f"{path}: line {number}: not a JSON object, expected {expected}")
        yield number, row
