"""Opening a data file: compression, encoding, size, and what can be wrong with each."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from robust.errors import UserError

# JSON has to be in memory whole, at some five times its size; SQuAD's own training file is 42 MB.
SIZE_LIMIT = 1_000_000_000
LINE_LIMIT = 64_000_000

_GZIP, _XZ, PARQUET = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PAR1"
_BOM = b"\xef\xbb\xbf"


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Yield the file's bytes as a stream, unpacked where it is gzip or xz (told by content, not by name).

    Raises UserError where the file is missing, a folder, unreadable, empty, or its compression is broken.
    """
    stream: BinaryIO | None = None
    try:
        with path.open("rb") as probe:
            magic = probe.read(6)
        if not magic:
            raise UserError(f"{path}: the file is empty; expected SQuAD JSON, JSONL or parquet")
        if magic.startswith(_GZIP):
            stream = gzip.open(path, "rb")
        elif magic == _XZ:
            stream = lzma.open(path, "rb")
        else:
            stream = path.open("rb")
        yield stream
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; check the path, or see `robust list datasets`") from None
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder, expected a data file; name a file in it") from None
    except PermissionError:
        raise UserError(f"{path}: may not be read; change its permissions") from None
    except EOFError:
        raise UserError(f"{path}: the compressed file is cut off; fetch it again") from None
    except (gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise UserError(f"{path}: broken compression ({error}); fetch it again") from None
    finally:
        if stream is not None:
            stream.close()


def read_text(path: Path, limit: int = SIZE_LIMIT) -> str:
    """Return the whole file as text; UserError where it is over ``limit`` bytes, or not UTF-8."""
    with open_bytes(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
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
        raise UserError(
            f"{path}: not UTF-8{' but UTF-16' if utf16 else ''}: byte 0x{error.object[error.start]:02x} at offset "
            f"{start}; save the file as UTF-8"
        ) from None


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line) of each line that is not blank, holding one line in memory."""
    offset = 0
    with open_bytes(path) as stream:
        number = 0
        while line := stream.readline(LINE_LIMIT + 1):
            number += 1
            if len(line) > LINE_LIMIT:
                raise UserError(
                    f"{path}: line {number}: more than {LINE_LIMIT / 1e6:,.0f} MB on one line; JSONL holds one question a line"
                )
            if line.strip():
                yield number, decode(line, path, offset)
            offset += len(line)
