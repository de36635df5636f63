"""The folder of a negated set.

OUT/items.tsv       the originals, then their copies: the layout of Niven & Kao 2019
OUT/edits.jsonl     one line for each copy: what was edited in its claim, enough to undo it
OUT/manifest.json   source, rule, checksums, counts, why items have no copy; written last
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from robust.choice.copies import Copies
from robust.choice.negating import RULE
from robust.choice.records import Item
from robust.choice.table import write_items
from robust.errors import UserError
from robust.files import sha256_file, write_text
from robust.folders import replace_folder
from robust.json_text import read_json

FORMAT = "robust-choice-set/1"
ITEMS, EDITS, MANIFEST = "items.tsv", "edits.jsonl", "manifest.json"


def is_negated_set(path: Path) -> bool:
    """Say whether a folder is a finished negated set."""
    return _manifest(path).get("format") == FORMAT


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path / MANIFEST)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_negated_set(
    path: Path, items: Sequence[Item], copies: Copies, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the folder, whole or not at all, and return its manifest; ``about`` goes into it.

    All originals are kept, those without a copy too. Raises UserError where ``path`` holds something else.
    """
    originals = [item for item in items if not item.negated]
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "rule": RULE,
        "items": len(originals),
        "copies": len(copies.pairs),
        "debates": len({item.cluster for item in originals}),
        "not_negated": copies.reasons,
        "left": dict(copies.left),
        **about,
    }

    def write(folder: Path) -> None:
        write_items(folder / ITEMS, [*originals, *(pair.negated for pair in copies.pairs)])
        rows = [{"id": name, "edits": [asdict(e) for e in made]} for name, made in copies.edits.items()]
        write_text(
            folder / EDITS,
            "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows),
        )
        manifest["sha256"] = {name: sha256_file(folder / name) for name in (ITEMS, EDITS)}
        shown = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        write_text(folder / MANIFEST, shown + "\n")

    replace_folder(path, write, ours=is_negated_set, what="a set of robust choice negate")
    return manifest


def items_file(path: Path) -> Path:
    """Return the file of arguments that ``path`` stands for: itself, or a negated set's items.tsv.

    Raises UserError where a folder is no such set, or its file was changed since.
    """
    if not path.is_dir():
        return path
    if not is_negated_set(path):
        raise UserError(
            f"{path}: is a folder without a manifest of robust choice negate; name a file of arguments, or "
            "make a set with: robust choice negate FILE --out FOLDER"
        )
    file = path / ITEMS
    expected = dict(_manifest(path).get("sha256") or {}).get(ITEMS)
    if not file.is_file() or sha256_file(file) != expected:
        raise UserError(
            f"{file}: changed or missing since the set was made; make it again, or name the file itself"
        )
    return file
