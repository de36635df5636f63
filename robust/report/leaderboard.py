"""A leaderboard's entries: one JSON file for each model and set, made from run folders, read back checked.

An entry holds the sums of clean and perturbed scores of every article. That is all that a test between two
models clustered by article needs, so any two entries on the same questions are compared exactly as
``robust compare`` compares their runs, without a question or an answer being published.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.errors import UserError
from robust.evaluation.changed import changed_sets
from robust.evaluation.compare import Answered
from robust.evaluation.paired import FIGURES, select
from robust.evaluation.scores import PERTURBED
from robust.evaluation.sets import MAIN
from robust.files import atomic_write
from robust.json_text import read_json
from robust.report.schema import violation
from robust.runs import Run
from robust.stats.clusters import ClusterSums

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "robust-leaderboard/1"


@dataclass(frozen=True, slots=True)
class Sums:
    """A figure's clean and perturbed scores summed by article, with each article's number of questions."""

    questions: Mapping[str, int]
    clean: Mapping[str, float]
    perturbed: Mapping[str, float]

    def drop(self) -> ClusterSums:
        """Return the sums of drops by article, in points."""
        import numpy as np

        names = sorted(self.questions)
        totals = np.array([100 * (self.clean[name] - self.perturbed[name]) for name in names])
        return ClusterSums(totals, np.array([float(self.questions[name]) for name in names]))

    def score(self, *, perturbed: bool = False) -> float:
        """Return the clean (or perturbed) score in percent."""
        return (
            100 * sum((self.perturbed if perturbed else self.clean).values()) / sum(self.questions.values())
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One model on one set. ``abstained`` is its clean abstention rate on answerable questions, in percent.

    ``questions_sha256`` is of the questions' ids and texts: entries compare where it is the same. ``figures``
    has the sums, from which every mean, interval and test is computed: none of them has to be believed.
    """

    model: str
    set: str
    questions_sha256: str
    questions: int
    variants: int
    seeds: int
    abstained: float | None
    figures: Mapping[str, Sums]
    robust: str
    command: str

    def same_answers(self, other: Entry) -> bool:
        """Say whether both are of the same questions with the same scores, article by article."""
        shared = set(self.figures) & set(other.figures)
        return (
            self.questions_sha256 == other.questions_sha256
            and self.seeds == other.seeds
            and all(self.figures[figure] == other.figures[figure] for figure in shared)
        )


def entries_of(run: Run) -> list[Entry]:
    """Return an entry for each paired set of a run that has a drop; raises UserError where there is none."""
    main = run.scores[run.scores["arm"] == MAIN]
    main = main[~main["set"].isin(list(changed_sets(main)))]  # those ask for something else: no drop
    found = []
    for name, rows in main.groupby("set", sort=False):
        if (rows["condition"] == PERTURBED).any():
            found.append(_entry(run, str(name), rows))
    if not found:
        raise UserError(
            "the run has no perturbed questions; evaluate a robustness set: robust eval --set qads"
        )
    return found


def _entry(run: Run, name: str, rows: pd.DataFrame) -> Entry:
    answered = Answered.of(rows)
    after = answered.clean if answered.perturbed is None else answered.perturbed  # never the first: paired
    figures = {}
    for figure, (column, half) in FIGURES.items():
        clean, perturbed = select(answered.clean, half), select(after, half)
        if not len(clean) or clean[column].isna().any():
            continue
        article = clean["article"]
        figures[figure] = Sums(
            {str(k): int(n) for k, n in clean.groupby(article).size().items()},
            {str(k): float(total) for k, total in clean[column].groupby(article).sum().items()},
            {str(k): float(total) for k, total in perturbed[column].groupby(article).sum().items()},
        )
    first = rows[rows["seed"] == rows["seed"].iloc[0]]
    identity = "\n".join(sorted(f"{i}\t{key}" for i, key in zip(first["id"], first["key"], strict=True)))
    abstained = figures.get("HasAns_abstained")
    return Entry(
        model=str(rows["model"].iloc[0]),
        set=name,
        questions_sha256=hashlib.sha256(identity.encode()).hexdigest(),
        questions=len(answered.clean),
        variants=int((first["condition"] == PERTURBED).sum()),
        seeds=int(rows["seed"].nunique()),
        abstained=abstained.score() if abstained else None,
        figures=figures,
        robust=str(run.manifest.get("versions", {}).get("robust", "")),
        command=str(run.manifest.get("command", "")),
    )


