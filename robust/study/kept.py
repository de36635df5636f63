"""A run folder made small enough to be kept beside the tables that come from it: scores and manifest.

Left out are the predictions, the texts of the answers, and all but the first letters of the questions' keys;
every figure of a study comes out the same. Numbers are kept in single precision: scores and odds lose nothing
that is shown.
"""

from __future__ import annotations

import json
from pathlib import Path

from robust.folders import replace_folder
from robust.runs import FORMAT, is_run, read_run

# as many letters of a SHA-256 as tell the questions of a study apart
_KEY = 12
_TEXTS = ("prediction", "span_text")
_NUMBERS = ("em", "f1", "span_em", "span_f1", "null_odds", "threshold", "kept", "span_kept")


def keep(run: Path, to: Path) -> None:
    """Write a small copy of a run folder, whole or not at all; UserError where ``run`` is none."""
    import pyarrow as pa
    from pyarrow import parquet

    found = read_run(run, predictions=False)
    scores = found.scores.copy()
    scores["key"] = scores["key"].str[:_KEY]
    for name in _TEXTS:
        scores[name] = ""
    for name in _NUMBERS:
        if name in scores:
            scores[name] = scores[name].astype("float32")

    def write(folder: Path) -> None:
        table = pa.Table.from_pandas(scores, preserve_index=False)
        # one group of rows, so that the ids of all seeds share one dictionary
        parquet.write_table(
            table,
            folder / "scores.parquet",
            compression="zstd",
            compression_level=19,
            row_group_size=len(scores),
        )
        manifest = found.manifest | {"format": FORMAT, "kept": "scores without texts and predictions"}
        for name, value in (("manifest.json", manifest), ("summary.json", found.summary)):
            text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
            (folder / name).write_text(text + "\n", encoding="utf-8")

    replace_folder(to, write, ours=is_run, what="a run")
