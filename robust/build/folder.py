"""A robustness set on disk: two SQuAD files over the same questions, the edits between them, a manifest.

out/original.json    the questions that could be rewritten, as they were
out/perturbed.json   the same questions, rewritten; ids are variant ids, ``<id>#<k>``
out/edits.parquet    one row per edit
out/manifest.json    settings, seeds, checksums, counts; written last: a folder with one is finished
out/controls/<arm>/  the same four files for each control arm
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from robust.attack.records import Edit, Variant
from robust.attack.rewritten import rewritten
from robust.errors import UserError, first_line
from robust.files import atomic_write, sha256_file, write_text
from robust.json_text import read_json
from robust.parquet_file import batches
from robust.squad.io import read_packed, write_squad
from robust.squad.packed import Packed, Sources
from robust.squad.records import Question

MANIFEST = "manifest.json"
FORMAT = "robust-set/1"
# edits in memory as a table at once
_ROWS = 1 << 16


@dataclass(frozen=True, slots=True)
class RobustnessSet:
    """A built set: the questions as they were and as they were rewritten.

    ``original`` has each question once; ``perturbed`` has every variant, in the order of the originals,
    with the article and paragraph of its original. ``controls`` names the folder of each control arm.
    """

    original: Sequence[Question]
    perturbed: Sequence[Question]
    variant_of: Mapping[str, str]
    manifest: dict[str, Any]
    controls: dict[str, Path]


class VariantOf(Mapping[str, str]):
    """Variant id -> original id of a built set's variants: what the ids say, ``<original id>#<k>``.

    It is asked for variants of the set alone: of an id that none has, it says what that would be made from.
    """

    def __init__(self, variants: Sequence[Question]) -> None:
        self._variants = variants

    def __getitem__(self, variant_id: str) -> str:
        if not (found := _original_id(variant_id)):
            raise KeyError(variant_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return (variant.id for variant in self._variants)

    def __len__(self) -> int:
        return len(self._variants)


def _original_id(variant_id: str) -> str:
    return variant_id.rpartition("#")[0]


def is_set(path: Path) -> bool:
    """Return whether ``path`` is a finished robustness set."""
    return (path / MANIFEST).is_file() and (path / "perturbed.json").is_file()


def read_set(path: Path) -> RobustnessSet:
    """Return the robustness set in the folder ``path``.

    Raises UserError where the folder holds none, or its files are not those that were built.
    """
    manifest = read_manifest(path)
    check_files(path, manifest)
    original = read_packed(path / "original.json")
    perturbed = read_packed(path / "perturbed.json", beside=original)
    sources = Sources(original)
    covered = bytearray(len(original))
    moved: dict[int, Question] = {}
    for number, variant in enumerate(perturbed):
        found = sources.find(_original_id(variant.id))
        if found is None:
            raise UserError(
                f"{path / 'perturbed.json'}: question {variant.id!r} is a variant of none in original.json, "
                "expected <original id>#<k>; build the set again"
            )
        place, source = found
        covered[place] = True
        if (variant.article, variant.paragraph_id) != (source.article, source.paragraph_id):
            moved[number] = replace(variant, article=source.article, paragraph_id=source.paragraph_id)
    if moved:
        perturbed = Packed(moved.get(number, variant) for number, variant in enumerate(perturbed))
    if (bare := covered.find(0)) >= 0:
        missing = original[bare].id
        raise UserError(
            f"{path / 'original.json'}: question {missing!r} has no variant in perturbed.json, expected at "
            f"least one, {missing + '#1'!r}; build the set again"
        )
    folders = sorted(path.glob(f"controls/*/{MANIFEST}"))
    return RobustnessSet(
        original, perturbed, VariantOf(perturbed), manifest, {f.parent.name: f.parent for f in folders}
    )


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of the robustness set in ``path``; UserError where there is none."""
    file = path / MANIFEST
    if not path.is_dir():
        raise UserError(
            f"{path}: no such folder, expected a robustness set; make one with: robust build-qads"
        )
    try:
        manifest = read_json(file)
    except FileNotFoundError:
        partial = " (an unfinished build: run its command again)" if (path / ".partial").is_dir() else ""
        raise UserError(f"{file}: missing{partial}, expected a set made by robust build-qads") from None
    except ValueError as error:
        raise UserError(f"{file}: not JSON ({error}); build the set again") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UserError(
            f"{file}: not the manifest of a robustness set, expected format {FORMAT!r}; build it again"
        )
    for key in ("sha256", "controls", "rejections", "settings", "versions"):
        if not isinstance(manifest.get(key) or {}, dict):
            raise UserError(f"{file}: {key} is no object; build the set again")
    return manifest


