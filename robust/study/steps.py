"""What a recipe asks for and is not there yet: sets to build, readers to evaluate.

Each step is a line of ``robust``, run in a process of its own. Those commands go on where they were stopped,
and so does the study: a step is not run again where its folder is finished and was made by the same line, as
``steps.json`` in the study's folder notes. A reader that is trained anew under its name is not noticed.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from robust.build.folder import is_set
from robust.errors import UserError
from robust.files import write_text
from robust.json_text import read_json
from robust.runs import is_run, read_manifest
from robust.study.recipe import Recipe, RunRecipe

STEPS = "steps.json"
# what steps tell goes where progress goes: the study's own tables have stdout
_STDERR = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A line of ``robust`` (its words), the folder that it makes, and what that folder hangs on."""

    words: tuple[str, ...]
    makes: Path
    hangs_on: str

    def __str__(self) -> str:
        return "robust " + shlex.join(self.words)


def runs_folder(out: Path, run: str) -> Path:
    """Return where an evaluation is kept."""
    return out / "runs" / run


def check_study_out(out: Path) -> None:
    """Raise UserError where ``out`` holds what no study has made."""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out}: is a file, expected a folder; choose another --out")
    ours = (STEPS, "study.json", "runs", "sets")
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in ours):
        found = min(path.name for path in out.iterdir())
        raise UserError(f"{out}: holds {found!r}, and no study; choose another --out")


def missing(recipe: Recipe, out: Path) -> list[Step]:
    """Return the steps that are still to be run; where every run is there, no set is needed any more.

    Raises UserError where the note of what was run cannot be read.
    """
    noted = _noted(out)
    builds = [_build(recipe, name, out) for name, one in recipe.sets.items() if one.build]
    runs = [_evaluate(recipe, run, out, builds) for run in recipe.runs]
    left = [
        step
        for run, step in zip(recipe.runs, runs, strict=True)
        if not (has_every_set(step.makes, run) and _is_of(step, noted, out))
    ]
    if not left:
        return []
    return [s for s in builds if not (is_set(s.makes) and _is_of(s, noted, out))] + left


def has_every_set(folder: Path, run: RunRecipe) -> bool:
    """Say whether a folder is a finished run of every set that ``run`` asks."""
    return is_run(folder) and set(run.sets) <= set(read_manifest(folder)["sets"])


def run_steps(steps: Sequence[Step], out: Path, say: Callable[[str], None]) -> None:
    """Run the steps one after another; UserError for the first that fails, with its line to run by hand."""
    for step in steps:
        say(str(step))
        words = [sys.executable, "-m", "robust.cli.main", *step.words]
        with _outdated_aside(step, out):
            done = subprocess.run(words, stdout=_STDERR, check=False)
        if done.returncode:
            raise UserError(f"stopped with exit code {done.returncode}: {step}; run the same study to go on")
        noted = _noted(out) | {_name(step, out): step.hangs_on}
        write_text(out / STEPS, json.dumps(noted, indent=1, sort_keys=True) + "\n")


@contextmanager
def _outdated_aside(step: Step, out: Path) -> Iterator[None]:
    """Keep a run that this study made by another line out of the way; put it back where no new one comes.

    ``robust eval`` replaces no run of another reader, and that line may have named another.
    """
    name = _name(step, out)
    noted = _noted(out).get(name)
    if not is_run(step.makes) or noted in (None, step.hangs_on):
        yield
        return
    aside = step.makes.with_name(f".{step.makes.name}.outdated")
    shutil.rmtree(aside, ignore_errors=True)
    step.makes.rename(aside)
    try:
        yield
    finally:
        if step.makes.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(step.makes)


def _build(recipe: Recipe, name: str, out: Path) -> Step:
    words = recipe.sets[name].build
    folder = out / "sets" / name
    return Step((*words, "--out", str(folder)), folder, shlex.join(words))


def _evaluate(recipe: Recipe, run: RunRecipe, out: Path, builds: Sequence[Step]) -> Step:
    """Return the evaluation of a reader on its sets; it hangs on how these are built, too."""
    folder = runs_folder(out, run.name)
    places = {step.makes.name: str(step.makes) for step in builds}
    sets = [word for one in run.sets for word in ("--set", places.get(one, one))]
    begin = ("eval", "--model", run.model, *recipe.evaluate)
    built = {step.makes.name: step.hangs_on for step in builds}
    on = "; ".join(f"{one}: {built.get(one, 'as it is')}" for one in run.sets)
    return Step((*begin, *sets, "--out", str(folder)), folder, f"{shlex.join(begin)} on {on}")


def _name(step: Step, out: Path) -> str:
    return step.makes.relative_to(out).as_posix()


def _is_of(step: Step, noted: dict[str, str], out: Path) -> bool:
    return noted.get(_name(step, out)) == step.hangs_on


def _noted(out: Path) -> dict[str, str]:
    """Return folder -> what it was made of, of the steps that were run."""
    file = out / STEPS
    if not file.is_file():
        return {}
    try:
        return {str(name): str(line) for name, line in read_json(file).items()}
    except (ValueError, AttributeError) as error:
        raise UserError(
            f"{file}: broken ({error}); remove it: what is finished is then checked anew"
        ) from error
