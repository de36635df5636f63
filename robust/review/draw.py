"""Variants of an attack laid out to be judged, one folder an attack; and the labels brought back.

FOLDER/<attack>/items.jsonl          what raters see: texts before and after, answers, the edited sentences
FOLDER/<attack>/labels.jsonl         a line for each item, label and reason left blank; raters fill a copy,
                                     labels.NAME.jsonl
FOLDER/<attack>/key.jsonl            ids and edits, for whoever brings the labels back
FOLDER/<attack>/QUESTION.md          what is to be decided, and the labels
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from robust.attack.base import Attack, canonical_json
from robust.attack.constraints.grammar import surroundings
from robust.attack.records import Edit, Expected, Variant
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS, Scorers
from robust.errors import UserError
from robust.files import write_text
from robust.review.judged import KIND, RATER
from robust.review.labels import REASONS
from robust.squad.records import Question
from robust.squad.source import lines, objects

# A longer text is told by its beginning: an edit may hold whole sentences of somebody's paragraph.
_LONGEST = 60

_SAME = """\
Each line of items.jsonl is a question before (`question`) and after (`rewritten`) it was reworded, with the
answers and, where the paragraph was edited, its sentences before (`context`) and after
(`context_rewritten`). Label each item in a copy of labels.jsonl called labels.NAME.jsonl, NAME being yours.

`right`: the rewritten question asks the same thing, is good English (faults of the first do not count), and
the answers given are still what the paragraph answers; a question without an answer still has none.
"""
_OTHER = """\
Each line of items.jsonl is a question before (`question`) and after (`rewritten`) it was changed so that
its old answers are no longer right. Label each item in a copy of labels.jsonl called labels.NAME.jsonl,
NAME being yours.

`right`: the rewritten question is good English, and the answers given are wrong for it now.
`answer_kept`: the old answers are still right.
"""
_LABELS = """\
Otherwise: `wrong_sense` (a word that means another thing), `bad_grammar`, `answer_changed` (the answers are
no longer right, or what had none now has one), `other`, or `unsure`. One label an item; `note` is free.
"""
_OTHER_LABELS = """\
Otherwise: `wrong_sense` (a word that means another thing than was meant), `bad_grammar`, `other`, or
`unsure`. One label an item; `note` is free.
"""


def draw(
    attack: Attack, questions: Sequence[Question], limit: int, *, seed: int = 0, scorers: Scorers = NO_SCORERS
) -> list[tuple[Question, Variant]]:
    """Return ``limit`` questions (fewer where there are fewer), each with its first variant.

    In an order that the seed settles, whatever the order of ``questions``.
    """
    drawn: list[tuple[Question, Variant]] = []
    for question in sorted(questions, key=lambda q: hashlib.sha256(f"{seed}|{q.id}".encode()).digest()):
        attempt = attack.attempt_scene(Scene(question, attack.lexicon_path, scorers), seed)
        if attempt.variants:
            drawn.append((question, attempt.variants[0]))
        if len(drawn) == limit:
            break
    return drawn


def write_drawn(folder: Path, attack: Attack, drawn: Sequence[tuple[Question, Variant]]) -> None:
    """Write the four files of an attack; raises UserError where other ones are there already."""
    files = {
        "items.jsonl": _jsonl(_shown(question, variant) for question, variant in drawn),
        "labels.jsonl": _jsonl({"item": _code(v), "label": "", "note": ""} for _, v in drawn),
        "key.jsonl": _jsonl({"item": _code(v), **_key(v), "attack": attack.name} for _, v in drawn),
        "QUESTION.md": instructions(attack.expected),
    }
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise UserError(
                f"{path}: is there already and differs (filled in?); choose another --out, or remove it"
            )
    for name, text in files.items():
        write_text(folder / name, text)


def instructions(expected: Expected) -> str:
    """Return what raters are asked about variants of which this is expected."""
    return f"{_SAME}\n{_LABELS}" if expected == "same" else f"{_OTHER}\n{_OTHER_LABELS}"


def collect(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Return the rows of a judged sample: the key, and a column for each labels.NAME.jsonl in ``folder``.

    ``kind`` (person or model) says what the raters are; ``attack`` is the key's, or the folder's name. Raises
    UserError for a label or item that is none, for a label that QUESTION.md does not offer, and where nobody
    filled a file or gave any label in it.
    """
    rows = _key_rows(folder / "key.jsonl")
    filled = sorted(folder.glob("labels.*.jsonl"))
    if not filled:
        raise UserError(f"{folder}: no labels.NAME.jsonl, expected a filled copy of labels.jsonl; make one")
    offered = _offered(folder / "QUESTION.md")
    for row in rows.values():
        row.setdefault("attack", folder.resolve().name)
        row.update(dict.fromkeys(map(_column, filled), ""))
        row[KIND] = kind
    for file in filled:
        for number, row in enumerate(_read(file), 1):
            label = str(row.get("label") or "").strip()
            if not isinstance(row.get("item"), str) or row["item"] not in rows:
                raise UserError(f"{file}: line {number}: item {row.get('item')!r} is none of key.jsonl")
            if label and label.lower().replace(" ", "_") not in offered:
                raise UserError(
                    f"{file}: line {number}: label {label!r}, expected one of those in QUESTION.md: "
                    f"{', '.join(offered)}"
                )
            rows[row["item"]][_column(file)] = label
        if not any(row[_column(file)] for row in rows.values()):
            raise UserError(f"{file}: every label is blank, expected labels; fill it in, or remove it")
    return list(rows.values())


