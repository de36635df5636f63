"""Parquet from outside, opened so that a small file cannot fill the memory.

Parquet packs in three ways at once: pages are compressed, equal values in a row are counted, long texts are
kept once and numbered. A file of a kilobyte can so claim a billion rows, or a text of a megabyte in each of
a million. Both are looked for before anything is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from robust.errors import UserError

# rows and values that a byte may stand for: score rows take some 20 bytes each, questions hundreds
_VALUES_PER_BYTE = 16
# a column's pages may unpack to so many times their size, where that is more than _FREE bytes; text: 3 to 20
_GROWTH = 500
_FREE = 1 << 28
# bytes of text in one batch, and in a whole frame beyond _GROWTH times the file
_BATCH_LIMIT = 1 << 28


def batches(path: Path, *, rows: int = 4096, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield the record batches of a parquet file, ``rows`` rows each.

    Raises UserError for a file that is made to grow, and pyarrow's errors (ArrowException, OSError) for one
    that is broken.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        check(path, file.metadata)
        texts = _texts(file, columns)
        if all(
            _most(path, file.metadata, g, texts, rows) <= _BATCH_LIMIT for g in range(file.num_row_groups)
        ):
            yield from file.iter_batches(rows, columns=columns)
            return
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(rows, columns=columns):
            if sum(_unpacked(column) for column in batch.columns) > _BATCH_LIMIT:
                raise _bomb(path, f"{batch.num_rows:,} rows hold more than {_BATCH_LIMIT >> 20} MB of text")
            yield batch


def read_frame(path: Path, columns: Sequence[str] | None = None) -> Any:
    """Return a parquet file as a pandas frame; errors as of ``batches``."""
    import pandas as pd
    import pyarrow.parquet as pq

    most = max(_FREE, _GROWTH * path.stat().st_size)
    with pq.ParquetFile(path) as file:
        about = file.metadata
        check(path, about)
        texts = _texts(file, columns)
    if sum(_most(path, about, g, texts) for g in range(about.num_row_groups)) > most:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            size = 0
            for batch in file.iter_batches(1 << 16, columns=texts):
                size += sum(_unpacked(column) for column in batch.columns)
                if size > most:
                    raise _bomb(path, f"its texts would take more than {most >> 20} MB")
    return pd.read_parquet(path, columns=None if columns is None else list(columns))


def check(path: Path, metadata: Any) -> None:
    """Raise UserError where a file's own figures say that it would grow beyond reason."""
    size = path.stat().st_size
    most = 1000 + _VALUES_PER_BYTE * size
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for c in range(group.num_columns):
            column = group.column(c)
            if column.num_values > most or group.num_rows > most:
                raise _bomb(path, f"{max(column.num_values, group.num_rows):,} values in {size:,} bytes")
            whole = column.total_uncompressed_size
            if whole > max(_FREE, _GROWTH * column.total_compressed_size):
                raise _bomb(path, f"a column of {whole >> 20:,} MB in {size:,} bytes")


def _bomb(path: Path, found: str) -> UserError:
    return UserError(
        f"{path}: made to grow when it is read ({found}); expected a table of questions, edits or scores: "
        "do not trust it, or write it again without compression"
    )


def _texts(file: Any, columns: Sequence[str] | None) -> list[str]:
    """Return the paths of the columns of text, those within lists and structs included."""
    every = [file.schema.column(i) for i in range(len(file.schema))]
    return [
        c.path
        for c in every
        if c.physical_type == "BYTE_ARRAY"
        and c.logical_type.type in ("STRING", "NONE", "JSON")
        and (columns is None or c.path.partition(".")[0] in columns)
    ]


def _most(path: Path, about: Any, group: int, texts: Sequence[str], rows: int | None = None) -> int:
    """Return a bound on the bytes that the repeated texts of ``rows`` rows of a group take (None: of all)."""
    found = about.row_group(group)
    flat = [text for text in texts if "." not in text]
    nested = [text for text in texts if "." in text]
    entries = max((found.column(c).num_values for c in range(found.num_columns)), default=0)
    whole = found.num_rows if rows is None else min(rows, found.num_rows)
    most = _longest(path, group, flat) * whole * len(flat)
    return most + _longest(path, group, nested) * entries * len(nested)


def _longest(path: Path, group: int, texts: Sequence[str]) -> int:
    """Return the length in bytes of the longest text that a row group keeps once for many rows.

    Texts that are written out each time cannot grow, so only those of the dictionaries count; the first row
    brings them all.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, read_dictionary=texts) as file:
        first = next(file.iter_batches(1, row_groups=[group], columns=texts), None) if texts else None
    return max(map(_longest_in, first.columns), default=0) if first is not None else 0


def _longest_in(array: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        return int(pc.max(pc.binary_length(array.dictionary)).as_py() or 0)
    return max(map(_longest_in, _parts(array)), default=0)


def _unpacked(array: Any) -> int:
    """Return how many bytes the texts of an array take once each stands for itself."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        lengths = pc.take(pc.binary_length(array.dictionary), array.indices)
        return int(pc.sum(pc.cast(lengths, pa.int64())).as_py() or 0)
    parts = _parts(array)
    return sum(map(_unpacked, parts)) if parts else int(array.nbytes)


def _parts(array: Any) -> list[Any]:
    """Return what a struct or a list is made of; nothing for what has no parts."""
    import pyarrow as pa

    if pa.types.is_struct(array.type):
        return list(array.flatten())
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return [array.values]  # as a whole: of an empty list, too, the dictionary is told
    return []
