"""Files and folders are whole or not there at all, and what the machine refuses is told with a way out."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.files import atomic_write, write_text
from robust.folders import replace_folder


def fill(folder: Path) -> None:
    (folder / "a").write_text("new")


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "free space"), (errno.EACCES, "may write"), (errno.EROFS, "may write")],
)
def test_the_advice_fits_what_was_refused(tmp_path: Path, number: int, advice: str) -> None:
    def refused(folder: Path) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(UserError, match=advice), atomic_write(tmp_path / "a") as temporary:
        temporary.write_text("half")
        refused(temporary)
    with pytest.raises(UserError, match=advice):
        replace_folder(tmp_path / "b", refused, ours=lambda p: True, what="ours")
    assert list(tmp_path.iterdir()) == []


def test_what_a_library_in_rust_was_refused_is_understood(tmp_path: Path) -> None:
    told = RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    with (
        pytest.raises(UserError, match=r"No space left on device\); free space"),
        atomic_write(tmp_path / "a"),
    ):
        raise told
    with pytest.raises(RuntimeError, match="a bug"), atomic_write(tmp_path / "a"):
        raise RuntimeError("a bug")


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="a file stands where a folder should be"):
        write_text(tmp_path / "file" / "a", "text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="a folder stands where a file should be"):
        write_text(tmp_path / "folder", "text")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may go anywhere")
def test_a_folder_that_may_not_be_entered_is_told(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    with pytest.raises(UserError, match=r"Permission denied.*may write"):
        write_text(tmp_path / "shut" / "a", "text")


def test_a_folder_that_replaces_another_can_be_read_by_whoever_reads_new_files(tmp_path: Path) -> None:
    def private(folder: Path) -> None:
        (folder / "inner").mkdir()
        for file in (folder / "weights", folder / "inner" / "program"):
            file.touch(mode=0o600)
        (folder / "inner" / "program").chmod(0o700)

    replace_folder(tmp_path / "model", private, ours=lambda p: True, what="ours")
    (tmp_path / "usual").touch()
    usual = (tmp_path / "usual").stat().st_mode & 0o777
    assert (tmp_path / "model" / "weights").stat().st_mode & 0o777 == usual
    assert (tmp_path / "model" / "inner" / "program").stat().st_mode & 0o777 == usual | 0o700
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == ["inner", "weights"]


def test_what_stood_there_stays_where_writing_fails(tmp_path: Path) -> None:
    replace_folder(tmp_path / "model", fill, ours=lambda p: True, what="ours")

    def breaks(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(UserError, match="full"):
        replace_folder(tmp_path / "model", breaks, ours=lambda p: True, what="ours")
    assert (tmp_path / "model" / "a").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
