"""Fetching one file over HTTP: resumable, checked, whole or not there at all."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from robust.errors import UserError
from robust.files import sha256_file

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]  # the documented way to make a module optional

# Called with (bytes so far, bytes in all or None) as a download goes on.
Progress = Callable[[int, int | None], None]

_CHUNK = 1 << 16
_TIMEOUT_SECONDS = 30
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


def download(
    address: str,
    target: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetch ``address`` to ``target`` and return it; what a broken-off try left (``.part``) is continued.

    ``target`` comes into being only when whole and, where ``sha256`` is given, right. Raises UserError
    where the address cannot be reached, the transfer breaks off (run again: it resumes), the content is
    not the expected one, or the disk refuses.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _part(target) as stream:
            if target.exists():  # another process fetched it while we waited
                if fcntl is not None:  # and renamed its part: ours is a new one, and empty
                    Path(stream.name).unlink(missing_ok=True)
                return target
            done, total = _transfer(address, stream, size, progress)
            stream.flush()
            part = Path(stream.name)
            if total is not None and done < total:
                raise UserError(
                    f"{address}: broke off at {done:,} of {total:,} bytes; run the same command again "
                    "to resume"
                )
            found = sha256_file(part)
            if sha256 is not None and found != sha256:
                part.unlink()
                raise UserError(
                    f"{address}: the downloaded file has SHA-256 {found}, expected {sha256}; it was thrown "
                    "away: try again, or from another network"
                )
            if fcntl is None:  # such systems rename no open file
                stream.close()
            part.replace(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"{target}: cannot be written ({reason}); free space or set ROBUST_HOME elsewhere"
        ) from None
    return target


@contextmanager
def _part(target: Path) -> Iterator[BinaryIO]:
    """Yield what there is of ``target``'s download, open at its end; nobody else writes it meanwhile."""
    part = target.with_name(target.name + ".part")
    while True:
        with part.open("ab") as stream:
            if fcntl is not None:  # elsewhere, the checksum still catches two writers
                fcntl.flock(stream, fcntl.LOCK_EX)
                # While we waited, another process may have renamed or removed the file we opened.
                if not target.exists() and not _still_there(stream, part):
                    continue
            stream.seek(0, 2)
            yield stream
            return


def _still_there(stream: BinaryIO, part: Path) -> bool:
    return part.exists() and os.path.samestat(os.fstat(stream.fileno()), part.stat())


def _transfer(
    address: str, stream: BinaryIO, size: int | None, progress: Progress | None
) -> tuple[int, int | None]:
    """Append what ``stream`` lacks of ``address``; return (bytes now there, bytes there should be)."""
    done = stream.tell()
    if size is not None and done > size:
        done = _restart(stream)
    if size is not None and done == size:
        return done, size
    try:
        with _open(address, done) as response:
            if response.status != _PARTIAL_CONTENT or not _continues(response, done):
                done = _restart(stream)
            length = response.headers.get("Content-Length")
            total = done + int(length) if length and length.isdigit() else size
            while chunk := response.read(_CHUNK):
                stream.write(chunk)
                done += len(chunk)
                if size is not None and done > size:
                    _restart(stream)
                    raise UserError(
                        f"{address}: sends more than the {size:,} bytes that the file has; it was thrown "
                        "away: try again, or from another network"
                    )
                if progress is not None:
                    progress(done, total)
    except urllib.error.HTTPError as error:
        if error.code == _RANGE_NOT_SATISFIABLE and done:
            _restart(stream)
            return _transfer(address, stream, size, progress)
        raise UserError(f"{address}: the server answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", None) or error
        kept = f"; {done:,} bytes are kept, run again to resume" if done else ""
        raise UserError(f"{address}: cannot be fetched ({reason}){kept}") from None
    return done, total


def _open(address: str, done: int) -> http.client.HTTPResponse:
    if not address.startswith(("https://", "http://")):
        raise UserError(f"{address}: not a web address; expected https://...")
    request = urllib.request.Request(address, headers={"User-Agent": "robust-qa"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
    return response


def _continues(response: http.client.HTTPResponse, done: int) -> bool:
    return (response.headers.get("Content-Range") or "").startswith(f"bytes {done}-")


def _restart(stream: BinaryIO) -> int:
    stream.seek(0)
    stream.truncate()
    return 0
