"""What a user asks of a reader: ``[tool.robust]`` in pyproject.toml, robust.toml, or a marker's words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from robust.errors import UserError

Undecided = Literal["fail", "pass", "skip"]
CLUSTERS = ("article", "paragraph")
# The figures of a run whose fall is a loss; evaluation/paired.py, which is slow to import, makes them.
FIGURES = (
    "exact", "f1", "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1",
    "HasAns_span_exact", "HasAns_span_f1",
)  # fmt: skip
BASELINE = "robust-baseline.json"
CONFIG_FILES = ("robust.toml", "pyproject.toml")
_SOURCES = ("model", "run", "predictions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One reader on one set, one figure, and how far it may fall.

    One of ``model`` (what ``robust eval --model`` takes, or a callable (question, context) -> answer),
    ``run`` (a finished run folder) and ``predictions`` (final answers, ``{id: text}``) is given.
    ``max_drop``: the drop from clean to perturbed that is allowed, in points; ``max_increase``: how much
    larger than the baseline's the drop may be; ``min_clean``: the least clean score, in percent, besides the
    floor of ``verdict.floor_of``. ``null_threshold`` is ``robust eval``'s: own, cross-fit or a number.
    ``limit``: only so many questions, stratified. Intervals are clustered by ``cluster``.
    """

    model: Any = None
    run: str | None = None
    predictions: str | None = None
    set: str | None = None
    figure: str = "HasAns_exact"
    max_drop: float | None = None
    max_increase: float | None = None
    min_clean: float | None = None
    null_threshold: str | None = None
    limit: int | None = None
    cluster: str = "article"
    undecided: Undecided | None = None
    name: str = ""

    @property
    def source(self) -> str:
        """Return what the reader is called in names and tables."""
        if isinstance(self.model, str) or self.model is None:
            return Path(self.model or self.run or self.predictions or "").name
        return str(
            getattr(self.model, "name", None) or getattr(self.model, "__name__", type(self.model).__name__)
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project's file says of the gate; ``file`` is None where no file says anything."""

    file: Path | None
    thresholds: tuple[Threshold, ...] = ()
    undecided: Undecided = "fail"
    baseline: Path = Path(BASELINE)


def read_settings(root: Path) -> Settings:
    """Return what robust.toml or pyproject.toml in ``root`` says; paths in it are relative to it.

    Raises UserError, in one line, for both files at once, unknown keys (with the nearest), and wrong values.
    """
    found = [(path, table) for name in CONFIG_FILES if (table := _table(path := root / name)) is not None]
    if len(found) > 1:
        raise UserError(f"{found[0][0]}: {found[1][0].name} has a [tool.robust] too; keep one of them")
    if not found:
        return Settings(None, baseline=root / BASELINE)
    path, table = found[0]
    if path.name == "robust.toml" and "tool" in table:
        raise UserError(f"{path}: found tables under tool, expected {header(path)}, as in docs/gate.md")
    _check_keys(table, ("thresholds", "undecided", "baseline"), str(path))
    rows = table.get("thresholds", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path}: thresholds: expected tables, each under {header(path)}")
    thresholds = tuple(
        make_threshold(row, f"{path}: threshold {number}", root) for number, row in enumerate(rows, 1)
    )
    names = [one.name for one in thresholds]
    if (double := next((name for i, name in enumerate(names) if name in names[:i]), None)) is not None:
        raise UserError(
            f'{path}: two thresholds are called {double!r}; give one of them another name = "..."'
        )
    undecided = _choice(table.get("undecided", "fail"), get_args(Undecided), f"{path}: undecided")
    baseline = table.get("baseline", BASELINE)
    if not isinstance(baseline, str):
        raise UserError(f'{path}: baseline: found {baseline!r}, expected a file name such as "{BASELINE}"')
    if not baseline:  # as a path it would be the folder of the project
        raise UserError(f"{path}: baseline is empty; leave it out or give it a value")
    return Settings(path, thresholds, undecided, root / baseline)  # type: ignore[arg-type]  # checked above


def make_threshold(values: Mapping[str, Any], place: str, root: Path, *, judged: bool = True) -> Threshold:
    """Return the threshold that ``values`` describe, named ``reader:set:figure`` unless they name it.

    ``place`` begins every message; ``root`` is where relative paths start. ``judged`` False: only an
    evaluation is wanted, so no budget is asked for. Raises UserError for what cannot be meant.
    """
    _check_keys(values, [field.name for field in fields(Threshold)], place)
    _check_types(values, place)
    given = [key for key in _SOURCES if values.get(key) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise UserError(f"{place}: expected one of model, run and predictions; found {found}")
    one = Threshold(**values)
    if one.set is None and one.run is None:
        raise UserError(f'{place}: no set; name what it is tested on, such as set = "qads"')
    _choice(one.figure, FIGURES, f"{place}: figure")
    _choice(one.cluster, CLUSTERS, f"{place}: cluster")
    if one.undecided is not None:
        _choice(one.undecided, get_args(Undecided), f"{place}: undecided")
    if judged and one.max_drop is None and one.max_increase is None:
        raise UserError(
            f"{place}: no budget; give max_drop (points), or max_increase (points above the baseline's drop)"
        )
    if one.run is not None and (one.limit is not None or one.null_threshold is not None):
        raise UserError(f"{place}: limit and null_threshold are chosen when a run is made; leave them out")
    if one.predictions is not None and one.null_threshold is not None:
        raise UserError(f"{place}: null_threshold: the answers in predictions are final; leave it out")
    label = ":".join(Path(part).name for part in (one.source, one.set or "", one.figure) if part)
    places = {key: _under(root, getattr(one, key)) for key in ("model", "run", "predictions", "set")}
    return replace(one, name=one.name or label, **places)


def _under(root: Path, value: Any) -> Any:
    """Return a relative path that exists under ``root`` as a whole path; names stay names."""
    if not isinstance(value, str):
        return value
    path = root / Path(value).expanduser()
    return str(path) if path.exists() else value


def _table(path: Path) -> dict[str, Any] | None:
    """Return our table of a file, or None where it has none."""
    if not path.is_file():
        return None
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:  # says line and column
        raise UserError(f"{path}: cannot be read as TOML ({error})") from error
    table = whole if path.name == "robust.toml" else whole.get("tool", {}).get("robust")
    if table is not None and not isinstance(table, dict):
        raise UserError(f"{path}: tool.robust: found {table!r}, expected a table, [tool.robust]")
    return table


def header(path: Path) -> str:
    """Return the line that each threshold stands under in a file."""
    return "[[thresholds]]" if path.name == "robust.toml" else "[[tool.robust.thresholds]]"


def _check_keys(values: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    names = list(known)
    for key in values:
        if key not in names:
            near = get_close_matches(str(key), names, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"expected {', '.join(names)}"
            raise UserError(f"{place}: unknown key {key!r}; {hint}")


def _check_types(values: Mapping[str, Any], place: str) -> None:
    for key, value in values.items():
        if value is None:
            continue
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if key in ("max_drop", "max_increase", "min_clean"):
            if not (number and 0 <= value <= 100):
                raise UserError(f"{place}: {key}: found {value!r}, expected a number of points, 0 to 100")
        elif key == "limit":
            if not (number and isinstance(value, int) and value >= 1):
                raise UserError(
                    f"{place}: limit: found {value!r}, expected a whole number of questions, 1 or more"
                )
        elif key == "null_threshold":
            from robust.reader.threshold import is_rule

            if not (isinstance(value, str) and is_rule(value)):
                raise UserError(
                    f'{place}: {key}: found {value!r}, expected "own", "cross-fit" or a number as text'
                )
        elif not isinstance(value, str) and not (key == "model" and _answers(value)):
            raise UserError(f"{place}: {key}: found {value!r}, expected text")
        elif value == "":
            raise UserError(f"{place}: {key} is empty; leave it out or give it a value")


def _answers(model: object) -> bool:
    """Say whether an object is a function, or a reader of the user's own (``robust.Reader``)."""
    return callable(model) or hasattr(model, "answer")


def _choice(value: Any, among: tuple[str, ...], place: str) -> str:
    if value in among:
        return str(value)
    near = get_close_matches(str(value), among, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(among)}"
    raise UserError(f"{place}: found {value!r}; {hint}")
