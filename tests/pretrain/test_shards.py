"""Packing that was stopped goes on from its last whole shard, and comes out as if it had not been."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robust.errors import UserError
from robust.pretrain.documents import Document
from robust.pretrain.packing import FORMAT, Pack, open_pack, pack
from robust.pretrain.shards import MANIFEST, UNFINISHED
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain.corpus import made_documents

DOCUMENTS = made_documents(60)
SOURCES = [{"name": "made", "sha256": "0" * 64}]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(DOCUMENTS, "wordpiece", 150)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robust.pretrain.documents._CHARACTERS", 400)


def packed(documents: Any, tokenizer: Any, out: Path, **settings: Any) -> Pack:
    given: dict[str, Any] = {"length": 16, "shard": 7, "sources": SOURCES, **settings}
    return pack(documents, tokenizer, out, **given)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def stopped(after: int, error: BaseException) -> Iterator[Document]:
    yield from DOCUMENTS[:after]
    raise error


@pytest.mark.parametrize("stops", [(0,), (5,), (20,), (59,), (12, 13, 41)])
def test_a_stopped_pack_goes_on_and_comes_out_the_same(
    stops: tuple[int, ...], tokenizer: Any, tmp_path: Path
) -> None:
    whole = packed(DOCUMENTS, tokenizer, tmp_path / "whole")
    out = tmp_path / "stopped"
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            packed(stopped(stop, KeyboardInterrupt()), tokenizer, out)
        assert not (out / MANIFEST).exists()
        with pytest.raises(UserError, match="packing was interrupted; run the same command again"):
            open_pack(out)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("windows-*.npy")}
    began: list[tuple[int, int]] = []
    again = packed(DOCUMENTS, tokenizer, out, progress=lambda *counts: began.append(counts))
    assert content(out) == content(tmp_path / "whole")
    assert again.sha256 == whole.sha256
    assert len(whole.shards) > 10
    for name, time in before.items():
        assert (out / name).stat().st_mtime_ns == time, "a whole shard is not written again"
    if stops[-1] >= 20:
        assert len(before) > 2
        assert began[0][0] > stops[-1] / 2, "documents that lie in shards are not tokenised again"


def test_a_killed_process_leaves_what_can_go_on(tokenizer: Any, tmp_path: Path) -> None:
    tokenizer.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    script = f"""
import os, signal, sys
from pathlib import Path
from tokenizers import Tokenizer
from robust.pretrain import documents
from robust.pretrain.packing import pack
from tests.pretrain.corpus import made_documents

documents._CHARACTERS = 400
class Fast:
    backend_tokenizer = Tokenizer.from_file({str(tmp_path / "tokenizer.json")!r})
    pad_token_id, cls_token_id, sep_token_id, mask_token_id = 0, 2, 3, 4
    def __len__(self): return 150

def killed():
    yield from made_documents(60)[:40]
    os.kill(os.getpid(), signal.SIGKILL)

