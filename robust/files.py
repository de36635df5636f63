"""Files that are whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from robust.errors import UserError

_ROOM = "free space, or choose a folder on another disk (--out, ROBUST_HOME)"
_OWN = "choose a folder that you may write (--out, ROBUST_HOME)"
# What a machine refuses, and the way out.
REFUSALS = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EROFS: _OWN,
    errno.EACCES: _OWN,
    errno.EPERM: _OWN,
    errno.EEXIST: "a file stands where a folder should be; choose another --out",
    errno.ENOTDIR: "a file stands where a folder should be; choose another --out",
    errno.EISDIR: "a folder stands where a file should be; choose another --out",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "the link leads back to itself; choose another --out",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EIO: "the disk fails; choose a folder on another disk (--out, ROBUST_HOME)",
}


def cannot_write(path: Path, error: OSError) -> UserError:
    """Return the error to raise where ``path`` cannot be written: the reason, and what helps against it."""
    reason = error.strerror or str(error)
    advice = REFUSALS.get(error.errno or 0, "choose another --out")
    return UserError(f"{path}: cannot write ({reason}); {advice}")


def refusal(error: Exception) -> OSError | None:
    """Return what the system refused, or None where the error is of another kind.

    Libraries written in Rust (safetensors, tokenizers) say it in their text only.
    """
    if isinstance(error, OSError):
        return error
    told = None if isinstance(error, UserError) else re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(told[1]), os.strerror(int(told[1]))) if told else None


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is renamed to ``path``, on failure removed.

    Raises UserError where the folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except Exception as error:
        if (refused := refusal(error)) is None:
            raise
        raise cannot_write(path, refused) from error
    finally:
        with suppress(OSError):  # where the folder cannot be made or entered, nothing was left in it
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with newlines as they are, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def sha256_file(path: Path) -> str:
    """Return the file's SHA-256 in lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