def check_new(folder: Path, entries: Sequence[tuple[str, Entry]], *, replace: bool = False) -> None:
    """Raise UserError where entries to be written would hide others: two readers of one name are not one.

    ``entries`` are (where it comes from, entry). Refused are two of one model and set with other answers,
    and, unless ``replace``, one whose file in ``folder`` is of other answers.
    """
    seen: dict[tuple[str, str], tuple[str, Entry]] = {}
    for place, entry in entries:
        at, first = seen.setdefault((entry.model, entry.set), (place, entry))
        if not first.same_answers(entry):
            raise UserError(
                f"{place}: its model is called {entry.model} as that of {at}, with other answers on "
                f"{entry.set}; add one of them, or evaluate again under another name"
            )
        path = _path(folder, entry)
        if not replace and path.exists() and not _read(path).same_answers(entry):
            raise UserError(
                f"{path}: holds other answers of {entry.model} on {entry.set} than {place}; to put these in "
                "their place: robust leaderboard --replace"
            )


def _path(folder: Path, entry: Entry) -> Path:
    # names may hold anything, file names may not: the digest tells apart what the rest makes alike
    digest = hashlib.sha256(f"{entry.model}\n{entry.set}".encode()).hexdigest()[:8]
    plain = re.sub(r"[^\w.-]+", "_", f"{entry.set}--{entry.model}")[:100]
    return folder / f"{plain}--{digest}.json"


def write_entry(folder: Path, entry: Entry) -> Path:
    """Write an entry to ``folder`` and return its file; that of the same model and set is replaced.

    ``check_new`` says beforehand whether that would hide another reader.
    """
    about = {field: getattr(entry, field) for field in Entry.__dataclass_fields__}
    about["figures"] = {
        figure: {
            "articles": {
                name: {"questions": n, "clean": sums.clean[name], "perturbed": sums.perturbed[name]}
                for name, n in sums.questions.items()
            },
        }
        for figure, sums in entry.figures.items()
    }
    path = _path(folder, entry)
    with atomic_write(path) as temporary:
        text = json.dumps({"schema": SCHEMA, **about}, ensure_ascii=False, allow_nan=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def read_entries(folder: Path) -> list[Entry]:
    """Return the entries of a folder's JSON files, by file name.

    Raises UserError, naming file and field, where one breaks the schema, and where there is none.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; make it: robust leaderboard {folder} --add RUN")
    found = [_read(path) for path in sorted(folder.glob("*.json"))]
    if not found:
        raise UserError(f"{folder}: no entry here (*.json); make one: robust leaderboard {folder} --add RUN")
    seen: dict[tuple[str, str], None] = {}
    for entry in found:
        if (entry.model, entry.set) in seen:
            raise UserError(f"{folder}: two entries of {entry.model} on {entry.set}; remove one of the files")
        seen[entry.model, entry.set] = None
    return found


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of an entry."""
    text = (files("robust.report") / "leaderboard.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _read(path: Path) -> Entry:
    try:
        value = read_json(path)
    except ValueError as error:
        raise UserError(f"{path}: no JSON ({error}); write it again: robust leaderboard --add") from error
    wrong = violation(value, schema()) or _contradiction(value)
    if wrong:
        raise UserError(f"{path}: {wrong}; write it again: robust leaderboard --add")
    about = {field: value[field] for field in Entry.__dataclass_fields__ if field in value}
    about["figures"] = {
        figure: Sums(*({a: one[part] for a, one in told["articles"].items()} for part in _PARTS))
        for figure, told in value["figures"].items()
    }
    return Entry(**about)


_PARTS = ("questions", "clean", "perturbed")


def _contradiction(value: Mapping[str, Any]) -> str | None:
    """Return what no schema can say: figures that do not exist, sums greater than their number."""
    for figure, told in value["figures"].items():
        if figure not in FIGURES:
            return f"figures.{figure}: no such figure; expected {', '.join(FIGURES)}"
        for article, one in told["articles"].items():
            for part in ("clean", "perturbed"):
                if one[part] > one["questions"] + 1e-6:
                    most = f"{one['questions']} at most, the number of questions"
                    return f"figures.{figure}.articles.{article}.{part}: found {one[part]}, expected {most}"
    return None
