"""Folders that one process at a time writes: the second is told, a killed one lets go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.evaluation.about import check_out
from robust.folders import sole

HOLDER = """
import sys, time
from pathlib import Path
from robust.folders import sole
with sole(Path(sys.argv[1])):
    print("holds", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    """A process that works on ``tmp_path/out``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "out"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "holds\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_process_is_told_who_works_there(holder, tmp_path):
    told = pytest.raises(UserError, match=rf"out: another process \({holder.pid}\) is at work on it")
    with told, sole(tmp_path / "out"):
        pass
    with sole(tmp_path / "another"):
        pass


def test_a_folder_of_two_names_has_one_lock(holder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(UserError, match="another process"), sole(tmp_path / "link"):
        pass


def test_the_root_of_all_folders_is_no_crash():
    with sole(Path("/")):
        pass


def test_a_killed_process_lets_go_at_once(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with sole(tmp_path / "out"):
        assert (tmp_path / ".out.lock").read_text() == str(os.getpid())


def test_nothing_is_left_behind_and_the_folder_itself_is_not_made(tmp_path):
    with sole(tmp_path / "deep" / "out"):
        assert not (tmp_path / "deep" / "out").exists()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError), sole(tmp_path / "deep" / "out"):
        raise ValueError
    assert list(tmp_path.iterdir()) == []
    with sole(tmp_path / "deep" / "out"):
        (tmp_path / "deep" / "out").mkdir()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_links_in_a_ring_are_no_crash(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with sole(tmp_path / "loop"):
        pass
    with pytest.raises(UserError, match="loop/run: cannot write there"):
        check_out(tmp_path / "loop" / "run")


def test_a_run_whose_name_is_too_long_is_refused_before_the_work(tmp_path):
    with pytest.raises(UserError, match=r"cannot write there \(File name too long"):
        check_out(tmp_path / ("x" * 253))


def test_the_same_process_may_take_it_again_and_again(tmp_path):
    for _ in range(3):
        with sole(tmp_path / "out"):
            time.sleep(0)


def test_where_no_lock_can_be_made_the_work_goes_on_and_says_itself_what_is_wrong(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with sole(tmp_path / "file" / "out"):
        pass
    assert (tmp_path / "file").read_text() == "no folder"
