"""Reading and writing questions: official SQuAD JSON, CMRC 2018, JSONL, parquet, Hugging Face data sets."""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from robust.errors import UserError, first_line
from robust.files import atomic_write
from robust.json_text import parse_json
from robust.parquet_file import batches
from robust.squad import cmrc, official, rows
from robust.squad.articles import NotStreamed, articles
from robust.squad.packed import Packed
from robust.squad.records import Question
from robust.squad.source import PARQUET, SIZE_LIMIT, lines, open_bytes, read_text
from robust.squad.validate import Place, short

if TYPE_CHECKING:
    import datasets

_PACKED = (".gz", ".xz")
_LINES = (".jsonl", ".ndjson")
# what the first line of a table of questions names
_COLUMNS = {"id", "question", "context"}
# rows of a parquet file that are written, and can be read, together
_ROWS = 1 << 15


def read_questions(path: Path, limit: int = SIZE_LIMIT) -> list[Question]:
    """Return all questions of a data file, in its order; see ``iter_questions``."""
    return list(iter_questions(path, limit))


def iter_questions(path: Path, limit: int = SIZE_LIMIT) -> Iterator[Question]:
    """Yield the questions of a SQuAD (1.1, 2.0), CMRC 2018, JSONL or parquet file, plain or as .gz or .xz.

    What the file is, its content says (parquet, compression) before its name (.jsonl). JSONL, parquet and
    SQuAD files that begin as the official ones do are read a piece at a time; other JSON is held in memory
    whole. What is in memory may have ``limit`` bytes. Raises UserError with file, article, paragraph and
    question at the first fault.
    """
    path = Path(path)
    yield from _some(_parsed(path, limit), path)


def read_packed(path: Path, *, beside: Packed | None = None) -> Packed:
    """Return all questions of a data file in little memory; ``beside``: as ``Packed`` takes it."""
    found = _parsed(path, SIZE_LIMIT, beside)
    return found if isinstance(found, Packed) else Packed(_some(found, path), beside=beside)


def _some(questions: Iterable[Question], path: Path) -> Iterator[Question]:
    """Yield the questions; UserError where there is none."""
    empty = True
    for question in questions:
        empty = False
        yield question
    if empty:
        raise UserError(
            f"{path}: holds no questions; expected SQuAD JSON, JSONL or parquet with at least one"
        )


