"""From a catalogue name and a corpus to a pre-trained encoder on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from robust.errors import UserError
from robust.files import write_text
from robust.folders import is_empty, replace_folder
from robust.pretrain.corpus import Vocabulary, corpus_of, find_tokenizer
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.objectives.choice import Choice, build_objective, check_choice
from robust.pretrain.packing import PackReader
from robust.pretrain.vocabulary import Kind
from robust.runs import provenance
from robust.training.state import STATE_FILE
from robust.zoo import lookup
from robust.zoo.architecture import model_config, positions
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.catalogue import Shape
from robust.zoo.sharing import share_layers

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
    wanted_tokenizer = tokenizer_of(request, shape, start)
    tokenizer, packed = corpus_of(
        request.corpus, wanted_tokenizer, packs, length=request.length, notice=notice
    )
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
    wanted = {**asdict(request), "corpus": list(packed.sources)}
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


def tokenizer_of(request: Request, shape: Any, start: Path | None) -> Path | Vocabulary:
    """Return the folder of the tokenizer that is asked for, or what is to be trained."""
    if request.tokenizer or start:
        return find_tokenizer(request.tokenizer or str(start))
    return Vocabulary(_KINDS[shape.family], request.vocabulary or shape.vocabulary)


_KINDS: dict[str, Kind] = {"bert": "wordpiece", "electra": "wordpiece", "roberta": "bpe", "albert": "unigram"}


def _is_ours(folder: Path) -> bool:
    return (folder / STATE_FILE).is_file() or (folder / lookup.PRETRAIN_FILE).is_file()


def _millions(number: int) -> str:
    return f"{number / 1e6:.1f}M"
