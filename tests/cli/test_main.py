"""``robust`` itself: help, wrong options, and what a machine refuses, each told in one line."""

from __future__ import annotations

import errno
import json
import os
import shlex
import subprocess
import sys
import types
from importlib import import_module
from pathlib import Path

import pytest
import typer

from robust.cli import main as module
from robust.cli.sections import SECTIONS
from robust.errors import UserError


@pytest.fixture
def robust(monkeypatch, capsys):
    """Return a function that runs the command line in this process: (exit code, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["robust", *words])
        with pytest.raises(SystemExit) as ended:
            module.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def broken(monkeypatch):
    """Return a function that puts a command in the place of ``doctor`` which raises what it is given."""

    def put(error: BaseException) -> None:
        def fails() -> None:
            """Fail."""
            raise error

        monkeypatch.setattr("robust.cli.doctor.doctor", fails)

    return put


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["eval", "--modle", "x"], "--model"),
        (["evl"], "no such command 'evl'; did you mean 'eval'; see: robust --help"),
        (["eval", "--limit", "many"], "--limit"),
        (["eval", "--limit", "0"], "--limit"),
        (["list", "planets"], "datasets"),
        (["finetune", "minilm"], "--data"),
        (["build", "--setting"], "--setting"),
        (["doctor", "surplus"], "surplus"),
    ],
)
def test_wrong_options_get_one_line_that_names_the_right_ones_and_the_help(robust, words, told):
    code, out, err = robust(*words)
    assert (code, out) == (2, "")
    assert err.startswith("robust: ")
    assert len(err.splitlines()) == 1
    assert told in err
    assert "Value error" not in err and "Input should" not in err  # the words of a library
    asked = words[0] if words[0] in module.COMMANDS else ""
    assert err.rstrip().endswith(f"see: robust {asked} --help".replace("  ", " "))


def test_without_a_command_the_help_is_shown(robust):
    code, out, err = robust()
    assert (code, out) == (2, "")
    for command in module.COMMANDS:
        assert command in err


@pytest.mark.parametrize("command", module.COMMANDS)
def test_every_command_shows_an_example_that_runs_it(robust, command):
    code, out, _ = robust(command, "--help")
    assert code == 0
    assert module.EXAMPLES[command]
    for line in module.EXAMPLES[command]:
        assert line.split()[:2] == ["robust", command]
        assert line in out


def sub_commands() -> list[tuple[str, str]]:
    groups = {
        command: getattr(import_module(f"robust.cli.{file}"), name)
        for command, (file, name) in module.COMMANDS.items()
    }
    return [
        (command, sub.name)
        for command, group in groups.items()
        for sub in getattr(group, "registered_commands", ())
    ]


@pytest.mark.parametrize(("command", "sub"), sub_commands())
def test_every_sub_command_shows_an_example_that_runs_it(robust, command, sub):
    code, out, _ = robust(command, sub, "--help")
    assert code == 0
    own = [line for line in module.EXAMPLES[command] if line.split()[:3] == ["robust", command, sub]]
    assert own
    assert all(line in out for line in own)


def test_summaries_are_not_cut_off(robust):
    assert "..." not in robust("--help")[1].partition("Begin:")[2]


def test_every_command_stands_once_in_the_sections_of_the_help():
    named = [name for names in SECTIONS.values() for name in names]
    assert sorted(named) == sorted(module.COMMANDS)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_the_machine_refuses_is_one_line_with_a_way_out(robust, broken, number):
    broken(OSError(number, "refused", "/some/file"))
    code, _, err = robust("doctor")
    assert code == 2
    assert err.startswith("robust: /some/file: refused; ")
    assert len(err.splitlines()) == 1


def test_a_bug_keeps_its_traceback(monkeypatch, broken):
    monkeypatch.setattr(sys, "argv", ["robust", "doctor"])
    broken(OSError(errno.EBADF, "a bug"))
    with pytest.raises(OSError, match="a bug"):
        module.main()
    broken(ModuleNotFoundError("no robust.words", name="robust.words.nothing"))
    with pytest.raises(ModuleNotFoundError):
        module.main()


def test_a_package_that_is_not_installed_is_named_without_a_traceback(robust, broken):
    broken(ModuleNotFoundError("No module named 'pandas'", name="pandas"))
    code, _, err = robust("doctor")
    assert code == 2
    assert "pandas is not installed; robust doctor says how" in err


def test_a_file_that_is_missing_from_the_installation_is_told_so(robust, broken):
    gone = Path(module.__file__).parents[1] / "words" / "data" / "gone.json"
    broken(FileNotFoundError(errno.ENOENT, "No such file or directory", str(gone)))
    assert robust("doctor")[2] == (
        f"robust: {gone}: missing from the installation; robust doctor says how to mend it\n"
    )


def test_a_mistake_that_spans_lines_is_told_in_one(robust, broken):
    broken(UserError("one\ntwo"))
    assert robust("doctor")[2] == "robust: one two\n"


def test_ctrl_c_says_how_to_go_on(robust, broken):
    broken(KeyboardInterrupt())
    code, _, err = robust("doctor")
    assert code == 130
    assert "run the same command again" in err


def test_a_command_may_have_sub_commands(robust, monkeypatch):
    group = typer.Typer(help="Look at things.")

    @group.command("one")
    def one(name: str) -> None:
        """Look at one thing. [default: all]"""
        raise KeyboardInterrupt

    @group.command("two")
    def two() -> None:
        """Look at two things."""

    monkeypatch.setitem(sys.modules, "robust.cli.look", types.SimpleNamespace(app=group))
    monkeypatch.setitem(module.COMMANDS, "look", ("look", "app"))
    monkeypatch.setitem(module.EXAMPLES, "look", ("robust look one",))
    assert robust("look", "two")[0] == 0
    assert robust("look", "one", "a")[0] == 130
    assert "see: robust look one --help" in robust("look", "one")[2]
    assert "robust look one" in robust("look", "--help")[1]
    assert "[default: all]" in robust("look", "one", "--help")[1]


def test_help_imports_nothing_heavy():
    code = (
        "import sys, robust.cli.main as m; m.create_app();"
        "heavy = {'torch', 'transformers', 'pandas', 'datasets', 'nltk', 'numpy', 'pyarrow', 'scipy'};"
        "sys.exit(f'imported {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("own", [None, "ACTIVE"])
def test_threads_that_wait_leave_the_cores_to_others_unless_the_user_wants_it_otherwise(own):
    code = (
        "import os, sys, robust.cli.main as m\n"
        "sys.argv = ['robust', '--version']\n"
        "try:\n    m.main()\nexcept SystemExit:\n    pass\n"
        "print(os.environ['OMP_WAIT_POLICY'])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    environment |= {"OMP_WAIT_POLICY": own} if own else {}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split()[-1] == (own or "PASSIVE")


@pytest.mark.parametrize(
    "words",
    [
        ["build-qads", "--data", "nowhere.json", "--out", "set"],
        ["eval", "--model", "minilm-squad2", "--set", "nowhere"],
        ["eval", "--model", "minilm-squad", "--set", "demo"],
        ["eval", "--model", "./nowhere", "--set", "demo"],
        ["list", "planets"],
        ["eval"],
    ],
)
def test_a_mistake_is_told_without_waiting_for_torch(words, tmp_path: Path):
    code = (
        "import sys, robust.cli.main as m\n"
        f"sys.argv = ['robust', *{words!r}]\n"
        "try:\n    m.main()\nexcept SystemExit as end:\n    assert end.code == 2, end.code\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("out", ["occupied", "occupied/inner"])
def test_a_command_with_a_progress_bar_tells_a_mistake_in_one_line_too(out, tmp_path: Path):
    (tmp_path / "occupied").write_text("mine")
    words = ["build-qads", "--data", "demo", "--limit", "2", "--workers", "1", "--out", out]
    done = subprocess.run(
        [sys.executable, "-m", "robust.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    said = done.stderr.strip()  # rich before 14.1 ends even a bar that is off with an empty line
    assert said.startswith("robust: occupied"), said
    assert len(said.splitlines()) == 1
    assert (tmp_path / "occupied").read_text() == "mine"


def test_a_set_that_is_not_here_gets_the_names_of_those_that_are(robust, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    built = tmp_path / "sets" / "two-words"
    built.mkdir(parents=True)
    for file in ("manifest.json", "perturbed.json"):
        (built / file).touch()
    for asked, near in (("qdas", "qads"), ("two-word", "two-words"), ("squad2:dve", "squad2:dev")):
        code, _, err = robust("eval", "--model", "minilm-squad2", "--set", asked)
        assert code == 2
        assert f"did you mean {near}" in err
    assert "build it: robust build-qads" in robust("eval", "--model", "minilm-squad2", "--set", "qads")[2]


def in_a_shell(words: list[str | bytes], cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "robust.cli.main", *words],
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
    )


def test_a_name_that_is_not_utf_8_is_refused_before_anything_is_done(tmp_path: Path):
    done = in_a_shell(["build-qads", "--data", "demo", "--out", b"\xff"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(b"robust: '\\udcff': not UTF-8")
    assert not list(tmp_path.iterdir())


def test_an_output_that_takes_ascii_only_gets_ascii(tmp_path: Path):
    folder = tmp_path / "naïve café"
    (folder / "sets" / "ünï").mkdir(parents=True)
    manifest = {"format": "robust-set/1", "attack": "qads.v1"}
    (folder / "sets" / "ünï" / "manifest.json").write_text(json.dumps(manifest))
    settings = {"PYTHONIOENCODING": "ascii", "ROBUST_HOME": str(folder)}
    done = in_a_shell(["list", "sets", "--json"], tmp_path, **settings)
    assert json.loads(done.stdout)["sets"][0]["name"] == "ünï"
    done = in_a_shell(["list", "sets"], tmp_path, **settings)
    assert done.returncode == 0, done.stderr
    assert b"\\xfcn\\xef" in done.stdout


def test_a_closed_output_is_no_bug(tmp_path: Path):
    command = f"{shlex.quote(sys.executable)} -m robust.cli.main list senses >&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_stops_early_is_no_bug(tmp_path: Path):
    command = f"{shlex.quote(sys.executable)} -m robust.cli.main list | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout == "datasets\n"
    assert done.stderr == ""
