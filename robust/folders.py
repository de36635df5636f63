"""Folders that are whole or not there at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from robust.errors import UserError
from robust.files import cannot_write, refusal

try:
    import fcntl
except ImportError:  # no such locks there; what is written is renamed into place all the same
    fcntl = None  # type: ignore[assignment]


def replace_folder(
    path: Path, write: Callable[[Path], None], *, ours: Callable[[Path], bool], what: str
) -> None:
    """Let ``write`` fill a temporary folder beside ``path``, then put it in the place of ``path``.

    An empty folder, or one that ``ours`` recognises as ``what``, is replaced. Raises UserError where
    ``path`` holds something else, or cannot be written.
    Where anything stops it between the two renames, Ctrl-C included, the old folder is put back.
    """
    path = real(path)  # "." has no name of its own
    check_replaceable(path, ours, what)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        write(temporary)
        _share(temporary)
        if path.exists():
            path.rename(old)
        temporary.rename(path)
    except Exception as error:
        if (refused := refusal(error)) is None:
            raise
        raise cannot_write(path, refused) from error
    finally:
        if old.exists() and not path.exists():  # interrupted, or failed, between the two renames
            old.rename(path)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def sole(path: Path) -> Iterator[None]:
    """Let this process alone work on ``path``, which need not exist yet, until the block ends.

    Raises UserError at once where another one does. The lock is a file beside ``path``; a killed process lets
    it go, and where the file system knows no locks there is none.
    """
    path = real(path)  # one folder under two names has one lock
    lock = path.parent / f".{path.name}.lock"
    new = [folder for folder in path.parents if not folder.exists()]
    stream = _locked(lock, path)
    try:
        yield
    finally:
        if stream is not None:
            lock.unlink(missing_ok=True)  # before it is let go: who opens it now makes a new one
            stream.close()
        with suppress(OSError):  # the folders made for the lock alone; those that are in use are not empty
            for folder in new:
                folder.rmdir()


def _locked(lock: Path, path: Path) -> TextIO | None:
    """Return the open lock file; None where there can be none. UserError where another process has it."""
    if fcntl is None:
        return None
    while True:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            stream = lock.open("a+", encoding="ascii")
        except OSError:  # what is to be written there will say so
            return None
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            who = stream.read().strip() or "unknown"
            stream.close()
            raise UserError(
                f"{path}: another process ({who}) is at work on it; wait for its end, or choose another --out"
            ) from None
        except OSError:
            stream.close()
            return None
        if _is(stream, lock):
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
            return stream
        stream.close()  # another process ended, and took the file with it


def _is(stream: TextIO, path: Path) -> bool:
    """Say whether an open file is still the one at ``path``."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def real(path: Path) -> Path:
    """Return a path without links; of links that go round in a ring, whoever opens it will complain."""
    return Path(os.path.realpath(path))  # Path.resolve raises RuntimeError before Python 3.13


def check_writable(path: Path, name: str = "") -> None:
    """Raise UserError where a folder ``path`` could not be made or filled: before the work, not after it.

    ``name`` is what will be made in it, whose length counts, too.
    """
    whole = path.absolute()
    standing = next(p for p in (whole, *whole.parents) if p.exists())
    try:
        probe = standing / f".{name or path.name}.{os.getpid()}.probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UserError(f"{path}: cannot write there ({error.strerror}); choose another --out") from error


def check_replaceable(path: Path, ours: Callable[[Path], bool], what: str) -> None:
    """Raise UserError unless ``path`` is free, an empty folder, or one that ``ours`` knows as ``what``."""
    try:
        taken = path.exists() and not (path.is_dir() and (ours(path) or is_empty(path)))
    except OSError as error:  # a name that is too long, say
        raise cannot_write(path, error) from error
    if taken:
        raise UserError(f"{path}: exists and is not {what}; choose another --out")


def is_empty(folder: Path) -> bool:
    """Say whether a folder holds nothing, or nothing but what a killed write left (``.*.tmp``)."""
    return all(is_leftover(path) for path in folder.iterdir())


def is_leftover(path: Path) -> bool:
    """Say whether a killed write left this: a hidden file or folder named ``.*.tmp``."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


def check_apart(source: Path, out: Path, what: str) -> None:
    """Raise UserError where ``out`` is ``source``, which is ``what``, or a folder that holds it."""
    own, target = real(source), real(out)
    if own == target or target in own.parents:
        raise UserError(f"{out}: holds {what}; choose another --out")


def check_outside(out: Path, inputs: Iterable[Path]) -> None:
    """Raise UserError where ``out`` lies inside one of ``inputs``: else it is input next time."""
    inside = real(out).parents
    for path in inputs:
        if real(path) in inside:
            raise UserError(
                f"{out}: lies inside {path}, so that what is written there would be read as text next time; "
                "choose a folder outside it (--out, ROBUST_HOME)"
            )


def _share(folder: Path) -> None:
    """Give every file the permissions that a new file gets: safetensors writes for the owner alone."""
    probe = folder / ".permissions"
    probe.touch()
    usual = stat.S_IMODE(probe.stat().st_mode)
    probe.unlink()
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            file.chmod(stat.S_IMODE(file.stat().st_mode) | usual)
