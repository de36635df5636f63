"""Parquet from outside, opened so that a small file cannot fill the memory.

Parquet packs in three ways at once: pages are compressed, equal values in a row are counted, long texts are
kept once and numbered. A file of a kilobyte can so claim a billion rows, or a text of a megabyte in each of
a million. Both are looked for before more than the first row is unpacked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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

    texts, bounds = _measured(path, columns, rows)
    if max(bounds, default=0) <= _BATCH_LIMIT:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(rows, columns=columns)
        return
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(rows, columns=columns):
            if sum(_unpacked(column) for column in batch.columns) > _BATCH_LIMIT:
                raise _bomb(path, f"{batch.num_rows:,} rows hold more than {_BATCH_LIMIT >> 20} MB of text")
            yield batch


def read_frame(
    path: Path,
    columns: Sequence[str] | None = None,
    *,
    labels: Collection[str] = (),
    filters: Sequence[tuple[str, str, Any]] | None = None,
) -> Any:
    """Return a parquet file as a pandas frame; errors as of ``batches``.

    ``filters`` says which rows are wanted, as pyarrow's ``read_table`` takes it. Of text columns among
    ``labels`` each value is in memory once (pandas: categorical).
    """
    import pandas as pd
    import pyarrow.parquet as pq

    most = max(_FREE, _GROWTH * path.stat().st_size)
    texts, bounds = _measured(path, columns, None)
    if sum(bounds) > most:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            size = 0
            for batch in file.iter_batches(1 << 16, columns=texts):
                size += sum(_unpacked(column) for column in batch.columns)
                if size > most:
                    raise _bomb(path, f"its texts would take more than {most >> 20} MB")
    known = [name for name in labels if name in texts]
    wanted = None if columns is None else list(columns)
    return pd.read_parquet(path, columns=wanted, filters=filters, read_dictionary=known)


def _measured(path: Path, columns: Sequence[str] | None, rows: int | None) -> tuple[list[str], list[int]]:
    """Return the columns of text, and a bound on what they take in ``rows`` rows (None: all) of each group.

    Raises UserError where the file's own figures say that it would grow beyond reason.
    """
    import pyarrow.parquet as pq

    size = path.stat().st_size
    with pq.ParquetFile(path) as file:
        about = file.metadata
        asked = [file.schema.column(i) for i in range(len(file.schema))]
    places = [i for i, c in enumerate(asked) if columns is None or c.path.partition(".")[0] in columns]
    texts = [asked[i].path for i in places if _is_text(asked[i])]
    if about.num_rows > 1000 + _VALUES_PER_BYTE * size:
        raise _bomb(path, f"{about.num_rows:,} rows in {size:,} bytes")
    bounds = []
    for g in range(about.num_row_groups):
        group = about.row_group(g)
        flat, nested = _longest(path, g, texts, columns)
        # only now: pyarrow 26 ends the process where a column's figures are damaged, unless it fails to read
        most = max((_values(path, group.column(i), size) for i in places), default=0)
        whole = group.num_rows if rows is None else min(rows, group.num_rows)
        bounds.append((flat * whole + nested * most) * len(texts))
    return texts, bounds


def _values(path: Path, column: Any, size: int) -> int:
    """Return how many values a column of a row group has; UserError where it would grow beyond reason."""
    found: int = column.num_values
    if found > 1000 + _VALUES_PER_BYTE * size:
        raise _bomb(path, f"{found:,} values in {size:,} bytes")
    whole = column.total_uncompressed_size
    if whole > max(_FREE, _GROWTH * column.total_compressed_size):
        raise _bomb(path, f"a column of {whole >> 20:,} MB in {size:,} bytes")
    return found


def _bomb(path: Path, found: str) -> UserError:
    return UserError(
        f"{path}: made to grow when it is read ({found}); expected a table of questions, edits or scores: "
        "do not trust it, or write it again without compression"
    )


def _is_text(column: Any) -> bool:
    return column.physical_type == "BYTE_ARRAY" and column.logical_type.type in ("STRING", "NONE", "JSON")


def _longest(path: Path, group: int, texts: Sequence[str], columns: Sequence[str] | None) -> tuple[int, int]:
    """Return the bytes of the longest text that a row group keeps once for many rows: in columns, in lists.

    Texts that are written out each time cannot grow, so only those of the dictionaries count; the first row
    brings them all.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, read_dictionary=texts) as file:
        first = next(file.iter_batches(1, row_groups=[group], columns=columns), None)
    columns_of = [] if first is None else first.columns
    return (
        max((_longest_in(c) for c in columns_of if not _parts(c)), default=0),
        max((_longest_in(c) for c in columns_of if _parts(c)), default=0),
    )


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