pack(killed(), Fast(), Path({str(tmp_path / "out")!r}), length=16, shard=7, sources={SOURCES!r})
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id] == [0, 2, 3]
    assert len(list((tmp_path / "out").glob("windows-*.npy"))) > 5
    assert not (tmp_path / "out" / MANIFEST).exists()
    packed(DOCUMENTS, tokenizer, tmp_path / "out")
    packed(DOCUMENTS, tokenizer, tmp_path / "whole")
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_other_settings_are_not_gone_on_with(tokenizer: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        packed(stopped(30, KeyboardInterrupt()), tokenizer, out)
    before = content(out)
    other = train_vocabulary(DOCUMENTS, "wordpiece", 160)
    for finished in (False, True):
        with pytest.raises(UserError, match="holds a corpus packed with length 16, not 32; remove it or"):
            packed(DOCUMENTS, tokenizer, out, length=32)
        with pytest.raises(UserError, match="packed with other sources and other tokenizer;"):
            packed(DOCUMENTS, other, out, sources=[{"name": "x", "sha256": "1"}])
        with pytest.raises(UserError, match="packed with other exclude;"):
            packed(DOCUMENTS, tokenizer, out, settings={"exclude": {"name": "squad2:dev"}})
        if not finished:
            assert content(out) == before
            packed(DOCUMENTS, tokenizer, out)


def test_a_finished_pack_is_returned_without_reading_the_text(tokenizer: Any, tmp_path: Path) -> None:
    made = packed(DOCUMENTS, tokenizer, tmp_path / "out")
    assert packed(stopped(0, AssertionError()), tokenizer, tmp_path / "out") == made


def test_text_of_unknown_origin_is_packed_anew(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        packed(stopped(30, KeyboardInterrupt()), tokenizer, tmp_path / "out", sources=[])
    other = made_documents(60, seed=1)
    packed(other, tokenizer, tmp_path / "out", sources=[])
    packed(other, tokenizer, tmp_path / "whole", sources=[])
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    with pytest.raises(UserError, match="holds a packed corpus already"):
        packed(other, tokenizer, tmp_path / "out", sources=[])


def test_a_broken_shard_makes_it_start_anew(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        packed(stopped(30, KeyboardInterrupt()), tokenizer, tmp_path / "out")
    shard = tmp_path / "out" / "windows-00001.npy"
    shard.write_bytes(shard.read_bytes()[:-10])
    packed(DOCUMENTS, tokenizer, tmp_path / "out")
    packed(DOCUMENTS, tokenizer, tmp_path / "whole")
    assert content(tmp_path / "out") == content(tmp_path / "whole")


@pytest.mark.parametrize("shards", [0, 3])
def test_a_full_disk_is_told_and_only_whole_shards_stay(
    shards: int, tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    save, calls = np.save, []

    def full(file: Any, array: Any) -> None:
        calls.append(file)
        if len(calls) > shards:
            file.write(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(file, array)

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match=r"windows-0000\d\.npy: cannot write \(No space left on device\)"):
        packed(DOCUMENTS, tokenizer, out)
    left = sorted(path.name for path in out.iterdir()) if out.exists() else []
    assert left == ([UNFINISHED, *(f"windows-{n:05}.npy" for n in range(shards))] if shards else [])
    monkeypatch.undo()
    packed(DOCUMENTS, tokenizer, out)
    packed(DOCUMENTS, tokenizer, tmp_path / "whole")
    assert content(out)[MANIFEST] == content(tmp_path / "whole")[MANIFEST]


def test_a_hub_that_goes_away_and_stays_away_costs_no_whole_shard(tokenizer: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for stop, told in ((40, "cannot be had from the hub"), (0, "the hub cannot be reached")):
        with pytest.raises(UserError, match=told):
            packed(stopped(stop, UserError(f"hf:a/b: {told}")), tokenizer, out)
        assert len(list(out.glob("windows-*.npy"))) > 5
        assert not (out / MANIFEST).exists()
    read: list[tuple[int, int]] = []
    packed(DOCUMENTS, tokenizer, out, progress=lambda *counts: read.append(counts))
    assert read[0][0] > 20, "documents that lie in shards are not tokenised again"
    packed(DOCUMENTS, tokenizer, tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


def test_text_that_cannot_be_read_leaves_nothing_where_no_shard_is_whole(
    tokenizer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="line 9"):
        packed(stopped(40, UserError("a.txt: line 9: holds NUL")), tokenizer, tmp_path / "out", shard=500)
    assert not (tmp_path / "out").exists()


BROKEN = {"empty": "", "cut off": '{"shards": [', "no keys": "{}", "a list": "[]", "a number": "3"}


@pytest.mark.parametrize("told", BROKEN.values(), ids=BROKEN.keys())
def test_where_the_note_of_how_far_it_was_is_broken_it_starts_anew(
    told: str, tokenizer: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        packed(stopped(30, KeyboardInterrupt()), tokenizer, out, shard=50)
    (out / UNFINISHED).write_text(told)
    (out / "windows-00099.npy").write_bytes(b"of longer text, once")
    packed(DOCUMENTS, tokenizer, out, shard=50)
    packed(DOCUMENTS, tokenizer, tmp_path / "whole", shard=50)
    assert content(out) == content(tmp_path / "whole")


def test_a_folder_of_others_with_a_file_of_that_name_is_left_alone(tokenizer: Any, tmp_path: Path) -> None:
    for name in (UNFINISHED, "mine.txt", "windows-00000.npy"):
        (tmp_path / name).write_text("mine")
    before = content(tmp_path)
    with pytest.raises(UserError, match="exists and is not a packed corpus"):
        packed(DOCUMENTS, tokenizer, tmp_path)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "told",
    [
        *BROKEN.values(),
        f'{{"format": "{FORMAT}"}}',
        f'{{"format": "{FORMAT}", "shards": [1], "sources": []}}',
    ],
    ids=[*BROKEN.keys(), "nothing but a format", "no shard"],
)
def test_a_broken_manifest_is_told_in_one_line(told: str, tokenizer: Any, tmp_path: Path) -> None:
    packed(DOCUMENTS, tokenizer, tmp_path / "out", shard=500)
    (tmp_path / "out" / MANIFEST).write_text(told)
    for ask in (lambda: open_pack(tmp_path / "out"), lambda: packed(DOCUMENTS, tokenizer, tmp_path / "out")):
        with pytest.raises(
            UserError, match=r"manifest\.json: .*; remove the folder and pack the corpus again"
        ):
            ask()


@pytest.mark.parametrize("role", ["cls", "sep", "mask", "pad"])
def test_a_tokenizer_without_special_tokens_is_refused(role: str, tmp_path: Path) -> None:
    lacking = train_vocabulary(DOCUMENTS, "wordpiece", 150)
    setattr(lacking, f"{role}_token", None)
    with pytest.raises(UserError, match=f"the tokenizer has no {role} token"):
        packed(DOCUMENTS, lacking, tmp_path / "out")
    assert not (tmp_path / "out").exists()
