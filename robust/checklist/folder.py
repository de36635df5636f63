"""The folder of a result: figures, what failed, and the tables.

OUT/checklist.json     what was asked of which reader, and the figures (rates.py)
OUT/failures.parquet   one row for each case that failed: its texts, words by slot, expected and given
OUT/checklist.md       the tables
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from robust.checklist.judge import moved
from robust.checklist.records import CaseOutcome, CaseQuestion
from robust.folders import replace_folder

FORMAT = "robust-checklist/1"


def is_checklist(path: Path) -> bool:
    """Say whether a folder is a finished result of robust checklist."""
    return (path / "checklist.json").is_file() and (path / "failures.parquet").is_file()


def write_folder(path: Path, result: Mapping[str, Any], outcomes: Sequence[CaseOutcome], tables: str) -> None:
    """Write the folder, whole or not at all; UserError where ``path`` holds something else."""
    import pyarrow as pa
    from pyarrow import parquet

    names = ["id", "test", "type", "why", "span_why", "change", "context", "question", "given", "span"]
    names += ["first_question", "first_context", "first_given", "group", "slots"]
    schema = pa.schema(
        [(name, pa.string()) for name in names] + [("case", pa.int32()), ("expected", pa.list_(pa.string()))]
    )
    rows = [failure_row(outcome) for outcome in outcomes if outcome.why]

    def write(folder: Path) -> None:
        shown = json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        (folder / "checklist.json").write_text(shown + "\n", encoding="utf-8")
        table = pa.Table.from_pylist(rows, schema=schema)
        parquet.write_table(table, folder / "failures.parquet", compression="zstd")
        (folder / "checklist.md").write_text(tables, encoding="utf-8")

    replace_folder(path, write, ours=is_checklist, what="a result of robust checklist")


def failure_row(outcome: CaseOutcome) -> dict[str, Any]:
    """Return what is told of a failed case: its first failing question, and the unchanged one before it.

    ``expected`` are the accepted answers; empty: to abstain. Of an INV it is the answer to the first
    question as the changed copy has its words. ``span`` is the best span, None where answers are final.
    """
    case = outcome.case
    failing, first = case.asked[outcome.failing], case.asked[0]
    changed = outcome.failing > 0
    same = outcome.why == "changed"
    return {
        "id": failing.question.id,
        "test": case.test,
        "type": case.kind,
        "case": case.number,
        "why": outcome.why,
        "span_why": outcome.span_why,
        "change": failing.change,
        "context": failing.question.context,
        "question": failing.question.text,
        "expected": [moved(outcome.given[0], first, failing)] if same else _golds(failing),
        "given": outcome.given[outcome.failing],
        "span": outcome.spans[outcome.failing] if outcome.spans is not None else None,
        "first_question": first.question.text if changed else None,
        "first_context": first.question.context if changed else None,
        "first_given": outcome.given[0] if changed else None,
        "group": case.group,
        "slots": json.dumps(dict(failing.slots), sort_keys=True, ensure_ascii=False),
    }


def _golds(asked: CaseQuestion) -> list[str]:
    return list(dict.fromkeys(answer.text for answer in asked.question.answers))
