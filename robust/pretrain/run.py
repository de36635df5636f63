"""From a catalogue name and a corpus to a pre-trained encoder on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.files import write_text
from robust.folders import is_empty, replace_folder
from robust.pretrain.documents import Corpus, files
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.objectives.choice import Choice, build_objective, check_choice
from robust.pretrain.packing import MANIFEST, Pack, PackReader, open_pack, pack
from robust.pretrain.vocabulary import Kind, train_vocabulary
from robust.runs import provenance
from robust.training.state import STATE_FILE
from robust.zoo import lookup
from robust.zoo.architecture import model_config, positions
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.catalogue import Shape
from robust.zoo.sharing import share_layers
from robust.zoo.tokenizers import load_tokenizer, save_tokenizer

FORMAT = "robust.pretrain.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Which encoder, from what, on what.

    ``model`` names the catalogue's shape, which ``shape`` changes (field -> number); ``start`` a checkpoint
    to go on from (name or folder). ``corpus`` are files of text, or one packed corpus. ``tokenizer`` is a
    name or folder; without it the start's is taken, or one of ``vocabulary`` entries trained on the corpus
    (0: as many as the catalogue says). ``length`` is that of a window, in tokens.
    """

    model: str
    corpus: tuple[Path, ...]
    choice: Choice = field(default_factory=Choice)
    shape: Mapping[str, str] = field(default_factory=dict)
    start: str | None = None
    tokenizer: str | None = None
    vocabulary: int = 0
    length: int = 128
    mimetic: bool = False
    share_layers: str = ""
    dropout: float | None = None


def run_pretraining(
    request: Request,
    settings: PretrainSettings,
    out: Path,
    *,
    packs: Path,
    report: Callable[[Step], None] = lambda step: None,
    notice: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Pre-train and save to ``out``; return the record that lies beside the weights.

    Tokenizers and packed corpora are kept in ``packs`` and found there again. An interrupted run in ``out``
    goes on. Raises UserError for bad names, shapes or text, and as ``pretrain`` does.
    """
    check_out(out)
    shape = shape_of(request.model, dict(request.shape))
    check_choice(request.choice, shape)
    check_room(shape, request)
    start = lookup.find_encoder(request.start) if request.start else None
    tokenizer, packed = corpus_of(request, shape, start, packs, notice)
    beginning = Beginning(
        shape=shape,
        tokenizer=tokenizer,
        folder=start,
        seed=settings.seed,
        mimetic=request.mimetic,
        share_layers=request.share_layers,
        dropout=request.dropout,
    )
    objective = build_objective(request.choice, beginning)
    kept = next(iter(objective.models().values()))
    if packed.length > positions(kept.config):
        raise UserError(
            f"{packed.folder}: windows of {packed.length} tokens; {_room(positions(kept.config))}"
        )
    notice(
        f"{objective.name}: {_millions(kept.num_parameters())} parameters; {_millions(packed.tokens)} tokens "
        f"in {packed.windows} windows of {packed.length}"
    )
    wanted = {**asdict(request), "corpus": [source["sha256"] for source in packed.sources]}
    identity = json.dumps(wanted, sort_keys=True, default=str)
    rows = pretrain(objective, PackReader(packed), settings, folder=out, identity=identity, report=report)
    record = {
        "format": FORMAT,
        "request": json.loads(json.dumps({**asdict(request), "corpus": [str(p) for p in request.corpus]})),
        "objective": objective.name,
        "settings": asdict(settings),
        "pack": {"sha256": packed.sha256, "tokens": packed.tokens, "sources": list(packed.sources)},
        "steps": len(rows),
        "tokens": len(rows) * settings.batch * packed.length,
        "seconds": round(rows[-1]["seconds"], 1) if rows else 0.0,
        "last": {k: round(v, 5) for k, v in (rows[-1] if rows else {}).items()},
        **provenance(settings.device),
    }

    def write(folder: Path) -> None:
        objective.save(folder, tokenizer)
        write_text(folder / lookup.PRETRAIN_FILE, json.dumps(record, indent=1, sort_keys=True) + "\n")
        write_text(folder / "curves.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    replace_folder(out, write, ours=_is_ours, what="a pre-training run")
    return record


def check_room(shape: Shape, request: Request) -> None:
    """Raise UserError where the shape has too few positions, or cannot share its layers as asked for."""
    config = model_config(shape)
    if request.share_layers:
        share_layers(config, request.share_layers)  # type: ignore[arg-type] # it checks
    if request.length > positions(config):
        raise UserError(f"--length {request.length}: {_room(positions(config))}")


def _room(found: int) -> str:
    return f"the model has {found} positions; choose shorter windows, or --shape positions"


def check_out(out: Path) -> None:
    """Raise UserError unless a run can begin, or goes on, in ``out``."""
    if out.exists() and not (out.is_dir() and (is_empty(out) or (out / STATE_FILE).is_file())):
        raise UserError(f"{out}: exists and holds no interrupted run; choose another --out or remove it")


def corpus_of(
    request: Request, shape: Any, start: Path | None, packs: Path, notice: Callable[[str], None]
) -> tuple[Any, Pack]:
    """Return the tokenizer and the packed corpus of a request, made where they are not in ``packs`` yet."""
    paths = request.corpus
    if len(paths) == 1 and (paths[0] / MANIFEST).is_file():
        found = open_pack(paths[0])
        return load_tokenizer(found.folder / "tokenizer", str(paths[0])), found
    sources = files(paths)
    key = _key([(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in sources])
    if request.tokenizer or start:
        folder = _tokenizer_folder(request.tokenizer or str(start))
        tokenizer = load_tokenizer(folder, str(request.tokenizer or request.start))
    else:
        size = request.vocabulary or shape.vocabulary
        kind = _KINDS[shape.family]
        folder = packs / f"tokenizer-{_key([key, kind, size])}"
        if not (folder / "tokenizer.json").is_file():
            notice(f"training a {kind} vocabulary of {size} on the corpus")
            made = train_vocabulary(Corpus(tuple(sources)), kind, size)
            replace_folder(folder, lambda p: save_tokenizer(made, p), ours=lambda _: True, what="a tokenizer")
        tokenizer = load_tokenizer(folder, str(folder))
    own = hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
    target = packs / f"pack-{_key([key, own, request.length])}"
    if (target / MANIFEST).is_file():
        return tokenizer, open_pack(target)
    notice(f"packing the corpus into windows of {request.length} tokens")
    return tokenizer, pack(Corpus(tuple(sources)), tokenizer, target, length=request.length, sources=sources)


_KINDS: dict[str, Kind] = {"bert": "wordpiece", "electra": "wordpiece", "roberta": "bpe", "albert": "unigram"}


def _tokenizer_folder(name: str) -> Path:
    folder = Path(name).expanduser()
    return folder if folder.is_dir() else lookup.find_encoder(name)


def _is_ours(folder: Path) -> bool:
    return (folder / STATE_FILE).is_file() or (folder / lookup.PRETRAIN_FILE).is_file()


def _key(value: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def _millions(number: int) -> str:
    return f"{number / 1e6:.1f}M"
