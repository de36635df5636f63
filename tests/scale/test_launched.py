"""Two processes of torchrun answer as one does, and one goes on where two stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robust.squad.io import write_squad
from robust.zoo.checkpoints import save_reader

pytestmark = pytest.mark.slow  # each process imports torch and transformers

ROOT = Path(__file__).resolve().parents[2]


def evaluate(folder: Path, data: str, out: str, *, processes: int, home: str) -> str:
    """Run ``robust eval`` in ``folder``; return what it said on stderr."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    launcher = torchrun if processes > 1 else []
    words = ["eval", "-m", "reader", "-s", data, "--out", out, "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "robust.cli.main", *words],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "ROBUST_HOME": str(folder / home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("asked") == 1, "the first process alone says something"
    return done.stderr


def run_of(folder: Path) -> dict[str, bytes]:
    return {
        file.name: re.sub(rb'"(git_commit|command)": .*', b"", file.read_bytes())
        for file in sorted(folder.iterdir())
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny: SimpleNamespace) -> Path:
    folder = tmp_path_factory.mktemp("launched")
    reader = tiny.tiny_reader()
    save_reader(folder / "reader", reader.model, reader.tokenizer, reader.settings)
    questions = tiny.tiny_questions()
    write_squad(folder / "asked-first.json", questions)
    write_squad(folder / "asked.json", [*questions, *map(tiny.tiny_variant, questions)])
    evaluate(folder, "asked.json", "one", processes=1, home="home-one")
    return folder


def test_two_processes_predict_what_one_does(place: Path) -> None:
    evaluate(place, "asked.json", "two", processes=2, home="home-two")
    assert run_of(place / "two") == run_of(place / "one")


def test_another_number_of_processes_goes_on_with_what_is_there(place: Path) -> None:
    for first, then in ((2, 1), (1, 2)):
        home, out = f"home-{first}-{then}", f"then-{then}"
        evaluate(place, "asked-first.json", f"first-{first}", processes=first, home=home)
        (cache,) = (place / home / "predictions").glob("*.sqlite")
        before = cache.stat().st_size
        evaluate(place, "asked.json", out, processes=then, home=home)
        assert cache.stat().st_size >= before > 0
        assert len(list((place / home / "predictions").glob("*.sqlite"))) == 1  # one key for both
        assert run_of(place / out) == run_of(place / "one")
