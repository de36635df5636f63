"""robust build-qads and robust build, as a user calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from robust.attack.registry import make
from robust.build import read_edits, read_set
from robust.build.run import Built
from robust.cli.build import _print
from robust.cli.main import create_app
from robust.errors import UserError, quoted
from robust.squad.io import write_squad
from robust.squad.records import Answer, Question

CONTEXT = "The rich doctor purchased a huge house in {}. Her lawyer helped, and the town began to grow."


def sample(count: int = 40) -> list[Question]:
    texts = [
        ("Who purchased a huge house in {}?", "The rich doctor"),
        ("What did the physician purchase?", "a huge house"),
        ("When did the town begin to grow?", None),
        ("Which attorney helped to purchase the house?", None),
    ]
    questions = []
    for n in range(count):
        text, answer = texts[n % len(texts)]
        paragraph, year = n // 4, 1000 + n // 4
        context = CONTEXT.format(year)
        answers = (Answer(answer, context.index(answer)),) if answer else ()
        title = f"Town {paragraph % 2}"
        place = f"{title}:{paragraph // 2 + 1}"
        questions.append(
            Question(f"q{n}", text.format(year), context, answers, title, bool(answers), place, title)
        )
    return questions


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_squad(tmp_path / "data.json", sample())
    return tmp_path / "data.json"


def test_no_empty_table_is_shown_where_nothing_was_turned_down(capsys):
    about = {"attack": "x.v1", "settings": {}, "questions": 2, "coverage": 1.0, "covered": 2, "edits": 2}
    about |= {"covered_answerable": 2, "covered_unanswerable": 0, "controls": {}}
    _print(Built(Path("x"), about | {"rejections": {}}, fresh=True))
    assert "Turned down" not in capsys.readouterr().out
    _print(Built(Path("x"), about | {"rejections": {"word: name": 3}}, fresh=True))
    assert "Turned down" in capsys.readouterr().out


def robust(*words: object) -> Result:
    result = CliRunner().invoke(create_app(), [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def as_json(*words: object) -> dict[str, object]:
    result = robust(*words, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_json_is_one_object_with_the_promised_keys(data: Path, tmp_path: Path) -> None:
    found = as_json("build-qads", "--data", data, "--out", tmp_path / "set")
    assert {
        "out",
        "attack",
        "preset",
        "questions",
        "covered",
        "coverage",
        "edits",
        "rejections",
        "controls",
        "sha256",
    } <= set(found)
    assert (found["attack"], found["preset"], found["questions"]) == ("qads.v1", "safe", 40)
    built = read_set(tmp_path / "set")
    assert found["covered"] == len(built.original)
    assert found["controls"]["identity"]["questions"] == len(built.original)  # type: ignore[index]


def test_the_table_says_what_was_covered_what_was_not_and_what_comes_next(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    text = robust("build-qads", "--data", data, "--out", out, "--preset", "paper").stdout
    assert "coverage" in text
    assert "word: number" in text
    assert "controls: first-sense" in text
    assert f"robust eval --model NAME --set {quoted(out)}" in text
    assert (
        "holds this very set already"
        in robust("build-qads", "--data", data, "--out", out, "--preset", "paper").stdout
    )


def test_options_reach_the_attack(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    found = as_json(
        *("build-qads", "--data", data, "--out", out, "--preset", "paper", "--edits", 1, "--pos", "nv"),
        *("--sense", "first-sense", "--answerable-only", "--limit", 10, "--seed", 3, "--workers", 1),
        "--no-controls",
    )
    built = read_set(out)
    assert found["questions"] == 10
    assert found["covered_unanswerable"] == 0
    assert found["controls"] == {}
    assert not built.controls
    assert {len(edits) for edits in read_edits(out).values()} == {1}
    assert {edit.tag for edits in read_edits(out).values() for edit in edits} <= {"n", "v"}
    assert all(edit.sense_rank == 1 for edits in read_edits(out).values() for edit in edits)
    assert built.manifest["seed"] == 3
    assert built.manifest["command"] == (
        "robust build-qads --preset paper --edits 1 --pos nv --sense first-sense --data data.json --seed 3 "
        "--answerable-only --limit 10 --no-controls"
    )


def test_the_safer_the_fewer(data: Path, tmp_path: Path) -> None:
    common = ("build-qads", "--data", data, "--no-controls", "--workers", 1)
    loose = as_json(*common, "--out", tmp_path / "loose", "--least-safety", 0)
    tight = as_json(*common, "--out", tmp_path / "tight", "--least-safety", 0.7)
    assert tight["covered"] < loose["covered"]  # type: ignore[operator]
    edits = [edit for found in read_edits(tmp_path / "tight").values() for edit in found]
    assert all(float(edit.reason.split()[-1]) >= 0.7 for edit in edits)
    assert "--least-safety 0.7" in read_set(tmp_path / "tight").manifest["command"]
    with pytest.raises(UserError, match=r"least_safety 0\.5: the preset 'paper' takes every"):
        robust(*common, "--out", tmp_path / "paper", "--preset", "paper", "--least-safety", 0.5)


def test_a_set_can_be_built_from_a_set(data: Path, tmp_path: Path) -> None:
    as_json("build-qads", "--data", data, "--out", tmp_path / "one", "--no-controls")
    found = as_json("build-qads", "--data", tmp_path / "one", "--out", tmp_path / "two", "--preset", "paper")
    assert found["questions"] == len(read_set(tmp_path / "one").original)


def test_build_takes_any_attack_with_its_settings(data: Path, tmp_path: Path) -> None:
    found = as_json(
        "build",
        "qads.v1",
        "--data",
        data,
        "--out",
        tmp_path / "a",
        "--setting",
        "preset=paper",
        "--setting",
        "edits=1",
    )
    assert found["edits"] == found["covered"]
    same = as_json("build-qads", "--data", data, "--out", tmp_path / "b", "--preset", "paper", "--edits", 1)
    assert found["sha256"] == same["sha256"]
    control = as_json("build", "identity.v1", "--data", data, "--out", tmp_path / "c")
    assert control["attack"] == "identity.v1"
    assert control["controls"] == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build-qads", "--edits", "none"], "--edits none: expected 1, 2, ... or all"),
        (["build-qads", "--preset", "best"], "preset 'best': not known, expected one of safe, paper"),
        (["build-qads", "--sense", "lask"], "sense method 'lask': unknown; did you mean lesk?"),
        (["build", "leet_attack:Leet"], "found MODULE:CLASS, expected the name of a registered attack"),
        (["build-qads", "--pos", "nx"], "pos 'nx': found 'x', expected letters out of n, v, a, r"),
        (["build", "qads.v2"], "attack 'qads.v2': not known; the nearest are qads.v1"),
        (["build", "qads.v1", "--setting", "preset"], "--setting 'preset': expected NAME=VALUE"),
        (["build", "qads.v1", "--setting", "seed=1"], "attack 'qads.v1': has no setting 'seed'"),
    ],
)
def test_a_wrong_option_is_one_line(words: list[str], message: str, data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        robust(*words, "--data", data, "--out", tmp_path / "set")
    assert message in str(error.value)
    assert not (tmp_path / "set").exists()


def run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "robust.cli.main", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)


def test_a_missing_file_exits_2_with_one_line_and_writes_nothing(tmp_path: Path) -> None:
    result = run("build-qads", "--data", tmp_path / "none.json", "--out", tmp_path / "set")
    assert result.returncode == 2
    assert result.stderr.startswith("robust: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "set").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_exits_2(data: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    result = run("build-qads", "--data", data, "--out", locked / "set")
    assert result.returncode == 2
    assert "cannot write" in result.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, where nothing can be made")
def test_a_folder_that_cannot_be_made_is_named_as_it_was_given(data: Path) -> None:
    with pytest.raises(UserError, match=r"^/proc/nothing/set: cannot write there \(.*choose another --out$"):
        robust("build-qads", "--data", data, "--out", "/proc/nothing/set")


# The command, which gets a Ctrl-C as soon as its first shard is there, however busy the machine is.
STOPPED = """
import os, signal
from rich.progress import Progress
from robust.cli.main import main

def update(self, task, *, completed, total):
    if completed:
        os.kill(os.getpid(), signal.SIGINT)

Progress.update = update
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has it ignored
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_exits_130_and_the_same_command_continues(tmp_path: Path, workers: int) -> None:
    write_squad(tmp_path / "data.json", sample(1600))
    out = tmp_path / "set"
    words = [
        "build-qads",
        "--data",
        tmp_path / "data.json",
        "--out",
        out,
        "--workers",
        workers,
        "--no-controls",
    ]
    stopped = subprocess.run(
        [sys.executable, "-c", STOPPED, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert stopped.returncode == 130, stopped.stderr
    assert "run the same command again to continue" in stopped.stderr
    assert not (out / "manifest.json").exists()
    kept = len(list(out.glob(".partial/*.shard")))
    assert kept >= 1
    assert run(*words).returncode == 0
    assert read_set(out).manifest["questions"] == 1600
    assert len(read_set(out).original) > 800
    assert not (out / ".partial").exists()
    assert make("qads.v1").settings_hash() == read_set(out).manifest["settings_hash"]
