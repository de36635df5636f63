"""Documents become windows of tokens on disk, memory-mapped: every window full, none padded.

A window is [CLS], ``length - 2`` tokens of the stream of all documents, [SEP]; between two documents the
stream holds a [SEP] (RoBERTa's FULL-SENTENCES, Liu et al. 2019). What fills no last window is left out.

    PACK/manifest.json        length, windows, tokens, documents, SHA-256 of sources, vocabulary and shards
    PACK/windows-00000.npy    (windows, length), uint16 where the vocabulary fits, else uint32
    PACK/tokenizer/           the tokenizer it was packed with
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.files import sha256_file, write_text
from robust.folders import replace_folder
from robust.pretrain.documents import Document
from robust.pretrain.tokens import WordTokens
from robust.zoo.tokenizers import save_tokenizer, vocabulary_sha256

FORMAT = "robust.pack.v1"
MANIFEST = "manifest.json"
# Windows in a shard: 16 MB of 128 tokens.
SHARD = 65_536
# Documents that are tokenised at once: some megabytes of text.
_DOCUMENTS = 512

Windows = NDArray[np.uint16] | NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Pack:
    """A packed corpus: ``windows`` of ``length`` tokens in ``shards`` (name, windows, SHA-256).

    ``tokens`` counts what the documents gave, special tokens left out, the unused rest included.
    """

    folder: Path
    length: int
    windows: int
    tokens: int
    documents: int
    vocabulary_sha256: str
    sources: tuple[dict[str, str], ...]
    shards: tuple[dict[str, Any], ...]
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
    sources: Sequence[Path] = (),
    notes: dict[str, Any] | None = None,
    shard: int = SHARD,
    progress: Callable[[int, int], None] = lambda documents, tokens: None,
) -> Pack:
    """Write the documents as windows into the folder ``out`` and return what it holds.

    ``tokenizer`` is a fast tokenizer of transformers; ``sources`` and ``notes`` go into the manifest. The
    same documents, tokenizer and settings give the same bytes. Raises UserError where ``out`` holds
    something else, or where the documents do not fill one window.
    """
    if length < 8:
        raise UserError(f"--length {length}: expected at least 8 tokens in a window")
    kind = np.uint16 if len(tokenizer) <= np.iinfo(np.uint16).max + 1 else np.uint32
    made: list[Pack] = []

    def write(folder: Path) -> None:
        counted = _Count()
        bodies = _bodies(_stream(documents, tokenizer, counted, progress), length - 2)
        shards: list[dict[str, Any]] = []
        windows_in_all = 0
        while block := list(islice(bodies, shard)):
            windows = np.empty((len(block), length), kind)
            windows[:, 0], windows[:, -1] = tokenizer.cls_token_id, tokenizer.sep_token_id
            windows[:, 1:-1] = block
            file = folder / f"windows-{len(shards):05}.npy"
            np.save(file, windows)
            windows_in_all += len(block)
            shards.append({"name": file.name, "windows": len(block), "sha256": sha256_file(file)})
        if not shards:
            raise UserError(
                f"the corpus has {counted.tokens} tokens: too few for one window of {length}; add text, or "
                "choose a smaller --length"
            )
        save_tokenizer(tokenizer, folder / "tokenizer")
        found = Pack(
            out,
            length,
            windows_in_all,
            counted.tokens,
            counted.documents,
            vocabulary_sha256(tokenizer),
            tuple({"name": path.name, "sha256": sha256_file(path)} for path in sources if path.is_file()),
            tuple(shards),
            notes or {},
        )
        manifest = {"format": FORMAT, **{k: v for k, v in asdict(found).items() if k != "folder"}}
        write_text(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        made.append(found)

    replace_folder(out, write, ours=lambda p: (p / MANIFEST).is_file(), what="a packed corpus")
    return made[0]


def open_pack(folder: Path) -> Pack:
    """Return the packed corpus in ``folder``; UserError where there is none, or a part of it is missing."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{folder}: no packed corpus in it; make one with: robust corpus pack") from error
    if found.pop("format", None) != FORMAT:
        raise UserError(f"{folder / MANIFEST}: not of format {FORMAT}; pack the corpus again")
    for shard in found["shards"]:
        file = folder / shard["name"]
        try:
            shape = np.load(file, mmap_mode="r").shape
        except (OSError, ValueError) as error:
            raise UserError(f"{file}: missing or broken; pack the corpus again") from error
        if shape != (shard["windows"], found["length"]):
            raise UserError(f"{file}: shape {shape}, the manifest says otherwise; pack the corpus again")
    found["sources"], found["shards"] = tuple(found["sources"]), tuple(found["shards"])
    return Pack(folder=folder, **found)


class PackReader:
    """The windows of a pack by number, in the order of training; memory holds what is asked for only."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._shards = [np.load(pack.folder / shard["name"], mmap_mode="r") for shard in pack.shards]
        self._first = np.cumsum([0, *(shard["windows"] for shard in pack.shards)])
        self._known = (-1, -1)  # seed and epoch of the order at hand
        self._permutation = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return self.pack.windows

    def windows(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the windows of these numbers, shape (numbers, length), in their order."""
        found = np.empty((len(numbers), self.pack.length), np.int64)
        shard = np.searchsorted(self._first, numbers, side="right") - 1
        for one in np.unique(shard):
            chosen = shard == one
            found[chosen] = self._shards[one][numbers[chosen] - self._first[one]]
        return found

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
    documents: int = 0
    tokens: int = 0


def _stream(
    documents: Iterable[Document], tokenizer: Any, counted: _Count, progress: Callable[[int, int], None]
) -> Iterator[NDArray[np.int32]]:
    """Yield the tokens of one document after the other, a [SEP] after each."""
    words = WordTokens(tokenizer)
    end = np.asarray([tokenizer.sep_token_id], np.int32)
    source = iter(documents)
    while block := list(islice(source, _DOCUMENTS)):
        for ids in words.ids([" ".join(document) for document in block]):
            counted.documents += 1
            counted.tokens += len(ids)
            yield ids
            yield end
        progress(counted.documents, counted.tokens)


def _bodies(stream: Iterable[NDArray[np.int32]], size: int) -> Iterator[NDArray[np.int32]]:
    """Cut the stream into pieces of ``size`` tokens; a rest is left out."""
    rest = np.zeros(0, np.int32)
    waiting: list[NDArray[np.int32]] = []
    held = 0
    for ids in stream:
        waiting.append(ids)
        held += len(ids)
        if held < size * 256:
            continue
        rest = np.concatenate(waiting)
        whole = held // size * size
        yield from rest[:whole].reshape(-1, size)
        waiting, held = [rest[whole:]], held - whole
    rest = np.concatenate([np.zeros(0, np.int32), *waiting])
    yield from rest[: held // size * size].reshape(-1, size)