def _column(file: Path) -> str:
    return RATER + file.name.removeprefix("labels.").removesuffix(".jsonl")


def _key_rows(path: Path) -> dict[str, dict[str, Any]]:
    rows = {}
    for number, row in enumerate(_read(path), 1):
        item = row.pop("item", None)
        if not isinstance(item, str):
            raise UserError(
                f"{path}: line {number}: item {item!r}, expected text; take robust review draw's file"
            )
        rows[item] = row
    return rows


def _offered(path: Path) -> list[str]:
    """Return the labels that raters were offered, as they stand in the instructions."""
    text = "".join(line for _, line in lines(path))
    words = [*(reason.replace(" ", "_") for reason in REASONS), "right", "unsure"]
    return [word for word in words if f"`{word}`" in text]


def write_judged(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write a judged sample as JSON lines; UserError where another one is there, whose labels would be lost.

    A file of the same variants may gain raters: one whose labels are all among the new ones is replaced.
    """
    text = _jsonl(rows)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        old = _read(path)
        same = len(old) == len(rows) and all(
            was.items() <= now.items() for was, now in zip(old, rows, strict=True)
        )
        if not same:
            raise UserError(
                f"{path}: is there already with other labels or variants; choose another --out, or remove it"
            )
    write_text(path, text)


def _shown(question: Question, variant: Variant) -> dict[str, Any]:
    item: dict[str, Any] = {
        "item": _code(variant),
        "question": question.text,
        "rewritten": variant.question,
        "answers": list(dict.fromkeys(answer.text for answer in question.answers)),
    }
    if variant.context is None:
        return {**item, "paragraph": question.context}
    before, after = surroundings(question.context, variant.context)
    # the paragraph may say them twice: they begin where both texts are still the same
    letters = enumerate(zip(question.context, variant.context, strict=False))
    same = next((at for at, (one, other) in letters if one != other), len(question.context))
    at = question.context.rfind(before, 0, same + len(before))
    around = question.context[:at].rstrip(), question.context[at + len(before) :].lstrip()
    return {
        **item,
        "context": before,
        "context_rewritten": after,
        "before_it": around[0],
        "after_it": around[1],
    }


def _code(variant: Variant) -> str:
    """Return what an item is called: not what made it."""
    known = canonical_json([variant.variant_id, variant.settings_hash, variant.seed, variant.question])
    return "v" + hashlib.sha256(known.encode()).hexdigest()[:12]


def _key(variant: Variant) -> dict[str, Any]:
    """Return ids and edits: those of one edit of the question as columns, which review import reads."""
    about = {
        "variant_id": variant.variant_id,
        "settings_hash": variant.settings_hash[:12],
        "seed": variant.seed,
    }
    edits = [_told(edit) for edit in variant.edits]
    if len(edits) == 1 and variant.edits[0].field == "question":
        return {"variant_id": variant.variant_id, **edits[0], **about}
    return {"variant_id": variant.variant_id, "edits": [{"field": e.field, **told} for e, told in
            zip(variant.edits, edits, strict=True)], **about}  # fmt: skip


def _told(edit: Edit) -> dict[str, Any]:
    return {"start": edit.start, "before": _cut(edit.before), "after": _cut(edit.after)}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _read(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in objects(path, "one with item and label")]


def _jsonl(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
