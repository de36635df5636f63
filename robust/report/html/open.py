"""What a report is made from: runs by the name they go by, and the files of their sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from robust.breakdown.material import differing, locate, which_set
from robust.build.folder import is_set, read_edits
from robust.errors import UserError
from robust.evaluation.compare import NEEDED
from robust.evaluation.sets import MAIN, open_set
from robust.report.html.questions import Shown
from robust.runs import Run, read_run, read_summary

# variants of a set that a page can show one by one: at 300 bytes each it is of 30 MB then
MOST = 100_000
# the columns of the score rows of a larger set: all but what was answered
_NUMBERS = NEEDED | {"null_odds", "threshold", "fold"}


def too_large(summary: Mapping[str, Any]) -> bool:
    """Say whether a set, by its figures, has more variants than a page can show one by one."""
    return int(summary.get("variants") or 0) > MOST


def open_runs(paths: Sequence[Path]) -> dict[str, Run]:
    """Return runs by their model's name, or by their folder's where two are of one name, else by their path.

    Raises UserError where a folder holds no run, or is named twice.
    """
    twice = next((p for i, p in enumerate(paths) if p.resolve() in [q.resolve() for q in paths[:i]]), None)
    if twice is not None:
        raise UserError(f"{twice}: named twice; expected each run once")
    runs = [_open(path) for path in paths]
    models = [str(run.summary.get("model") or "reader") for run in runs]
    folders = [path.resolve().name for path in paths]
    names = [
        model if models.count(model) == 1 else folder if folders.count(folder) == 1 else str(path)
        for model, folder, path in zip(models, folders, paths, strict=True)
    ]
    if len(set(names)) < len(names):  # a folder that is called as another's model, say
        names = [str(path) for path in paths]
    return dict(zip(names, runs, strict=True))


def _open(path: Path) -> Run:
    """Return a run without its predictions, and of sets that are too large without the answers."""
    import pandas as pd

    figures = read_summary(path)["sets"]
    large = [name for name, about in figures.items() if too_large(about)]
    if not large:
        return read_run(path, predictions=False)
    run = read_run(path, predictions=False, columns=_NUMBERS, sets=large)
    if len(large) == len(figures):
        return run
    rest = read_run(path, predictions=False, sets=[name for name in figures if name not in large])
    return replace(run, scores=pd.concat([rest.scores, run.scores], ignore_index=True))


def open_sets(
    runs: Mapping[str, Run], given: Sequence[Path], home: Path, here: Callable[[str], Path | None]
) -> tuple[dict[str, Shown], list[str]]:
    """Return what is found of the runs' sets, by name, and notes on those that are not as they were.

    ``given`` are folders or files of sets that have moved, or names; ``home`` is where sets are looked for,
    ``here`` says where data sets lie that have a name (``catalogue.here``). Runs that have different sets of
    one name share nothing: the first run's is shown. Sets that are ``too_large`` are left out. Raises
    UserError where a given one is no run's.
    """
    places: dict[str, Path] = {}
    for one in given:
        path = one if one.exists() else here(str(one)) or one
        places[_whose(runs, path)] = path
    found: dict[str, Shown] = {}
    notes = []
    for run in runs.values():
        for name, place in locate(run, places, home, here).items():
            if place is None or name in found or too_large(run.summary["sets"].get(name) or {}):
                continue
            if (changed := differing(place, run.manifest["sets"][name])) is not None:
                notes.append(
                    f"{changed} is not the file that the run was made on, so {name} is shown by id alone."
                )
                continue
            opened = open_set(str(place), Path, controls=False)
            found[name] = Shown(
                opened.arms[MAIN], place, opened.manifest, read_edits(place) if is_set(place) else {}
            )
    return found, list(dict.fromkeys(notes))


def _whose(runs: Mapping[str, Run], path: Path) -> str:
    """Return the name of the set at ``path``, by the first run that has it."""
    refused: UserError | None = None
    for run in runs.values():
        try:
            return which_set(run, path)
        except UserError as error:
            refused = refused or error
    raise refused or UserError(f"{path}: no run to look for it in")