def check_files(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise UserError unless the files of the set in ``path`` are those that its manifest names."""
    for name, expected in dict(manifest.get("sha256") or {}).items():
        file = path / f"{name}.{'parquet' if name == 'edits' else 'json'}"
        if not file.is_file() or sha256_file(file) != expected:
            raise UserError(
                f"{file}: changed or missing since the set was built; remove {path} and build it again"
            )


def write_arm(
    folder: Path, questions: Sequence[Question], variants: Mapping[str, Sequence[Variant]]
) -> dict[str, str]:
    """Write original.json, perturbed.json and edits.parquet; return their SHA-256 by file name.

    ``variants`` maps a question's id to its variants; questions without any are left out.
    """
    return write_pairs(folder, ((q, variants[q.id]) for q in questions if variants.get(q.id)))


def write_pairs(folder: Path, pairs: Iterable[tuple[Question, Sequence[Variant]]]) -> dict[str, str]:
    """Write what ``write_arm`` does, of questions with their variants, which may come one at a time."""
    original = Packed()
    perturbed = Packed(beside=original)

    def variants() -> Iterator[Variant]:
        for question, found in pairs:
            original.append(question)
            for variant in found:
                perturbed.append(rewritten(question, variant))
                yield variant

    _write_edits(folder / "edits.parquet", variants())
    write_squad(folder / "original.json", original)
    write_squad(folder / "perturbed.json", perturbed)
    return {name: sha256_file(folder / name) for name in ("original.json", "perturbed.json", "edits.parquet")}


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest; do it last, since it marks the folder as finished."""
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True) + "\n")


def read_edits(path: Path) -> dict[str, tuple[Edit, ...]]:
    """Return variant id -> its edits, of the robustness set in the folder ``path``."""
    import pyarrow as pa

    read_manifest(path)
    file = path / "edits.parquet"
    columns = ["variant_id", *(field.name for field in fields(Edit))]
    edits: dict[str, list[Edit]] = {}
    try:
        for batch in batches(file, rows=_ROWS, columns=columns):
            _check_columns(file, batch.schema, columns)
            # by name: a file may have them in another order
            values = zip(*(batch.column(name).to_pylist() for name in columns), strict=True)
            for variant_id, *own in values:
                edits.setdefault(variant_id, []).append(Edit(*own))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError(f"{file}: broken ({first_line(error)}); build the set again") from error
    return {variant_id: tuple(found) for variant_id, found in edits.items()}


def _check_columns(file: Path, schema: Any, columns: Sequence[str]) -> None:
    """Raise UserError unless a file of edits has the columns of one, of their types, without a gap."""
    import pyarrow as pa

    wanted = {"start": pa.types.is_integer, "end": pa.types.is_integer, "sense_rank": pa.types.is_integer}
    wanted |= {"score": pa.types.is_floating, "margin": pa.types.is_floating}
    for name in columns:
        found = schema.field(name).type if schema.names.count(name) == 1 else None
        if found is None or not wanted.get(name, _is_text)(found):
            what = "missing, or there twice" if found is None else f"of type {found}"
            raise UserError(f"{file}: column {name!r} is {what}; build the set again")


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _write_edits(path: Path, variants: Iterable[Variant]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    types = {"start": pa.int32(), "end": pa.int32(), "sense_rank": pa.int32(), "score": pa.float64()}
    types["margin"] = pa.float64()
    names = [field.name for field in fields(Edit)]
    columns = ["variant_id", "original_id", "expected", *names]
    schema = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    rows = (
        dict(
            zip(
                columns,
                (v.variant_id, v.original_id, v.expected, *(getattr(edit, name) for name in names)),
                strict=True,
            )
        )
        for v in variants
        for edit in v.edits
    )
    with (
        atomic_write(path) as temporary,
        parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        while part := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(part, schema=schema))
