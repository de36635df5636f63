"""What a report is made from: runs by the name they go by, and the files of their sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from robust.build.folder import is_set, read_edits
from robust.errors import UserError
from robust.evaluation.sets import MAIN, open_set
from robust.report.html.questions import Shown
from robust.runs import Run, read_run


def open_runs(paths: Sequence[Path]) -> dict[str, Run]:
    """Return runs by their model's name, or by their folder's where two are of one name.

    Raises UserError where a folder holds no run, or is named twice.
    """
    runs = {path: read_run(path, predictions=False) for path in paths}
    if len(runs) < len(paths):
        raise UserError("a run is named twice; expected each once")
    models = [str(run.summary.get("model") or "reader") for run in runs.values()]
    folders = [path.resolve().name for path in paths]
    named: dict[str, Run] = {}
    for model, folder, (path, run) in zip(models, folders, runs.items(), strict=True):
        name = model if models.count(model) == 1 else folder if folders.count(folder) == 1 else str(path)
        named[name] = run
    return named


def open_sets(runs: Mapping[str, Run], given: Sequence[Path]) -> tuple[dict[str, Shown], list[str]]:
    """Return what is found of the runs' sets, by name, and notes on what is not as it was."""
    names = dict.fromkeys(str(name) for run in runs.values() for name in run.scores["set"].unique())
    places: dict[str, Path] = {}
    for path in given:
        name = path.resolve().name
        if name not in names:
            raise UserError(f"--set {path}: no run has a set called {name!r}; they have {', '.join(names)}")
        places[name] = path
    found = {}
    for name, path in places.items():
        opened = open_set(str(path), Path, controls=False)
        edits = read_edits(path) if is_set(path) else {}
        found[name] = Shown(opened.arms[MAIN], path, opened.manifest, edits)
    return found, []
