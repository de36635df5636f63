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

# as many letters of a SHA-256 as tell whether two runs asked the same under one id
KEY_LETTERS = 8
# what a question's rows share stands together, so that it is packed once; sets keep the order of the run
_ORDER = ["arm", "condition", "id", "seed"]
_IDS = ("id", "original_id")
_ONE_PAGE = 2**27
_TEXTS = ("prediction", "span_text")
_NUMBERS = ("em", "f1", "span_em", "span_f1", "null_odds", "threshold", "kept", "span_kept")


def keep(run: Path, to: Path) -> None:
    """Write a small copy of a run folder, whole or not at all; UserError where ``run`` is none."""
    import pyarrow as pa
    from pyarrow import parquet

    found = read_run(run, predictions=False)
    place = found.scores["set"].map({name: i for i, name in enumerate(found.scores["set"].unique())})
    scores = found.scores.assign(place=place).sort_values(
        ["place", *_ORDER], kind="stable", ignore_index=True
    )
    scores = scores.drop(columns="place")
    scores["key"] = scores["key"].str[:KEY_LETTERS]
    for name in _TEXTS:
        scores[name] = ""
    for name in _NUMBERS:
        if name in scores:
            scores[name] = scores[name].astype("float32")

    def write(folder: Path) -> None:
        table = pa.Table.from_pandas(scores, preserve_index=False)
        # one group of rows and one page a column: what repeats is packed once, however far apart it stands
        parquet.write_table(
            table,
            folder / "scores.parquet",
            compression="zstd",
            compression_level=19,
            row_group_size=len(scores),
            data_page_size=_ONE_PAGE,
            dictionary_pagesize_limit=_ONE_PAGE,
            use_dictionary=[name for name in table.column_names if name not in _IDS],
        )
        manifest = found.manifest | {"format": FORMAT, "kept": "scores without texts and predictions"}
        for name, value in (("manifest.json", manifest), ("summary.json", found.summary)):
            text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
            (folder / name).write_text(text + "\n", encoding="utf-8")

    replace_folder(to, write, ours=is_run, what="a run")
