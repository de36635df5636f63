"""A single file of named numpy arrays behind a small header, opened by mapping it into memory.

Layout, little-endian: 8 bytes of magic, format version (uint32), length of the header (uint32), CRC-32 of
all that follows the first 24 bytes (uint32), 4 zero bytes; then the header, JSON with sorted keys, whose
``arrays`` gives each array's type, position from the start of the file and length; then the arrays, each at
a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from robust.errors import UserError
from robust.files import atomic_write

AnyArray = npt.NDArray[Any]

_PREAMBLE = struct.Struct("<8sIIII")
_ALIGNMENT = 64


def write_arrays(
    path: Path, magic: bytes, version: int, header: Mapping[str, Any], arrays: Mapping[str, AnyArray]
) -> None:
    """Write ``arrays`` (one-dimensional) and the JSON values of ``header``; same input, same bytes."""
    ordered = {name: _little_endian(array) for name, array in sorted(arrays.items())}
    start = 0  # the length of the header depends on the positions: repeat until both agree
    while True:
        places: dict[str, tuple[str, int, int]] = {}
        at = start
        for name, array in ordered.items():
            at = _aligned(at)
            places[name] = (array.dtype.str, at, len(array))
            at += array.nbytes
        text = json.dumps({**header, "arrays": places, "size": at}, sort_keys=True, ensure_ascii=True)
        if _aligned(_PREAMBLE.size + len(text)) == start:
            break
        start = _aligned(_PREAMBLE.size + len(text))
    body = bytearray(text.encode("ascii"))
    for name, array in ordered.items():
        body += bytes(places[name][1] - _PREAMBLE.size - len(body)) + array.tobytes()
    preamble = _PREAMBLE.pack(magic, version, len(text), zlib.crc32(body), 0)
    with atomic_write(path) as temporary:
        temporary.write_bytes(preamble + bytes(body))


def open_arrays(
    path: Path, magic: bytes, version: int, kind: str, remedy: str
) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Map ``path`` and return its header and its arrays, which are read-only views of the file.

    ``kind`` ("a lexicon") and ``remedy`` ("compile it again with ...") go into the UserError raised for a
    file that is missing, foreign, of another version, truncated or damaged.
    """
    try:
        with path.open("rb") as stream:
            content = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is empty"
        raise UserError(f"{path}: cannot be opened as {kind} ({reason}); {remedy}") from error
    if len(content) < _PREAMBLE.size or bytes(content[: len(magic)]) != magic:
        raise UserError(f"{path}: not {kind} of ours (starts with {bytes(content[:8])!r}); {remedy}")
    _, found, length, checksum, _ = _PREAMBLE.unpack_from(content)
    if found != version:
        raise UserError(f"{path}: {kind} of format {found}, this version reads format {version}; {remedy}")
    if zlib.crc32(content[_PREAMBLE.size :]) != checksum:
        raise UserError(f"{path}: {kind}, but truncated or damaged (checksum differs); {remedy}")
    header = json.loads(bytes(content[_PREAMBLE.size : _PREAMBLE.size + length]))
    arrays = {
        name: np.frombuffer(content, dtype=dtype, count=count, offset=at)
        for name, (dtype, at, count) in header["arrays"].items()
    }
    return header, arrays


def _little_endian(array: AnyArray) -> AnyArray:
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))


def _aligned(position: int) -> int:
    return -(-position // _ALIGNMENT) * _ALIGNMENT