def _parsed(path: Path, limit: int, beside: Packed | None = None) -> Iterable[Question]:
    with open_bytes(path) as stream:
        start = stream.read(len(PARQUET))
    if start == PARQUET:
        return rows.parse(_parquet_rows(path))
    if _suffix(path) in _LINES:
        return rows.parse(_line_rows(path))
    return _from_json(path, limit, beside)


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _from_json(path: Path, limit: int, beside: Packed | None) -> Iterable[Question]:
    with suppress(NotStreamed):  # then the whole is read, which also says where it is at fault
        return official.parse_articles(articles(path, limit), str(path), beside)
    text = read_text(path, limit)
    try:
        document = parse_json(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1 and _is_row(text[: error.pos]):
            return rows.parse(_line_rows(path))
        raise _not_json(error, path, text) from None
    except ValueError as error:
        raise UserError(f"{path}: cannot be read as JSON ({error}); expected SQuAD JSON") from None
    if cmrc.is_cmrc(document):
        return cmrc.parse(document, str(path))
    if _is_row(document):
        return rows.parse([(Place(str(path)), document)])
    items = document.get("data") if isinstance(document, dict) else document
    if isinstance(items, list) and items and all(_is_row(item) for item in items):
        return rows.parse((Place(str(path), f"entry {i}"), item) for i, item in enumerate(items, 1))
    return official.parse(document, str(path))


def _is_row(value: object) -> bool:
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError:
            return False
    return isinstance(value, dict) and "context" in value and "question" in value


def _not_json(error: json.JSONDecodeError, path: Path, text: str) -> UserError:
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return UserError(
            f"{path}: not whole: the JSON breaks off at line {error.lineno}, column {error.colno} "
            f"({error.msg}); fetch or write the file again"
        )
    if _looks_like_csv(path, text):
        return UserError(
            f"{path}: looks like CSV, which is not read here; expected SQuAD JSON, JSON lines (.jsonl) or "
            "parquet"
        )
    found = short(text[error.pos : error.pos + 20])
    return UserError(
        f"{path}: not JSON: line {error.lineno}, column {error.colno}: {error.msg}, found {found}; "
        "expected SQuAD JSON"
    )


def _looks_like_csv(path: Path, text: str) -> bool:
    """Say whether what is not JSON is a table: by its name, or by a first line of column names."""
    head = text.lstrip().partition("\n")[0]
    names = [] if head[:1] in "[{" else [name.strip().strip('"').lower() for name in re.split("[,;\t]", head)]
    return _suffix(path) in (".csv", ".tsv") or (len(names) > 1 and not _COLUMNS.isdisjoint(names))


def _line_rows(path: Path) -> Iterator[tuple[Place, object]]:
    for number, line in lines(path):
        try:
            value = parse_json(line)
        except ValueError as error:
            what = (
                f"column {error.colno}: {error.msg}"
                if isinstance(error, json.JSONDecodeError)
                else str(error)
            )
            whole = "" if line.endswith("\n") else " (the file ends in this line: it may be cut off)"
            raise UserError(
                f"{path}: line {number}: not JSON: {what}{whole}; JSONL has one object a line"
            ) from None
        yield Place(str(path), f"line {number}"), value


def _parquet_rows(path: Path) -> Iterator[tuple[Place, object]]:
    import pyarrow

    number = 0
    try:
        for batch in batches(path):
            for value in batch.to_pylist():
                number += 1
                yield Place(str(path), f"row {number}"), value
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:  # dates that Python has not
        raise UserError(
            f"{path}: broken parquet file ({first_line(error)}); fetch or write it again"
        ) from None


def from_hf(dataset: datasets.Dataset, name: str = "Hugging Face data set") -> list[Question]:
    """Return the questions of a Hugging Face ``Dataset`` with SQuAD's columns (``name`` is for messages).

    Raises UserError where a column is missing (a ``DatasetDict`` has to be given one split at a time) or a
    row is at fault.
    """
    if hasattr(dataset, "keys"):
        splits = ", ".join(map(str, dataset.keys()))
        raise UserError(f"{name}: has several splits ({splits}), expected one; pass dataset[SPLIT]")
    found = list(rows.parse((Place(name, f"row {i}"), value) for i, value in enumerate(dataset, 1)))
    if not found:
        raise UserError(f"{name}: holds no questions")
    return found


def write_squad(path: Path, questions: Iterable[Question]) -> None:
    """Write official SQuAD 2.0 JSON (packed where ``path`` ends in .gz or .xz), whole or not at all.

    Grouped by article and paragraph in the order first met; the same questions give the same bytes.
    """
    _write(path, official.render(questions))


def write_jsonl(path: Path, questions: Iterable[Question]) -> None:
    """Write one question a line, in order (packed where ``path`` ends in .gz or .xz)."""
    _write(path, (json.dumps(rows.row(question), ensure_ascii=False) + "\n" for question in questions))


def write_parquet(path: Path, questions: Iterable[Question]) -> None:
    """Write one question a row, in order, with the hub's columns and our clusters."""
    import pyarrow
    import pyarrow.parquet

    text, number = pyarrow.string(), pyarrow.int32()
    answers = pyarrow.struct([("text", pyarrow.list_(text)), ("answer_start", pyarrow.list_(number))])
    schema = pyarrow.schema(
        [("id", text), ("title", text), ("context", text), ("question", text), ("answers", answers),
         ("is_impossible", pyarrow.bool_()), ("article", text), ("paragraph_id", text)]
    )  # fmt: skip
    rest = map(rows.row, questions)
    with (
        atomic_write(path) as temporary,
        pyarrow.parquet.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        while part := list(islice(rest, _ROWS)):
            writer.write_table(pyarrow.Table.from_pylist(part, schema=schema))


def _write(path: Path, parts: Iterable[str]) -> None:
    """Write text that comes in parts, whole or not at all."""
    encoded = (_encoded(part, path) for part in parts)
    with atomic_write(path) as temporary:
        if path.suffix in _PACKED:
            data = b"".join(encoded)
            packed = gzip.compress(data, mtime=0) if path.suffix == ".gz" else lzma.compress(data)
            temporary.write_bytes(packed)
            return
        with temporary.open("wb") as stream:
            stream.writelines(encoded)


def _encoded(text: str, path: Path) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        near = short(text[max(0, error.start - 20) : error.start + 20])
        raise UserError(f"{path}: cannot be written: a lone surrogate (half a character) in {near}") from None
