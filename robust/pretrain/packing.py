"""Documents become windows of tokens on disk, memory-mapped: every window full, none padded.

A window is [CLS], ``length - 2`` tokens of the stream of all documents, [SEP]; between two documents the
stream holds a [SEP] (RoBERTa's FULL-SENTENCES, Liu et al. 2019). What fills no last window is left out.

    PACK/manifest.json        length, windows, tokens, documents, SHA-256 of sources, vocabulary and shards
    PACK/windows-00000.npy    (windows, length), uint16 where the vocabulary fits, else uint32
    PACK/tokenizer/           the tokenizer it was packed with
    PACK/unfinished.json      only while there is no manifest: how far it is (robust.pretrain.shards)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError, first_line
from robust.files import sha256_file, write_text
from robust.folders import replace_folder
from robust.json_text import read_json
from robust.pretrain.documents import Document, blocks
from robust.pretrain.shards import MANIFEST, UNFINISHED, ShardWriter, begin, check_same, clear, note
from robust.pretrain.tokens import WordTokens
from robust.pretrain.word_table import Counts, Ids
from robust.scale.machines import Here, Machines
from robust.zoo.tokenizers import save_tokenizer, tokenizer_sha256, vocabulary_sha256

FORMAT = "robust.pack.v1"
# what numpy raises where the head of a file, which is Python text, is damaged
_BROKEN_HEADER = (SyntaxError, TokenError, TypeError, OverflowError, EOFError, LookupError, AttributeError)
_AGAIN = "remove the folder and pack the corpus again"
# Windows in a shard: 16 MB of 128 tokens. So much work is lost at most when packing is killed.
SHARD = 65_536


@dataclass(frozen=True, slots=True)
class Pack:
    """A packed corpus: ``windows`` of ``length`` tokens in ``shards`` (name, windows, SHA-256).

    ``tokens`` counts what the documents gave, special tokens left out, the unused rest included. ``settings``
    are what was asked for beside the sources.
    """

    folder: Path
    length: int
    windows: int
    tokens: int
    documents: int
    vocabulary_sha256: str
    sources: tuple[dict[str, str], ...]
    shards: tuple[dict[str, Any], ...]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the manifest, which names those of all shards."""
        return sha256_file(self.folder / MANIFEST)


