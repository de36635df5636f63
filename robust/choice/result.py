"""The folder of a model's choices.

OUT/choice.json     what was asked of whom, and the figures (figures.py)
OUT/choices.jsonl   one line for each item: id, right label, choice (null: none), scores where there are any
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robust.choice.asking import Given
from robust.choice.records import Item
from robust.folders import replace_folder

FORMAT = "robust-choice/1"


def is_result(path: Path) -> bool:
    """Say whether a folder is a finished result of robust choice eval."""
    return (path / "choice.json").is_file() and (path / "choices.jsonl").is_file()


def write_result(path: Path, result: Mapping[str, Any], items: Sequence[Item], given: Given) -> None:
    """Write the folder, whole or not at all; UserError where ``path`` holds something else."""
    rows = [
        {"id": item.id, "negated": item.negated, "label": item.label, "choice": choice}
        | ({"scores": list(scores)} if scores is not None else {})
        for item, choice, scores in zip(items, given.chosen, given.scores, strict=True)
    ]

    def write(folder: Path) -> None:
        text = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
        (folder / "choices.jsonl").write_text(text, encoding="utf-8")
        shown = json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        (folder / "choice.json").write_text(shown + "\n", encoding="utf-8")

    replace_folder(path, write, ours=is_result, what="a result of robust choice eval")
