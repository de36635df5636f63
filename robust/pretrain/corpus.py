"""From files of text to a tokenizer and a packed corpus on disk, found again where they were made before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from robust.files import sha256_file, write_text
from robust.folders import check_outside, check_replaceable, replace_folder
from robust.json_text import read_json
from robust.pretrain.contamination import Contamination, N, NGrams, without_overlap
from robust.pretrain.documents import Corpus, files, saved_files, source
from robust.pretrain.packing import Pack, check_tokenizer, open_pack, pack
from robust.pretrain.shards import MANIFEST, UNFINISHED
from robust.pretrain.vocabulary import Kind, train_vocabulary
from robust.scale.machines import Machines
from robust.squad.records import Question
from robust.zoo import lookup
from robust.zoo.tokenizers import load_tokenizer, save_tokenizer, tokenizer_sha256

_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Documents to leave out: those with an n-gram of an evaluation set (``sha256``: of its file)."""

    name: str
    sha256: str
    questions: Sequence[Question]
    n: int = N


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer to be trained on the corpus."""

    kind: Kind
    size: int


def make_tokenizer(corpus: Corpus, vocabulary: Vocabulary, out: Path, *, lower_case: bool = True) -> Any:
    """Train a tokenizer on the corpus, write it to ``out`` and return it.

    A tokenizer in ``out`` is replaced. Raises UserError where ``out`` holds something else, and as
    ``train_vocabulary`` does.
    """
    check_out(out)
    made = train_vocabulary(corpus, vocabulary.kind, vocabulary.size, lower_case=lower_case)
    replace_folder(out, lambda folder: save_tokenizer(made, folder), ours=_is_tokenizer, what="a tokenizer")
    return made


def check_out(out: Path, corpus: Sequence[Path] = ()) -> None:
    """Raise UserError unless a tokenizer can be written to ``out``, outside the folders of its corpus.

    To be asked before the work of training it.
    """
    check_outside(out, corpus)
    check_replaceable(out, _is_tokenizer, "a tokenizer")


def pack_corpus(
    paths: Sequence[Path],
    tokenizer: Any,
    out: Path,
    *,
    length: int,
    exclude: Exclusion | None = None,
    progress: Callable[[int, int], None] = lambda documents, tokens: None,
    machines: Machines | None = None,
) -> Pack:
    """Pack the files into ``out`` (see ``pack``), without what overlaps an evaluation set.

    The report on the overlap is in the pack's notes, under ``overlap``. Raises UserError for an ``out``
    inside one of ``paths``, and as ``pack`` does. ``machines`` tokenise; files are read here.
    """
    check_outside(out, paths)
    check_tokenizer(tokenizer)
    found = files(paths)
    sources = [source(path) for path in found]
    corpus = Corpus(tuple(found))
    if exclude is None:
        return pack(
            corpus, tokenizer, out, length=length, sources=sources, progress=progress, machines=machines
        )
    report = Contamination(exclude.n)
    return pack(
        without_overlap(corpus, NGrams(exclude.questions, exclude.n), report),
        tokenizer,
        out,
        length=length,
        sources=sources,
        settings={"exclude": {"name": exclude.name, "sha256": exclude.sha256, "n": exclude.n}},
        notes=lambda: {"overlap": asdict(report)},
        progress=progress,
        machines=machines,
    )


def corpus_of(
    paths: Sequence[Path],
    tokenizer: Path | Vocabulary,
    packs: Path,
    *,
    length: int,
    notice: Callable[[str], None] = lambda line: None,
) -> tuple[Any, Pack]:
    """Return a tokenizer and the corpus packed with it, made where they are not in ``packs`` yet.

    ``paths`` are files of text, or one packed corpus, which brings its tokenizer. ``tokenizer`` is the folder
    of one, or what is to be trained. Raises UserError for a pack that was interrupted, and for ``packs``
    inside one of ``paths``.
    """
    if len(paths) == 1 and any((paths[0] / name).is_file() for name in (MANIFEST, UNFINISHED)):
        found = open_pack(paths[0])
        return load_tokenizer(found.folder / "tokenizer", str(paths[0])), found
    check_outside(packs, paths)
    listed = files(paths)
    key = _key([_state(path) for path in listed])
    if isinstance(tokenizer, Vocabulary):
        folder = packs / f"tokenizer-{_key([key, tokenizer.kind, tokenizer.size])}"
        sums = folder.with_suffix(".sha256.json")
        if not _is_whole(folder, sums):
            notice(f"training a {tokenizer.kind} vocabulary of {tokenizer.size} on the corpus")
            make_tokenizer(Corpus(tuple(listed)), tokenizer, folder)
            write_text(sums, json.dumps(_sums(folder), indent=1, sort_keys=True) + "\n")
        tokenizer = folder
    loaded = load_tokenizer(tokenizer, str(tokenizer))
    target = packs / f"pack-{_key([key, tokenizer_sha256(loaded), length])}"
    if (target / MANIFEST).is_file():
        return loaded, open_pack(target)
    notice(f"packing the corpus into windows of {length} tokens")
    return loaded, pack_corpus(listed, loaded, target, length=length)


def find_tokenizer(name: str) -> Path:
    """Return the folder of a tokenizer: a folder, or a model found by name as ``find_encoder`` does."""
    folder = Path(name).expanduser()
    return folder if folder.is_dir() else lookup.find_encoder(name)


def _is_whole(folder: Path, sums: Path) -> bool:
    """Say whether a tokenizer trained here is as it was written, by the checksums beside it."""
    try:
        return _is_tokenizer(folder) and read_json(sums) == _sums(folder)
    except (OSError, ValueError):
        return False


def _sums(folder: Path) -> dict[str, str]:
    return {path.name: sha256_file(path) for path in sorted(folder.iterdir())}


def _is_tokenizer(folder: Path) -> bool:
    return (folder / _TOKENIZER).is_file() and not (folder / "config.json").exists()  # a model has both


def _state(path: Path) -> list[object]:
    """Return what changes when the file does: the name, size and time; of a saved dataset those inside."""
    if not path.exists():  # on the hub
        return [str(path)]
    if path.is_dir():  # a folder's own time stays as it is when a file in it is written anew
        return [str(path.resolve()), [[str(p.relative_to(path)), *_written(p)] for p in saved_files(path)]]
    return [str(path.resolve()), *_written(path)]


def _written(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _key(value: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]
