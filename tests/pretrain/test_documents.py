"""A corpus is read the same from every kind of file, and what is no text is refused in one line."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from robust.errors import UserError
from robust.files import sha256_file
from robust.pretrain.documents import documents, files, source

DOCUMENTS = [("One paragraph.", "Another: naïve café."), ("A second document.",), ("Third.", "End.")]
TEXT = "\n\n".join("\n".join(document) for document in DOCUMENTS) + "\n"


def zstd(raw: bytes) -> bytes:
    buffer = pa.BufferOutputStream()
    with pa.CompressedOutputStream(buffer, "zstd") as stream:
        stream.write(raw)
    packed: bytes = buffer.getvalue().to_pybytes()
    return packed


def written(folder: Path, name: str) -> Path:
    path = folder / name
    raw = TEXT.encode()
    if ".jsonl" in name:
        raw = "".join(json.dumps({"text": "\n".join(d)}) + "\n" for d in DOCUMENTS).encode()
    match path.suffix:
        case ".xz":
            path.write_bytes(lzma.compress(raw))
        case ".gz":
            path.write_bytes(gzip.compress(raw, mtime=0))
        case ".bz2":
            path.write_bytes(bz2.compress(raw))
        case ".zst":
            path.write_bytes(zstd(raw))
        case ".parquet":
            pq.write_table(pa.table({"text": ["\n".join(d) for d in DOCUMENTS], "id": [1, 2, 3]}), path)
        case _:
            path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    "name", ["a.txt", "a", "a.txt.xz", "a.gz", "a.bz2", "a.txt.zst", "a.jsonl", "a.jsonl.gz", "a.parquet"]
)
def test_every_kind_of_file_gives_the_same_documents(tmp_path: Path, name: str) -> None:
    assert list(documents([written(tmp_path, name)])) == DOCUMENTS


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [(".xz", lzma.compress), (".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstd)],
)
def test_a_file_of_several_compressed_pieces_is_read_to_its_end(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    raw = TEXT.encode()
    (tmp_path / f"a.txt{suffix}").write_bytes(b"".join(pack(raw[i : i + 20]) for i in range(0, len(raw), 20)))
    assert list(documents([tmp_path / f"a.txt{suffix}"])) == DOCUMENTS


def test_a_source_is_told_by_what_is_in_it(tmp_path: Path) -> None:
    from datasets import Dataset

    one, two = written(tmp_path, "a.txt"), written(tmp_path, "a.txt.gz")
    assert source(one) == {"name": "a.txt", "sha256": sha256_file(one)}
    assert source(two)["sha256"] != source(one)["sha256"]
    for name, text in (("x", "same"), ("y", "same"), ("z", "other")):
        Dataset.from_dict({"text": [text]}).save_to_disk(tmp_path / name / "set")
    sums = [source(tmp_path / name / "set")["sha256"] for name in "xyz"]
    assert sums[2] not in sums[:2]


def test_a_damaged_saved_dataset_is_told_in_one_line(tmp_path: Path) -> None:
    from datasets import Dataset

    Dataset.from_dict({"text": ["x"]}).save_to_disk(tmp_path / "set")
    next((tmp_path / "set").glob("*.arrow")).write_bytes(b"broken")
    with pytest.raises(UserError, match="set: not a saved dataset that can be read"):
        list(documents([tmp_path / "set"]))
    Dataset.from_dict({"body": ["x"]}).save_to_disk(tmp_path / "other")
    with pytest.raises(UserError, match="other: columns body in it; expected 'text'"):
        list(documents([tmp_path / "other"]))


def test_a_folder_stands_for_its_files_in_order_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a.jsonl", ".hidden"):
        written(tmp_path, name)
    assert files([tmp_path]) == [tmp_path / "a.jsonl", tmp_path / "b.txt"]
    assert list(documents([tmp_path])) == DOCUMENTS * 2


def test_a_saved_dataset_is_read_split_by_split(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    rows = Dataset.from_dict({"text": ["\n".join(d) for d in DOCUMENTS], "label": [0, 1, 0]})
    rows.save_to_disk(tmp_path / "one")
    DatasetDict({"train": rows, "test": rows}).save_to_disk(tmp_path / "two")
    assert list(documents([tmp_path / "one"])) == DOCUMENTS
    assert list(documents([tmp_path / "two"])) == DOCUMENTS * 2


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.txt", b"fine\nnot \xff fine\n", r"a\.txt: line 2: byte 4 is not UTF-8"),
        ("a.txt", b"fine\n\x00\x01", r"a\.txt: line 2: holds NUL"),
        ("a.txt", b"  \n\n", r"a\.txt: no text in it"),
        ("a.txt.xz", lzma.compress(TEXT.encode())[:-20], r"a\.txt\.xz: after line \d+: cannot be read"),
        ("a.gz", b"no gzip", r"a\.gz: after line 0: cannot be read"),
        (
            "a.jsonl",
            b'{"text": "x"}\n{"txt": "y"}\n',
            r"a\.jsonl: line 2: .* is not a JSON object with 'text'",
        ),
        ("a.jsonl", b'{"text": "a\\u0000b"}\n', r"a\.jsonl: line 1: holds NUL"),
        ("a.jsonl", b'{"text": 5}\n', r"a\.jsonl: line 1: int, expected text"),
        ("a.jsonl", b'{"text": "a\\ud800b"}\n', r"a\.jsonl: line 1: holds half a character"),
        ("a.txt.zst", zstd(TEXT.encode() * 9)[:-9], r"a\.txt\.zst: after line \d+: cannot be read"),
        ("a.gz", gzip.compress(TEXT.encode(), mtime=0)[:-12], r"a\.gz: after line \d+: cannot be read"),
        ("a.txt", b"", r"a\.txt: no text in it"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00\x00", r"a\.txt: line 1: holds NUL"),
        ("a.parquet", b"PAR1 not", r"a\.parquet: not a readable parquet file"),
    ],
)
def test_what_is_no_corpus_is_refused_with_its_place(
    tmp_path: Path, name: str, raw: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(UserError, match=message):
        list(documents([tmp_path / name]))


def test_a_missing_file_an_empty_folder_and_a_missing_column_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        list(documents([tmp_path / "nothing.txt"]))
    with pytest.raises(UserError, match="an empty folder"):
        list(documents([tmp_path]))
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "b.parquet")
    with pytest.raises(UserError, match="columns body; expected one named 'text'"):
        list(documents([tmp_path / "b.parquet"]))


def test_a_pipe_is_refused_since_it_can_be_read_but_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="pipe: a pipe or device, expected a file"):
        files([tmp_path / "pipe"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("unfinished.json", "its packing was interrupted; run that command again"),
        ("manifest.json", "as a packed corpus does; name the files of text in it"),
    ],
)
def test_a_packed_corpus_is_not_read_as_text(tmp_path: Path, name: str, told: str) -> None:
    written(tmp_path, "a.txt")
    (tmp_path / name).write_text("{}")
    with pytest.raises(UserError, match=f"holds {name}, .*{told}"):
        files([tmp_path])


def test_json_nested_deeper_than_python_reads_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n' + "[" * 100_000)
    with pytest.raises(UserError, match=r"a\.jsonl: line 2: .* is not a JSON object with 'text'"):
        list(documents([tmp_path / "a.jsonl"]))
