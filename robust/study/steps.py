"""What a recipe asks for and is not there yet: sets to build, readers to evaluate.

Each step is a line of ``robust``, run in a process of its own. Those commands go on where they were stopped,
and so does the study: a step whose folder is finished is not run again.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robust.build.folder import is_set
from robust.errors import UserError
from robust.runs import is_run, read_manifest
from robust.study.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Step:
    """A line of ``robust`` (its words) and the folder that it makes."""

    words: tuple[str, ...]
    makes: Path

    def __str__(self) -> str:
        return "robust " + shlex.join(self.words)


def runs_folder(out: Path, reader: str) -> Path:
    """Return where a reader's run is kept."""
    return out / "runs" / reader


def set_argument(recipe: Recipe, name: str, out: Path) -> str:
    """Return what ``--set`` says: the folder of a built set, else its name."""
    return str(out / "sets" / name) if recipe.sets[name].build else name


def missing(recipe: Recipe, out: Path) -> list[Step]:
    """Return the steps that are still to be run; where every run is there, no set is needed any more."""
    runs = list(missing_runs(recipe, out))
    return [*missing_sets(recipe, out), *runs] if runs else []


def missing_sets(recipe: Recipe, out: Path) -> Iterator[Step]:
    """Yield the steps that build what is not built."""
    for name, one in recipe.sets.items():
        folder = out / "sets" / name
        if one.build and not is_set(folder):
            yield Step((*one.build, "--out", str(folder)), folder)


def missing_runs(recipe: Recipe, out: Path) -> Iterator[Step]:
    """Yield the steps that evaluate the readers that have no run of every set."""
    for name, reader in recipe.readers.items():
        folder = runs_folder(out, name)
        if has_every_set(folder, recipe):
            continue
        sets = [word for one in recipe.sets for word in ("--set", set_argument(recipe, one, out))]
        words = ("eval", "--model", reader.model, *recipe.evaluate, *sets, "--out", str(folder))
        yield Step(words, folder)


def has_every_set(folder: Path, recipe: Recipe) -> bool:
    """Say whether a folder is a finished run of every set of the recipe."""
    return is_run(folder) and set(recipe.sets) <= set(read_manifest(folder)["sets"])


def run_steps(steps: Sequence[Step], say: Callable[[str], None]) -> None:
    """Run the steps one after another; UserError for the first that fails, with its line to run by hand."""
    for step in steps:
        say(str(step))
        done = subprocess.run([sys.executable, "-m", "robust.cli.main", *step.words], check=False)
        if done.returncode:
            raise UserError(f"stopped with exit code {done.returncode}: {step}; run the same study to go on")
