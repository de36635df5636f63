"""The run folder: what was run on what, every prediction, every score. Tables and gates read only this.

RUN/manifest.json        command, configuration, seeds, versions, git commit, device, SHA-256 of everything
RUN/predictions.parquet  one row for each distinct question and seed: seed, key, text, null_odds, n_best
RUN/scores.parquet       one row for each question of each set, arm and condition (evaluation/scores.py)
RUN/summary.json         the figures of each set (evaluation/summary.py)
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robust import __version__
from robust.commit import git_commit
from robust.errors import UserError
from robust.folders import replace_folder
from robust.json_text import read_json
from robust.parquet_file import read_frame

if TYPE_CHECKING:
    import pandas as pd

    from robust.reader.decode import Prediction

FORMAT = "robust-run/1"
# predictions that are in memory together while they are written
_ROWS = 2_000
# score rows that are written together, at least
_SCORE_ROWS = 1 << 17
SCORES = "scores.parquet"
PREDICTIONS = "predictions.parquet"
# what every row of scores.parquet has (evaluation/scores.py); more is allowed
SCORE_COLUMNS = (
    "model", "seed", "set", "arm", "condition", "key", "id", "original_id", "article", "paragraph_id",
    "answerable", "prediction", "em", "f1", "abstained", "span_text", "span_em", "span_f1", "null_odds",
    "threshold", "fold",
)  # fmt: skip
# those that figures are made of, and those that name a few things in many rows
_OF_FIGURES = {
    *("seed", "set", "arm", "condition", "original_id", "article", "paragraph_id", "answerable"),
    *("em", "f1", "abstained", "span_em", "span_f1", "null_odds", "expected", "kept", "span_kept"),
}
_LABELS = ("model", "set", "arm", "condition", "article", "paragraph_id")
# figure -> interval, in summaries
_INTERVALS = {"interval", "drop_interval", "drop_interval_paragraph"}
_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "pandas", "pyarrow", "scipy")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, read back: see the module for what each part holds."""

    manifest: dict[str, Any]
    predictions: pd.DataFrame
    scores: pd.DataFrame
    summary: dict[str, Any]

    def by_set(self) -> dict[str, pd.DataFrame]:
        """Return set -> its score rows; of a run of one set without a copy."""
        names = [str(name) for name in self.scores["set"].unique()]
        if len(names) == 1:
            return {names[0]: self.scores}
        return {name: self.scores[self.scores["set"] == name] for name in names}


def is_run(path: Path) -> bool:
    """Say whether a folder is a finished run."""
    return (path / "manifest.json").is_file() and (path / "scores.parquet").is_file()


def is_kept(manifest: Mapping[str, Any]) -> bool:
    """Say whether a run, by its manifest, is a small copy kept for its figures (``robust study --keep``).

    It has no predictions and no texts of answers ("", as if it abstained), and keys cut to a few letters.
    """
    return "kept" in manifest


def check_whole(path: Path, what: str) -> None:
    """Raise UserError where the run in a folder is a kept copy; ``what`` needs the answers or whole keys."""
    if is_kept(read_manifest(path)):
        raise UserError(
            f"{path}: a kept copy of a run, without the texts of answers; {what} needs the whole run: name "
            "its folder, or run robust eval again"
        )