def pack(
    documents: Iterable[Document],
    tokenizer: Any,
    out: Path,
    *,
    length: int = 128,
    sources: Sequence[Mapping[str, str]] = (),
    settings: Mapping[str, Any] | None = None,
    notes: Callable[[], dict[str, Any]] = dict,
    shard: int = SHARD,
    progress: Callable[[int, int], None] = lambda documents, tokens: None,
    machines: Machines | None = None,
) -> Pack:
    """Write the documents as windows into the folder ``out`` and return what it holds.

    ``tokenizer`` is a fast tokenizer of transformers. ``sources`` are what the documents come from (name,
    SHA-256), ``settings`` what was done to them; ``notes`` is asked for when the last document has passed.
    The same documents, tokenizer and settings give the same bytes. Where ``out`` holds the pack of these
    sources and settings, it is returned; where packing them was interrupted, it goes on from the last whole
    shard (``documents`` are given from the first one all the same). With ``machines`` they tokenise, and this
    process reads the documents and writes. Raises UserError where ``out`` holds
    something else, for a tokenizer without special tokens, and where the documents fill no window.
    """
    check_tokenizer(tokenizer)
    if length < 8:
        raise UserError(f"--length {length}: expected at least 8 tokens in a window")
    settings = {"tokenizer": tokenizer_sha256(tokenizer), "shard": shard, **(settings or {})}
    wanted = {"length": length, "sources": [dict(source) for source in sources], **settings}
    if (out / MANIFEST).is_file():
        found = open_pack(out)
        check_same(out, {"length": found.length, "sources": list(found.sources), **found.settings}, wanted)
        if not sources:
            raise UserError(f"{out}: holds a packed corpus already; remove it or choose another --out")
        return found
    done = begin(out, wanted)
    writer = ShardWriter(
        out,
        length=length,
        rows=shard,
        edges=(tokenizer.cls_token_id, tokenizer.sep_token_id),
        kind=np.uint16 if len(tokenizer) <= np.iinfo(np.uint16).max + 1 else np.uint32,
        done=done,
        whole=lambda done: note(out, wanted, done),
    )
    count = _Count(done.documents, writer.written - done.into - done.documents)
    try:
        for flat, lengths in _stream(documents, tokenizer, count, progress, machines or Here()):
            writer.put(flat, lengths)
        writer.finish()
        if not writer.done.shards:
            left_out = (
                f" without what overlaps {exclude['name']}" if (exclude := settings.get("exclude")) else ""
            )
            raise UserError(
                f"the corpus has {count.tokens} tokens{left_out}: too few for one window of {length}; add "
                "text, or choose a smaller --length"
            )
        found = Pack(
            out,
            length,
            sum(one["windows"] for one in writer.done.shards),
            count.tokens,
            count.documents,
            vocabulary_sha256(tokenizer),
            tuple(wanted["sources"]),
            writer.done.shards,
            settings,
            notes(),
        )
        replace_folder(
            out / "tokenizer",
            lambda folder: save_tokenizer(tokenizer, folder),
            ours=lambda folder: True,
            what="a tokenizer",
        )
        manifest = {"format": FORMAT, **{k: v for k, v in asdict(found).items() if k != "folder"}}
        write_text(out / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    except UserError:
        if not writer.done.shards:  # whole shards stay: a full disk is cleared, a hub comes back
            clear(out)
        raise
    (out / UNFINISHED).unlink(missing_ok=True)
    return found


def check_tokenizer(tokenizer: Any) -> None:
    """Raise UserError unless the tokenizer has the special tokens that pre-training needs."""
    for role in ("cls", "sep", "mask", "pad"):
        if getattr(tokenizer, f"{role}_token_id", None) is None:
            raise UserError(
                f"the tokenizer has no {role} token; pre-training needs cls, sep, mask and pad: choose "
                "another one, or train one with: robust corpus tokenizer"
            )


def open_pack(folder: Path) -> Pack:
    """Return the packed corpus in ``folder``; UserError where there is none, or a part of it is missing."""
    manifest = folder / MANIFEST
    try:
        told = read_json(manifest)
        if told.pop("format", None) != FORMAT:
            raise UserError(f"{manifest}: not of format {FORMAT}; {_AGAIN}")
        told["sources"], told["shards"] = tuple(told["sources"]), tuple(told["shards"])
        found = Pack(folder=folder, **told)
        shapes = {str(shard["name"]): (shard["windows"], found.length) for shard in found.shards}
        if any(Path(name).name != name for name in shapes):
            raise ValueError("names shards outside its folder")
    except OSError as error:
        begun = (folder / UNFINISHED).is_file()
        raise UserError(
            f"{folder}: packing was interrupted; run the same command again to go on"
            if begun
            else f"{folder}: no packed corpus in it; make one with: robust corpus pack"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{manifest}: broken; {_AGAIN}") from error
    for name, wanted in shapes.items():
        file = folder / name
        try:
            shape = _open_shard(file).shape
        except (OSError, ValueError) as error:
            raise UserError(f"{file}: missing or broken; {_AGAIN}") from error
        if shape != wanted:
            raise UserError(f"{file}: shape {shape}, the manifest says otherwise; {_AGAIN}")
    return found


def _open_shard(file: Path) -> NDArray[Any]:
    """Return a shard, memory-mapped. ValueError for anything but an array of tokens, pickles above all."""
    try:
        found = np.lib.format.open_memmap(file, mode="r")
    except _BROKEN_HEADER as error:
        raise ValueError(first_line(error)) from error
    if found.dtype.kind != "u":
        raise ValueError(f"holds {found.dtype}, expected tokens")
    return found


class PackReader:
    """The windows of a pack by number, in the order of training; memory holds what is asked for only.

    A shard is held against its checksum when it is first read; UserError where it is not what was packed.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._shards = [_open_shard(pack.folder / shard["name"]) for shard in pack.shards]
        self._first = np.cumsum([0, *(shard["windows"] for shard in pack.shards)])
        self._checked: set[int] = set()
        self._known = (-1, -1)  # seed and epoch of the order at hand
        self._permutation = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return self.pack.windows

    def windows(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the windows of these numbers, shape (numbers, length), in their order."""
        found = np.empty((len(numbers), self.pack.length), np.int64)
        shard = np.searchsorted(self._first, numbers, side="right") - 1
        for one in np.unique(shard):
            self._check(int(one))
            chosen = shard == one
            found[chosen] = self._shards[one][numbers[chosen] - self._first[one]]
        return found

    def _check(self, one: int) -> None:
        if one in self._checked:
            return
        shard = self.pack.shards[one]
        file = self.pack.folder / str(shard["name"])
        if sha256_file(file) != shard["sha256"]:
            raise UserError(f"{file}: damaged (its checksum is not that of {MANIFEST}); {_AGAIN}")
        self._checked.add(one)

    def batch(self, step: int, size: int, seed: int) -> NDArray[np.int64]:
        """Return the windows of training step ``step`` (from 0), shape (size, length).

        Every epoch goes through all windows once, in an order of its own drawn from ``seed``; a batch at the
        end of an epoch goes on into the next. Any step can be asked for, so that a run resumes anywhere.
        """
        numbers = np.arange(step * size, (step + 1) * size)
        found = np.empty(size, np.int64)
        for epoch in np.unique(numbers // len(self)):
            here = numbers // len(self) == epoch
            found[here] = self._order(seed, int(epoch))[numbers[here] % len(self)]
        return self.windows(found)

    def _order(self, seed: int, epoch: int) -> NDArray[np.int64]:
        if self._known != (seed, epoch):
            self._permutation = np.random.default_rng([seed, epoch]).permutation(len(self))
            self._known = (seed, epoch)
        return self._permutation


@dataclass(slots=True)
class _Count:
    documents: int
    tokens: int


def _stream(
    documents: Iterable[Document],
    tokenizer: Any,
    count: _Count,
    progress: Callable[[int, int], None],
    machines: Machines,
) -> Iterator[tuple[Ids, Counts]]:
    """Yield the tokens of some documents, each with a [SEP] after it, and how many are each document's.

    ``count`` says how many documents are to be passed over, and counts on.
    """
    progress(count.documents, count.tokens)
    texts = (
        [" ".join(document) for document in block]
        for block in blocks(islice(documents, count.documents, None))
    )
    for _, (flat, lengths) in machines.run(Tokenising(tokenizer), texts, in_order=True):
        count.documents += len(lengths)
        count.tokens += len(flat)
        yield np.insert(flat, np.cumsum(lengths), tokenizer.sep_token_id), lengths + 1
        progress(count.documents, count.tokens)


@dataclass(frozen=True, slots=True)
class Tokenising:
    """The work of tokenising: the texts of documents in, their token ids and how many each has out."""

    tokenizer: Any
    gpus: int = 0

    def open(self) -> Callable[[list[str]], tuple[Ids, Counts]]:
        """Return what tokenises."""
        return WordTokens(self.tokenizer).ids
