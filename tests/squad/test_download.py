"""Downloads: whole and right, or not there at all; what broke off is continued."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from robust.errors import UserError
from robust.squad.download import download

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT at every path; says what was asked for, and misbehaves on request."""

    ranges: list[str | None]
    honours_ranges = True
    breaks_off_after: int | None = None
    status: int | None = None
    sends_length = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.json"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        if self.server.status is not None:
            self.send_error(self.server.status)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.honours_ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if self.server.sends_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.breaks_off_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server(("127.0.0.1", 0), Handler)
    running.ranges = []
    thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_and_says_how_far_it_is(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.json"
    seen: list[tuple[int, int | None]] = []
    found = download(
        server.address, target, sha256=SHA256, progress=lambda done, total: seen.append((done, total))
    )
    assert found == target
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == ["file.json"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert {total for _, total in seen} == {len(CONTENT)}


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_what_broke_off_is_kept_and_continued(size: int | None, server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    server.breaks_off_after = 100_000
    with pytest.raises(UserError, match="broke off at 100,000 of 512,000 bytes; run the same command again"):
        download(server.address, target, sha256=SHA256, size=size)
    assert files(tmp_path) == ["file.json.part"]
    server.breaks_off_after = None
    assert download(server.address, target, sha256=SHA256, size=size).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=100000-"]
    assert files(tmp_path) == ["file.json"]


def test_a_server_that_knows_no_ranges_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.json.part").write_bytes(CONTENT[:1000])
    server.honours_ranges = False
    assert download(server.address, tmp_path / "file.json", sha256=SHA256).read_bytes() == CONTENT


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_part_that_is_whole_or_too_long_is_no_obstacle(
    extra: int, size: int | None, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file.json.part").write_bytes(CONTENT + b"x" * extra)
    assert download(server.address, tmp_path / "file.json", sha256=SHA256, size=size).read_bytes() == CONTENT


def test_a_server_that_tells_no_length_is_believed_only_by_checksum(server: Server, tmp_path: Path) -> None:
    server.sends_length = False
    assert download(server.address, tmp_path / "a.json", sha256=SHA256).read_bytes() == CONTENT
    server.breaks_off_after = 1000
    with pytest.raises(UserError, match="broke off at 1,000 of 512,000"):
        download(server.address, tmp_path / "b.json", sha256=SHA256, size=len(CONTENT))


def test_another_file_under_the_address_is_thrown_away(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"has SHA-256 {SHA256}, expected {'0' * 64}; it was thrown away"):
        download(server.address, tmp_path / "file.json", sha256="0" * 64)
    assert files(tmp_path) == []


def test_a_file_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_bytes(b"mine")
    assert download(server.address, tmp_path / "file.json").read_bytes() == b"mine"
    assert server.ranges == []


def test_an_error_of_the_server_is_told_in_one_line(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(UserError, match=r"file\.json: the server answers 404 Not Found"):
        download(server.address, tmp_path / "file.json")
    assert not (tmp_path / "file.json").exists()


def test_no_network_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^http://127\.0\.0\.1:1/x: cannot be fetched \("):
        download("http://127.0.0.1:1/x", tmp_path / "x")


def test_only_web_addresses_are_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    with pytest.raises(UserError, match="not a web address"):
        download(secret.as_uri(), tmp_path / "copy")


def test_a_folder_that_cannot_be_made_is_told_in_one_line(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match=r"cannot be written \(.*\); free space or set ROBUST_HOME"):
        download(server.address, tmp_path / "file" / "file.json")


def test_who_comes_too_late_leaves_no_part_behind(server: Server, tmp_path: Path) -> None:
    target = download(server.address, tmp_path / "file.json", sha256=SHA256)
    assert download(server.address, target, sha256=SHA256) == target
    assert files(tmp_path) == ["file.json"]


def test_two_at_once_make_one_whole_file(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    threads = [
        threading.Thread(target=download, args=(server.address, target), kwargs={"sha256": SHA256})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == CONTENT
    assert files(tmp_path) == ["file.json"]