def write_run(
    path: Path,
    manifest: Mapping[str, Any],
    predictions: Iterable[tuple[int, str, Prediction]],
    scores: pd.DataFrame | Iterable[pd.DataFrame],
    summary: Mapping[str, Any] | Callable[[Path], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Write a run folder, whole or not at all; return its summary.

    ``predictions`` are (seed, content key, prediction), written as they come, and so are ``scores`` that come
    in parts: they need not be in memory together. ``summary`` may be what makes it of the score rows' file,
    once that is written. Raises UserError where ``path`` holds something that is not a run, or cannot be
    written.
    """
    import pandas as pd

    parts = [scores] if isinstance(scores, pd.DataFrame) else scores
    told: Mapping[str, Any] = {}

    def write(folder: Path) -> None:
        nonlocal told
        _write_predictions(folder / PREDICTIONS, predictions)
        _write_scores(folder / SCORES, parts)
        told = summary(folder / SCORES) if callable(summary) else summary
        _write_json(folder / "summary.json", told)
        _write_json(folder / "manifest.json", {"format": FORMAT, **manifest})

    replace_folder(path, write, ours=is_run, what="a run")
    return told


def _write_scores(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """Write score rows that come in parts, all with the same columns."""
    import pyarrow as pa
    from pyarrow import parquet

    tables = (pa.Table.from_pandas(part, preserve_index=False) for part in parts)
    first = next(tables)
    # a column without a single value has no type yet: it is one of texts
    types = [pa.large_string() if pa.types.is_null(field.type) else field.type for field in first.schema]
    schema = pa.schema(list(zip(first.column_names, types, strict=True)), first.schema.metadata)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []
        for table in chain([first], tables):
            waiting.append(table.cast(schema))
            if sum(map(len, waiting)) >= _SCORE_ROWS:
                writer.write_table(pa.concat_tables(waiting).combine_chunks())
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting).combine_chunks())


def _write_predictions(path: Path, predictions: Iterable[tuple[int, str, Prediction]]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    candidate = pa.struct([("text", pa.string()), ("start", pa.int32()), ("score", pa.float64())])
    schema = pa.schema(
        [
            ("seed", pa.int32()),
            ("key", pa.string()),
            ("text", pa.string()),
            ("null_odds", pa.float64()),
            ("n_best", pa.list_(candidate)),
        ]
    )
    rest = iter(predictions)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while part := list(islice(rest, _ROWS)):
            # flat columns: a dictionary for every candidate would take most of the time
            flat = [c for _, _, p in part for c in p.n_best]
            ends = np.cumsum([0, *(len(p.n_best) for _, _, p in part)], dtype=np.int32)
            lists = pa.ListArray.from_arrays(
                pa.array(ends),
                pa.StructArray.from_arrays(
                    [
                        pa.array([c.text for c in flat], pa.string()),
                        pa.array([c.start for c in flat], pa.int32()),
                        pa.array([c.score for c in flat], pa.float64()),
                    ],
                    fields=list(candidate),
                ),
            )
            columns = [
                pa.array([seed for seed, _, _ in part], pa.int32()),
                pa.array([key for _, key, _ in part], pa.string()),
                pa.array([p.text for _, _, p in part], pa.string()),
                pa.array([p.null_odds for _, _, p in part], pa.float64()),
                lists,
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def read_run(
    path: Path,
    *,
    predictions: bool = True,
    columns: Collection[str] | None = None,
    sets: Collection[str] | None = None,
) -> Run:
    """Return the run in a folder; raises UserError where there is none, or it is broken.

    ``predictions`` False leaves them unread, as an empty frame: figures need the scores alone, and n-best
    lists take most of the time and memory. ``columns``, ``sets``: as ``read_scores`` has them.
    """
    import pandas as pd

    manifest, summary = _read_json_files(path)
    if predictions:
        check_whole(path, "what reads its predictions")
    try:
        answers = read_frame(path / PREDICTIONS) if predictions else pd.DataFrame()
    except (OSError, ValueError) as error:
        raise _broken(path, f"{PREDICTIONS}: {error}") from error
    scores = read_scores(path, columns, sets)
    return Run(manifest, answers, scores, summary)


def read_summary(path: Path) -> dict[str, Any]:
    """Return a run's figures alone, without importing pandas; raises UserError as ``read_run`` does."""
    return _read_json_files(path)[1]


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a run's manifest alone, without importing pandas; raises UserError as ``read_run`` does."""
    return _read_json_files(path)[0]


def read_scores(
    path: Path, columns: Collection[str] | None = None, sets: Collection[str] | None = None
) -> pd.DataFrame:
    """Return a run's score rows alone, all columns there; raises UserError as ``read_run`` does.

    With ``columns`` only those of them that there are, in little memory: names of few things (sets, articles)
    as categories, of each key its first 64 bits. With ``sets`` only their rows.
    """
    _read_json_files(path)
    try:
        names = _columns_of(path / SCORES)
        if missing := [name for name in SCORE_COLUMNS if name not in names]:
            raise _broken(path, f"{SCORES} lacks the column {missing[0]}")
        kept = None if columns is None else [one for one in names if one in columns]
        scores: pd.DataFrame = read_frame(
            path / SCORES,
            kept,
            labels=() if columns is None else _LABELS,
            filters=None if sets is None else [("set", "in", list(sets))],
        )
        if columns is not None and "key" in scores:
            scores["key"] = scores["key"].str[:16]
    except (OSError, ValueError) as error:
        raise _broken(path, f"{SCORES}: {error}") from error
    return scores


def _columns_of(scores: Path) -> list[str]:
    from pyarrow import parquet

    return list(parquet.read_schema(scores).names)


def read_figure_rows(scores: Path, name: str) -> pd.DataFrame:
    """Return of a set's score rows what its figures are made of, in the rows' order: numbers and clusters.

    ``original_id`` is a number, in the order of the ids: texts would take most of the memory.
    """
    import pandas as pd

    columns = [column for column in _columns_of(scores) if column in _OF_FIGURES]
    frame: pd.DataFrame = read_frame(scores, columns, labels=_LABELS, filters=[("set", "==", name)])
    frame["original_id"] = pd.factorize(frame["original_id"], sort=True)[0]
    return frame


def _read_json_files(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the manifest and the summary of a run of our format; every set of the one is in the other.

    A run of no sets may leave ``sets`` out; here it is always there.
    """
    if not is_run(path):
        raise UserError(f"{path}: no run here (manifest.json, scores.parquet); make one: robust eval --out")
    try:
        manifest = read_json(path / "manifest.json")
        summary = _without_flat_intervals(read_json(path / "summary.json"))
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(path, error) from error
    for name, held in (("manifest.json", manifest), ("summary.json", summary)):
        if not isinstance(held, dict):
            raise _broken(path, f"{name} holds no JSON object")
        if name == "manifest.json" and held.get("format") != FORMAT:
            raise UserError(f"{path}: format {held.get('format')!r}, expected {FORMAT!r}; run it again")
        sets = held.setdefault("sets", {})
        if not isinstance(sets, dict) or not all(isinstance(about, dict) for about in sets.values()):
            raise _broken(path, f"sets of {name} is no object of objects")
    if missing := [name for name in summary["sets"] if name not in manifest["sets"]]:
        raise _broken(path, f"manifest.json names no set {missing[0]!r}, which summary.json has")
    return manifest, summary


def _without_flat_intervals(held: Any) -> Any:
    """Return figures with None for intervals of no width, which older runs have (see ``ClusteredMean``)."""
    if not isinstance(held, dict):
        return held
    return {
        name: {key: None if _is_flat(bounds) else bounds for key, bounds in value.items()}
        if name in _INTERVALS and isinstance(value, dict)
        else _without_flat_intervals(value)
        for name, value in held.items()
    }


def _is_flat(bounds: object) -> bool:
    return isinstance(bounds, list) and len(bounds) == 2 and bounds[0] == bounds[1]


def _broken(path: Path, error: Exception | str) -> UserError:
    return UserError(f"{path}: a broken run ({error}); run robust eval again")


def provenance(device: str) -> dict[str, Any]:
    """Return versions, git commit and device, as every manifest names them."""
    versions = {"python": platform.python_version(), "robust": __version__}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {"versions": versions, "git_commit": git_commit(), "device": device}


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
