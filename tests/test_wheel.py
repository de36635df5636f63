"""The wheel: everything works from a plain install, outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from tests.packages import build

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Return the wheel built from this checkout."""
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Return a folder into which the wheel was installed, and nothing else."""
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"ROBUST_DATA", "PYTHONPATH"}}
    environment |= {"PYTHONPATH": str(installed), "ROBUST_HOME": str(cwd / "home")}
    return subprocess.run(
        [sys.executable, "-m", "robust.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )


def test_the_wheel_holds_both_packages_and_the_data_sets_but_no_package_called_datasets(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "robust/py.typed",
        "attacks/qads.py",
        "robust/_datasets/demo/demo.json",
        "robust/_datasets/squad2/dataset.toml",
        "robust/words/data/wordnet-3.0.lexicon",
        "robust/words/data/LICENSE-WordNet.txt",
        "robust/review/form.html",
        "robust/report/html/report.html.j2",
        "robust/report/html/style.css",
        "robust/report/html/viewer.js",
        "robust/probe/tasks/topic.toml",
    ):
        assert wanted in names
    assert not [n for n in names if n.startswith(("datasets/", "tests/"))]


def test_a_set_is_built_outside_the_checkout(installed, tmp_path):
    where = subprocess.run(
        [
            sys.executable,
            "-c",
            "import robust, attacks; print(robust.__file__, attacks.__file__, sep=chr(10))",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=dict(os.environ) | {"PYTHONPATH": str(installed)},
    ).stdout.splitlines()
    assert len(where) == 2
    assert all(str(installed) in path for path in where)
    done = run(
        installed, tmp_path, "build-qads", "--data", "demo", "--out", "set", "--workers", "1", "--json"
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["covered"] > 50
    assert (tmp_path / "set" / "perturbed.json").is_file()


def test_the_shipped_data_sets_and_readers_are_listed_outside_the_checkout(installed, tmp_path):
    done = run(installed, tmp_path, "list", "datasets", "--json")
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
    done = run(installed, tmp_path, "list", "models", "--json")
    assert "electra-tiny-squad2" in done.stdout


def test_help_answers_in_a_blink_because_it_imports_nothing_heavy(installed, tmp_path):
    code = (
        "import sys, robust.cli.main as m; m.create_app();"
        "heavy = ('torch', 'transformers', 'pandas', 'datasets', 'nltk', 'numpy');"
        "print([n for n in heavy if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=dict(os.environ) | {"PYTHONPATH": str(installed)},
    )
    assert done.stdout.strip() == "[]"


def test_every_command_has_help(installed, tmp_path):
    from robust.cli.main import COMMANDS

    said = run(installed, tmp_path, "--help").stdout
    for command, (module, name) in COMMANDS.items():
        assert command in said
        found = getattr(import_module(f"robust.cli.{module}"), name)
        subs = [sub.name for sub in getattr(found, "registered_commands", ())]
        for words in [[command, sub] for sub in subs] or [[command]]:
            done = run(installed, tmp_path, *words, "--help")
            assert done.returncode == 0
            assert "--json" in done.stdout


def test_a_mistake_gets_one_line_and_exit_2(installed, tmp_path):
    done = run(installed, tmp_path, "build-qads", "--data", "nowhere.json", "--out", "set")
    assert done.returncode == 2
    assert done.stderr.startswith("robust: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "set").exists()


def test_an_unknown_model_is_answered_with_the_nearest_names(installed, tmp_path):
    done = run(installed, tmp_path, "eval", "--model", "electra-larg", "--set", "demo")
    assert done.returncode == 2
    assert "electra-large" in done.stderr


def test_a_user_s_types_are_checked_against_ours(installed, tmp_path):
    """py.typed reaches users: a wrong argument is told by mypy, a right one is not."""
    (tmp_path / "mine.py").write_text(
        "from robust.stats.wilson import wilson\n"
        "right: list[float] = wilson(3, 10)\n"
        'wrong = wilson("three", 10)\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "mine.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=dict(os.environ) | {"MYPYPATH": str(installed)},
    )
    errors = [line for line in done.stdout.splitlines() if line.startswith("mine.py")]
    assert len(errors) == 1 and errors[0].startswith("mine.py:3:"), done.stdout


@pytest.mark.parametrize(
    ("shell", "environment"),
    [
        ("bash", {"COMP_WORDS": "robust ev", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "robust ev"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "robust ev", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_a_shell_completes_commands(installed, tmp_path, shell, environment, monkeypatch):
    monkeypatch.setenv("_ROBUST_COMPLETE", f"complete_{shell}")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code = "import sys; sys.argv[0] = 'robust'; from robust.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=dict(os.environ) | {"PYTHONPATH": str(installed)},
    )
    assert "eval" in done.stdout, done.stdout + done.stderr
    assert "build" not in done.stdout
