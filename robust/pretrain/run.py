"""From a catalogue name and a corpus to a pre-trained encoder on disk."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from robust.errors import UserError, quoted
from robust.files import write_text
from robust.folders import check_outside, check_writable, is_empty, replace_folder, sole
from robust.pretrain.checkpoints import checkpoints, is_begun
from robust.pretrain.corpus import Vocabulary, corpus_of, find_tokenizer
from robust.pretrain.curves import write_curves
from robust.pretrain.loop import PretrainSettings, Step, check_parts, pretrain
from robust.pretrain.objectives.base import Objective
from robust.pretrain.objectives.choice import Choice, build_objective, check_choice
from robust.pretrain.packing import Pack, PackReader
from robust.pretrain.processes import launched
from robust.pretrain.shards import MANIFEST
from robust.pretrain.trackers import check_tracker, tracking
from robust.pretrain.vocabulary import Kind
from robust.runs import provenance
from robust.zoo import lookup
from robust.zoo.architecture import model_config, positions
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.catalogue import Shape
from robust.zoo.sharing import share_layers
from robust.zoo.tokenizers import load_tokenizer, vocabulary_sha256

FORMAT = "robust.pretrain.v1"
# tokens in a window, unless said otherwise
LENGTH = 128
_KINDS: dict[str, Kind] = {"bert": "wordpiece", "electra": "wordpiece", "roberta": "bpe", "albert": "unigram"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainRequest:
    """Which encoder, from what, on what.

    ``model`` names the catalogue's shape, which ``shape`` changes (field -> number); ``start`` is a
    checkpoint to go on from (name or folder). ``corpus`` are files of text, or one packed corpus.
    ``tokenizer`` is a name or folder; without it the start's is taken, or one of ``vocabulary`` entries is
    trained on the corpus (0: as many as the catalogue says). ``length`` is that of a window, in tokens (None:
    the packed corpus's own, or 128).
    """

    model: str
    corpus: tuple[Path, ...]
    choice: Choice = field(default_factory=Choice)
    shape: Mapping[str, str] = field(default_factory=dict)
    start: str | None = None
    tokenizer: str | None = None
    vocabulary: int = 0
    length: int | None = None
    mimetic: bool = False
    neighbours: bool = False
    share_layers: str = ""
    dropout: float | None = None


def run_pretraining(
    request: PretrainRequest,
    settings: PretrainSettings,
    out: Path,
    *,
    packs: Path,
    tokens: int = 0,
    log_to: str = "",
    report: Callable[[Step], None] = lambda step: None,
    notice: Callable[[str], None] = lambda line: None,
) -> dict[str, Any] | None:
    """Pre-train and save to ``out``; return the record that lies beside the weights.

    ``tokens``, where it is not 0, says how long in place of ``settings.steps``. Tokenizers and packed corpora
    are kept in ``packs`` and found there again. An interrupted run in ``out`` goes on. ``log_to`` names a
    tracker (``trackers.tracking``). Of several processes the first alone writes, and returns something.
    Raises UserError for bad names, shapes or text, and as ``pretrain`` does.
    """
    check_out(out)
    check_outside(out, request.corpus)
    check_tracker(log_to)
    shape = shape_of(request.model, request.shape)
    check_choice(request.choice, shape)
    check_room(shape, request)
    start = lookup.find_encoder(request.start) if request.start else None
    team = launched(settings.device)
    check_parts(settings, team.size)
    if team.rank:  # the first alone says something
        notice = _silent
    with team.first():
        tokenizer, packed = corpus_of(
            request.corpus,
            _tokenizer(request, shape, start),
            packs,
            length=request.length or LENGTH,
            notice=notice,
        )
    _check_pack(request, start, packed)
    if tokens:
        settings = replace(settings, steps=math.ceil(tokens / (settings.batch * packed.length)))
    beginning = Beginning(
        shape=shape,
        tokenizer=tokenizer,
        folder=start,
        seed=settings.seed,
        mimetic=request.mimetic,
        neighbours=request.neighbours,
        share_layers=request.share_layers,
        dropout=request.dropout,
    )
    objective = build_objective(request.choice, beginning)
    if packed.length > (room := positions(objective.models()[""].config)):
        raise UserError(f"{packed.folder}: windows of {packed.length} tokens; {_room(room)}")
    notice(_told(objective, packed))
    asked = {**asdict(settings), **_identity(request)}
    mine = nullcontext() if team.rank else sole(out)
    with mine, tracking("" if team.rank else log_to, run=out.name, settings=asked) as track:

        def told(step: Step) -> None:
            report(step)
            track(step)

        rows = pretrain(
            objective,
            PackReader(packed),
            settings,
            folder=out,
            identity=_identity(request),
            report=told,
            notice=notice,
            processes=team,
        )
        record = None
        if team.rank == 0:
            record = _record(request, settings, objective, packed, rows, processes=team.size)
            _save(out, objective, tokenizer, record, rows)
    team.finish()
    return record


def _tokenizer(request: PretrainRequest, shape: Shape, start: Path | None) -> Path | Vocabulary:
    """Return the folder of the tokenizer that is asked for, or what is to be trained."""
    if request.tokenizer or start:
        return find_tokenizer(request.tokenizer or str(start))
    return Vocabulary(_KINDS[shape.family], request.vocabulary or shape.vocabulary)


def check_out(out: Path) -> None:
    """Raise UserError unless a run can begin, or goes on, in ``out``."""
    check_writable(out)
    if out.exists() and not (is_empty(out) or is_begun(out)):
        raise UserError(f"{out}: exists and holds no interrupted run; choose another --out or remove it")


def check_room(shape: Shape, request: PretrainRequest) -> None:
    """Raise UserError where the shape has too few positions, or cannot share its layers as asked for."""
    config = model_config(shape)
    if request.share_layers:
        share_layers(config, request.share_layers)  # type: ignore[arg-type] # it checks
    length = request.length or (0 if _is_pack(request.corpus) else LENGTH)
    if length > positions(config):
        raise UserError(f"--length {length}: {_room(positions(config))}")


def _is_pack(corpus: Sequence[Path]) -> bool:
    return len(corpus) == 1 and (corpus[0] / MANIFEST).is_file()


def _check_pack(request: PretrainRequest, start: Path | None, packed: Pack) -> None:
    """Raise UserError where a packed corpus is not what was asked for: another length, or other tokens."""
    if request.length not in (None, packed.length):
        raise UserError(
            f"--length {request.length}: {packed.folder} has windows of {packed.length}; leave --length out, "
            "or pack the corpus again"
        )
    if request.vocabulary and (request.tokenizer or start or _is_pack(request.corpus)):
        raise UserError(
            f"--vocabulary {request.vocabulary}: no tokenizer is trained here, one is given (--tokenizer, "
            "--start or the packed corpus); leave it out"
        )
    if request.tokenizer or start:
        name = request.tokenizer or str(start)
        if vocabulary_sha256(load_tokenizer(find_tokenizer(name), name)) != packed.vocabulary_sha256:
            raise UserError(
                f"{packed.folder}: packed with another vocabulary than that of {name}; pack the text again: "
                f"robust corpus pack FILES --tokenizer {quoted(name)} --out PACK"
            )


def _silent(line: str) -> None:
    """Say nothing."""


def _room(found: int) -> str:
    return f"the model has {found} positions; choose shorter windows, or --shape positions"


def _told(objective: Objective, packed: Pack) -> str:
    parameters = objective.models()[""].num_parameters()
    return (
        f"{objective.name}: {parameters / 1e6:.1f}M parameters; {packed.tokens / 1e6:.1f}M tokens in "
        f"{packed.windows} windows of {packed.length}"
    )


def _identity(request: PretrainRequest) -> dict[str, Any]:
    """Return what a checkpoint must agree with; corpus and tokenizer are in the pack's own sum."""
    asked = asdict(request)
    for name in ("corpus", "length", "tokenizer", "vocabulary"):
        asked.pop(name)
    return {**asked.pop("choice"), **asked}


def _record(
    request: PretrainRequest,
    settings: PretrainSettings,
    objective: Objective,
    packed: Pack,
    rows: Sequence[Mapping[str, float]],
    *,
    processes: int,
) -> dict[str, Any]:
    """Return what was asked for, what it took and what came of it, as JSON values."""
    last: Mapping[str, float] = rows[-1] if rows else {}
    asked = {**asdict(request), "corpus": [str(path) for path in request.corpus]}
    return {
        "format": FORMAT,
        "request": json.loads(json.dumps(asked)),
        "objective": objective.name,
        "settings": json.loads(json.dumps(asdict(settings))),
        "processes": processes,
        "parameters": objective.models()[""].num_parameters(),
        "trained_parameters": sum(parameter.numel() for parameter in objective.parameters()),
        "pack": {
            "sha256": packed.sha256,
            "tokens": packed.tokens,
            "length": packed.length,
            "vocabulary_sha256": packed.vocabulary_sha256,
            "sources": list(packed.sources),
        },
        "steps": len(rows),
        "tokens": int(last.get("tokens", 0)),
        "flops": last.get("flops", 0.0),
        "seconds": round(last.get("seconds", 0.0), 1),
        "last": dict(last),
        **provenance(settings.device),
    }


def _save(
    out: Path,
    objective: Objective,
    tokenizer: Any,
    record: Mapping[str, Any],
    rows: Sequence[Mapping[str, float]],
) -> None:
    """Put the finished encoder in the place of the run's checkpoints."""

    def write(folder: Path) -> None:
        objective.save(folder, tokenizer)
        write_text(folder / lookup.PRETRAIN_FILE, json.dumps(record, indent=1, sort_keys=True) + "\n")
        write_curves(folder, rows)

    replace_folder(out, write, ours=lambda folder: bool(checkpoints(folder)), what="a pre-training run")
