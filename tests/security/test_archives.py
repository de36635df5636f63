"""Packed files: none writes outside its folder, none grows without bound."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import http.server
import io
import lzma
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from robust.attack.validity import read_targets
from robust.errors import UserError
from robust.parquet_file import read_frame
from robust.pretrain.documents import documents
from robust.squad import source
from robust.squad.catalogue import read_entry
from robust.squad.download import download
from robust.squad.io import read_questions
from robust.words import wordnet_files
from robust.words.wordnet_files import read_database

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "zst": lambda data: pa.compress(
        data, codec="zstd", asbytes=True)}  # fmt: skip


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds themselves are for gigabytes; the same code holds a megabyte."""
    monkeypatch.setattr(source, "_FREE", 1_000_000)
    monkeypatch.setattr("robust.pretrain.documents.LINE_LIMIT", 1_000_000)


@pytest.mark.parametrize("kind", ["gz", "xz"])
@pytest.mark.parametrize("name", ["q.json", "q.jsonl"])
@pytest.mark.parametrize("fill", [b"[", b"\n", b" "])
@pytest.mark.usefixtures("small_bounds")
def test_questions_that_unpack_without_end_are_refused(
    kind: str, name: str, fill: bytes, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.{kind}"
    file.write_bytes(PACKERS[kind](fill * 3_000_000))
    with pytest.raises(UserError, match="unpacks to more than 300 times its size"):
        read_questions(file)
    with pytest.raises(UserError):
        read_targets(file)


def test_an_honest_file_of_much_repetition_is_read(tmp_path: Path) -> None:
    row = '{{"id": "q{}", "question": "When?", "context": "In 1904 it opened. {}", "answers": []}}\n'
    text = "".join(row.format(k, "Then came the war. " * 50) for k in range(20_000))
    file = tmp_path / "q.jsonl.xz"
    file.write_bytes(lzma.compress(text.encode()))
    assert len(text) > 100 * file.stat().st_size
    assert len(read_questions(file)) == 20_000


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("fill", [b"a", b"a\n"])
@pytest.mark.usefixtures("small_bounds")
def test_text_that_unpacks_without_end_is_refused(kind: str, fill: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"corpus.txt.{kind}"
    file.write_bytes(PACKERS[kind](fill * 3_000_000))
    with pytest.raises(UserError, match=r"unpacks to more than|MB without an end"):
        for _ in documents([file]):
            pass


def test_parquet_that_grows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "q.parquet"
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 4000, pa.int32()), pa.array(["a" * 1_000_000]))
    pq.write_table(pa.table({"id": text, "context": text}), file)
    assert file.stat().st_size < 200_000  # of 8 GB
    for read in (read_questions, read_frame):
        with pytest.raises(UserError, match="made to grow"):
            read(file)
    with pytest.raises(UserError, match="made to grow"):
        list(documents([_with_text(tmp_path / "c.parquet", text)]))
    pq.write_table(pa.table({"id": pa.array([1] * 30_000_000, pa.int8())}), file)
    with pytest.raises(UserError, match="rows in"):
        read_questions(file)


def _with_text(file: Path, text: pa.Array) -> Path:
    pq.write_table(pa.table({"text": text}), file)
    return file


def _zip(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
        link = tarfile.TarInfo("data.noun")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return held.getvalue()


@pytest.mark.parametrize("pack", [_zip, _tar])
def test_a_wordnet_archive_writes_nothing_and_holds_no_bomb(
    pack: Callable[[dict[str, bytes]], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordnet_files, "_LARGEST", 1_000_000)
    monkeypatch.setattr(wordnet_files, "_ARCHIVE", 3_000_000)
    inside = tmp_path / "inside"
    inside.mkdir()
    file = inside / "wordnet"
    file.write_bytes(
        pack({"../data.noun": b"x", "/tmp/hostile-wordnet/data.noun": b"x", "..\\data.noun": b"x"})
    )
    with pytest.raises(UserError):
        read_database(file)
    file.write_bytes(pack({"a/data.noun": b"0" * 2_000_000}))
    with pytest.raises(UserError, match="too large for a WordNet"):
        read_database(file)
    file.write_bytes(pack({f"{k}/data.noun": b"0" * 900_000 for k in range(9)}))
    with pytest.raises(UserError, match=r"too large for a WordNet|unpacks to more than"):
        read_database(file)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert [path.name for path in inside.iterdir()] == ["wordnet"]
    assert not Path("/tmp/hostile-wordnet").exists()


@pytest.mark.parametrize(
    "name", ["../x.json", "/etc/x.json", "a/../../x.json", "..", ".", "", "C:\\\\x.json", "a\\u0000b"]
)
def test_a_data_set_cannot_name_a_file_outside_its_folder(name: str, tmp_path: Path) -> None:
    file = tmp_path / "dataset.toml"
    file.write_text(_toml(f'file = "{name}"'))
    with pytest.raises(UserError, match="expected a path within the folder of data"):
        read_entry(file)


@pytest.mark.parametrize(
    "lines", ['address = "https://x.org/q.json"', 'address = "file:///etc/passwd"\nsha256 = "{sum}"',
              'address = "ftp://x.org/q"\nsha256 = "{sum}"', 'address = "https://x.org/q"\nsha256 = "abc"']
)  # fmt: skip
def test_a_download_is_named_with_its_sha256_or_not_at_all(lines: str, tmp_path: Path) -> None:
    file = tmp_path / "dataset.toml"
    file.write_text(_toml('file = "q.json"\n' + lines.replace("{sum}", "0" * 64)))
    with pytest.raises(UserError, match=r"sha256"):
        read_entry(file)


def _toml(lines: str) -> str:
    head = "".join(f'{key} = "x"\n' for key in ("name", "title", "homepage", "licence", "citation"))
    return f'{head}[splits.dev]\ndescription = "d"\n{lines}\n'


@pytest.fixture
def endless() -> Iterator[str]:
    """The address of a server that never stops sending."""

    class Endless(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65_536)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/q"
    server.shutdown()
    server.server_close()


def test_a_server_that_sends_without_end_is_left(endless: str, tmp_path: Path) -> None:
    target = tmp_path / "q.json"
    with pytest.raises(UserError, match="sends more than the 1,000 bytes"):
        download(endless, target, sha256=hashlib.sha256(b"x" * 1000).hexdigest(), size=1000)
    assert not target.exists()
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) == 0
