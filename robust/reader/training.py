"""From an encoder's name and a data set to a finished reader on disk."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from robust.errors import UserError
from robust.files import sha256_file
from robust.folders import check_writable, is_empty
from robust.reader.augment import augment, open_augmentation
from robust.reader.finetune import FinetuneSettings, Step, finetune
from robust.reader.predict import PredictSettings, predict
from robust.reader.threshold import best_threshold
from robust.reader.training_data import add_unanswerable, hold_out, question_bytes, sample
from robust.squad.metric import score
from robust.squad.records import Question
from robust.training.state import STATE_FILE
from robust.zoo.architecture import new_reader, positions
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import IDENTITY, LoadedReader, new_encoder_reader, save_reader
from robust.zoo.electra_head import joint_reader
from robust.zoo.mimetic import mimetic_start
from robust.zoo.settings import ReaderSettings
from robust.zoo.sharing import unshare as unshare_layers
from robust.zoo.tokenizers import lower_cases, vocabulary_sha256

# Held-out questions on which the reader's own no-answer threshold is chosen: enough to place it within
# about two points of exact match of the best, few enough for a CPU.
CALIBRATION = 600


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FinetuneRequest:
    """Which encoder becomes a reader, and on what of the questions.

    ``encoder`` is a catalogue name, a folder or a hub id; ``head`` is ``plain`` or ``electra``
    (``zoo/electra_head.py``). With ``from_scratch`` the catalogue's shape starts from random weights and the
    tokenizer of ``tokenizer_from``. ``unshare`` gives every layer of an ALBERT weights of its own first.

    ``data`` is what the questions are called. ``hold_out_share`` is the share of the articles that the
    threshold is chosen on. ``limit`` counts questions of the data themselves (0: all); ``augment_with`` names
    built sets: their variants of those questions, and no others, are trained on beside them.
    ``unanswerable`` is the share of the whole, so that rewritten questions are made unanswerable as often as
    others (else other words would be a sign of an answer).
    """

    encoder: str
    data: str = ""
    head: str = "plain"
    from_scratch: bool = False
    tokenizer_from: str | None = None
    unshare: bool = False
    limit: int = 0
    unanswerable: float = 0.0
    hold_out_share: float = 0.03
    augment_with: tuple[Path, ...] = ()


def train_reader(
    request: FinetuneRequest,
    settings: FinetuneSettings,
    questions: Sequence[Question],
    out: Path,
    *,
    report: Callable[[Step], None] = lambda step: None,
    notice: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Fine-tune, choose the reader's own threshold on held-out articles, save to ``out``; return a summary.

    The summary holds what was asked for, seed, steps, shares, first and last loss and the threshold, as JSON
    values. An interrupted run in ``out`` goes on. Raises UserError for bad names or sets, or a diverged run.
    """
    check_out(out)
    out = out.absolute()
    wanted = asked(request, settings, questions)
    model, tokenizer = _fresh_reader(request, settings.seed)
    if request.unshare:
        model = unshare_layers(model)
    if request.head == "electra":
        model = joint_reader(model, seed=settings.seed)
    if settings.length > positions(model.config):
        raise UserError(
            f"--length {settings.length}: {request.encoder} has {positions(model.config)} positions"
        )
    if settings.max_question + settings.stride + 4 >= settings.length:
        raise UserError(
            f"--length {settings.length}: no room for questions of {settings.max_question} tokens and for "
            f"windows that share {settings.stride}; choose longer windows"
        )
    sets = [open_augmentation(path, questions) for path in request.augment_with]
    training, held = hold_out(questions, request.hold_out_share, seed=settings.seed)
    if request.limit:
        training = sample(training, request.limit, seed=settings.seed)
    held_articles = {q.article for q in held}
    held = sample(held, CALIBRATION, seed=settings.seed)
    training, added = augment(training, held_articles, sets)
    given = len(training)
    if request.unanswerable:
        training = add_unanswerable(training, request.unanswerable, seed=settings.seed)
        held = add_unanswerable(held, request.unanswerable, seed=settings.seed)
    notice(
        f"{len(training)} training questions, {_share(training):.0%} unanswerable "
        f"({len(training) - given} made up); {len(held)} held out for the threshold"
    )
    for one in added:
        notice(
            f"{one.set}: {one.variants} variants of {one.questions} questions among them; left out: "
            f"{one.left_out_held_out} of held-out articles, {one.left_out_not_sampled} of questions not "
            f"sampled, {one.left_out_repeated} repeated"
        )
    identity = f"{request.encoder} {request.from_scratch} {vocabulary_sha256(tokenizer)}"
    losses = finetune(
        model, tokenizer, training, settings, folder=out, identity=identity, report=report, notice=notice
    )
    own = ReaderSettings(
        family=str(model.config.model_type),
        head=request.head,
        max_length=settings.length,
        stride=settings.stride,
        max_question=settings.max_question,
        lower_case=lower_cases(tokenizer),
        recipe=dataclasses.asdict(settings),
    )
    reader = LoadedReader(model, tokenizer, own, request.encoder, "")
    threshold, held_out = _own_threshold(reader, held, settings)
    span = max(1, len(losses) // 20)
    summary: dict[str, Any] = {
        "encoder": request.encoder,
        "head": request.head,
        "from_scratch": request.from_scratch,
        "unshare": request.unshare,
        "data": request.data,
        "seed": settings.seed,
        "questions": len(training),
        "augmented": [one.to_json() for one in added],
        "made_up_unanswerable": len(training) - given,
        "share_unanswerable": round(_share(training), 4),
        "held_out_questions": len(held),
        "steps": len(losses),
        "loss_first": round(float(np.mean(losses[:span])), 4),
        "loss_last": round(float(np.mean(losses[-span:])), 4),
        "null_threshold": threshold,
        "held_out_exact": held_out,
        "asked": wanted,
    }
    finished = dataclasses.replace(own, null_threshold=threshold, training=summary)
    save_reader(out, model, tokenizer, finished, replaces=STATE_FILE)
    return summary


def asked(
    request: FinetuneRequest, settings: FinetuneSettings, questions: Sequence[Question]
) -> dict[str, Any]:
    """Return what decides which reader comes out, as JSON values: two that differ in it are not seeds alike.

    Beside their names stand SHA-256 sums of the questions and, where they are folders, of the encoder and the
    tokenizer; sets have theirs alone. Raises UserError where a set is not there.
    """
    own = dataclasses.asdict(settings)
    own.pop("checkpoint_every")
    missing = next((path for path in request.augment_with if not (path / "perturbed.json").is_file()), None)
    if missing is not None:
        raise UserError(f"--augment {missing}: no robustness set here; make one with robust build")
    digest = hashlib.sha256()
    for question in questions:
        digest.update(question_bytes(question))
    return {
        "encoder": request.encoder,
        "head": request.head,
        "settings": own,
        "data": request.data,
        "data_sha256": digest.hexdigest(),
        "from_scratch": request.from_scratch,
        "tokenizer": request.tokenizer_from,
        "unshare": request.unshare,
        "files": [_files_sha256(name) for name in (request.encoder, request.tokenizer_from)],
        "limit": request.limit,
        "unanswerable": request.unanswerable,
        "hold_out": request.hold_out_share,
        "augment": [sha256_file(path / "perturbed.json") for path in request.augment_with],
    }


def _files_sha256(name: str | None) -> dict[str, str] | None:
    """Return file -> SHA-256 of a model's or tokenizer's folder; None for a name."""
    folder = Path(name).expanduser() if name else None
    if folder is None or not folder.is_dir():
        return None
    files = [*sorted(folder.glob("model*.safetensors")), *(folder / own for own in IDENTITY)]
    return {file.name: sha256_file(file) for file in files if file.is_file()}


def check_out(path: Path) -> None:
    """Raise UserError unless a reader can be written to ``path``, or an interrupted run goes on there."""
    path = path.absolute()
    check_writable(path)
    if path.exists() and not is_empty(path) and not (path / STATE_FILE).is_file():
        raise UserError(f"{path}: exists and holds no interrupted run; choose another --out or remove it")


def _fresh_reader(request: FinetuneRequest, seed: int) -> tuple[Any, Any]:
    if not request.from_scratch:
        return new_encoder_reader(request.encoder, seed=seed)
    if request.encoder not in MODELS:
        raise UserError(f"{request.encoder}: --from-scratch needs a catalogue name; see robust list models")
    from robust.zoo.lookup import find_encoder
    from robust.zoo.tokenizers import load_tokenizer

    source = request.tokenizer_from or "minilm"
    folder = Path(source) if Path(source).is_dir() else find_encoder(source)
    tokenizer = load_tokenizer(folder, source)
    model = new_reader(MODELS[request.encoder].shape, tokenizer, seed=seed)
    mimetic_start(model, seed=seed)
    return model, tokenizer


def _share(questions: Sequence[Question]) -> float:
    return sum(not q.answerable for q in questions) / max(1, len(questions))


def _own_threshold(
    reader: LoadedReader, held: Sequence[Question], settings: FinetuneSettings
) -> tuple[float | None, float | None]:
    """Return (threshold, exact match in percent) with the best exact match on the held-out questions.

    That figure has seen its threshold's answers: it compares seeds, it is no result. None without any.
    """
    if not held:
        return None, None
    predictions = predict(reader, held, PredictSettings(device=settings.device))
    answered = score(held, {p.id: p.text for p in predictions}).em
    threshold, total = best_threshold(
        np.asarray([p.null_odds for p in predictions], dtype=np.float64),
        np.asarray(answered, dtype=np.float64),
        np.asarray([not q.answerable for q in held], dtype=np.float64),
    )
    return threshold, round(100 * total / len(held), 2)
