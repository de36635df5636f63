"""Two processes of torchrun predict and search as one does, and one goes on where two stopped."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.squad.io import write_squad
from robust.zoo.checkpoints import save_reader

pytestmark = pytest.mark.slow  # each process imports torch and transformers

ROOT = Path(__file__).resolve().parents[2]
# The command, and which threads it has left when Python ends.
WATCHED = """
import atexit, json, os
from pathlib import Path
from robust.cli.main import main

def tell():
    threads = [name.read_text().strip() for name in Path("/proc/self/task").glob("*/comm")]
    Path(f"threads-{os.environ['RANK']}.json").write_text(json.dumps(threads))

atexit.register(tell)
main()
"""


def robust(folder: Path, *words: str, processes: int, home: str) -> str:
    """Run a command in ``folder``; return what it said on stdout."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [*torchrun, "watched.py"] if processes > 1 else ["-m", "robust.cli.main"]
    done = subprocess.run(
        [sys.executable, *command, *words, "--device", "cpu"],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "ROBUST_HOME": str(folder / home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def evaluate(folder: Path, data: str, out: str, *, processes: int, home: str) -> None:
    said = robust(folder, "eval", "-m", "reader", "-s", data, "--out", out, processes=processes, home=home)
    assert said.count("asked") == 1, "the first process alone says something"


def run_of(folder: Path) -> dict[str, bytes]:
    return {
        file.name: re.sub(rb'"(git_commit|command)": .*', b"", file.read_bytes())
        for file in sorted(folder.iterdir())
        if file.is_file()
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny: SimpleNamespace) -> Path:
    folder = tmp_path_factory.mktemp("launched")
    (folder / "watched.py").write_text(WATCHED)
    reader = tiny.tiny_reader()
    save_reader(folder / "reader", reader.model, reader.tokenizer, reader.settings)
    questions = tiny.tiny_questions()
    write_squad(folder / "asked-first.json", questions)
    write_squad(folder / "asked.json", [*questions, *map(tiny.tiny_variant, questions)])
    evaluate(folder, "asked.json", "one", processes=1, home="home-one")
    return folder


@pytest.fixture(scope="module")
def of_two(place: Path) -> Path:
    evaluate(place, "asked.json", "two", processes=2, home="home-two")
    return place / "two"


def test_two_processes_predict_what_one_does(place: Path, of_two: Path) -> None:
    assert run_of(of_two) == run_of(place / "one")


@pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="needs Linux, which tells of threads by name"
)
@pytest.mark.parametrize("rank", [0, 1])
def test_no_thread_of_the_group_outlives_it(place: Path, of_two: Path, rank: int) -> None:
    """One that does may abort its process as Python ends."""
    threads = json.loads((place / f"threads-{rank}.json").read_text())
    assert "python" in " ".join(threads)
    assert not [name for name in threads if "gloo" in name or "tcpstore" in name]


def test_one_process_goes_on_where_two_stopped(place: Path) -> None:
    evaluate(place, "asked-first.json", "first", processes=2, home="home-resumed")
    (cache,) = (place / "home-resumed" / "predictions").glob("*.sqlite")
    with sqlite3.connect(cache) as database:
        before = dict(database.execute("SELECT key, rowid FROM predictions"))
    assert len(before) == 12
    evaluate(place, "asked.json", "then", processes=1, home="home-resumed")
    with sqlite3.connect(cache) as database:  # the same file: the number of processes is in no key
        after = dict(database.execute("SELECT key, rowid FROM predictions"))
    assert len(after) == 24
    assert before.items() <= after.items()  # a row that is written again gets another number
    assert run_of(place / "then") == run_of(place / "one")
