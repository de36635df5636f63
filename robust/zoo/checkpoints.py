"""Readers on disk: the Hugging Face layout, safetensors only, and ``robust.json`` beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from robust.errors import UserError, quoted
from robust.files import sha256_file
from robust.folders import replace_folder
from robust.zoo import adapter as adapters
from robust.zoo import lookup
from robust.zoo.architecture import positions
from robust.zoo.catalogue import MODELS, Recipe
from robust.zoo.electra_head import JointReader, joint_reader
from robust.zoo.int8 import load_int8, write_int8
from robust.zoo.loading import from_pretrained, quiet, weight_shapes
from robust.zoo.settings import SETTINGS_FILE, ReaderSettings, read_settings
from robust.zoo.tokenizers import (
    check_tokenizer,
    load_tokenizer,
    lower_cases,
    save_tokenizer,
    vocabulary_sha256,
)

HEAD_FILE = lookup.HEAD_FILE
_SPAN_HEAD = "qa_outputs."
_HEAD = f"{_SPAN_HEAD}weight"
# beside the weights, what logits depend on: any of these can change the tokens of a text
IDENTITY = ("config.json", *lookup.TOKENIZER_FILES)


@dataclass(frozen=True, slots=True)
class LoadedReader:
    """A reader ready for use.

    ``model`` is a ``*ForQuestionAnswering``, or a ``JointReader`` (an encoder under ELECTRA's head), in
    evaluation mode on the CPU in float32, ``tokenizer`` a fast one; ``sha256`` identifies everything its
    logits depend on (weights, configuration, tokenizer, but not the threshold).
    """

    model: Any
    tokenizer: Any
    settings: ReaderSettings
    name: str
    sha256: str


def load_reader(name_or_path: str | Path) -> LoadedReader:
    """Return the reader of that name, path or hub id (order of look-up: ``lookup.find_reader``).

    Raises UserError for an unknown or unreachable model, pickled weights, a model without a
    question-answering head, a tokenizer that does not match, and broken files.
    """
    name = str(name_or_path)
    folder = lookup.find_reader(name)
    settings_file = folder / SETTINGS_FILE
    settings = read_settings(settings_file) if settings_file.is_file() else None
    if (folder / lookup.ADAPTER_FILE).is_file():
        model, base = adapters.load_adapter(folder, name)
        tokenizer = load_tokenizer(base, name)
        files = [folder / lookup.ADAPTER_FILE, folder / adapters.WEIGHTS_FILE, *_identity_files(base, name)]
    elif (folder / lookup.INT8_FILE).is_file():
        model = load_int8(folder, name)
        tokenizer = load_tokenizer(folder, name)
        files = [folder / lookup.INT8_FILE, *_identity_texts(folder)]
    elif (folder / HEAD_FILE).is_file():
        model = _joint(folder, name)
        tokenizer = load_tokenizer(folder, name)
        files = [*_identity_files(folder, name), folder / HEAD_FILE]
    elif settings is not None and settings.head == "electra":
        raise UserError(f"{folder / HEAD_FILE}: missing, and {SETTINGS_FILE} names it as the head; copy it")
    else:
        _require_head(folder, name)
        model = from_pretrained(folder, name)
        tokenizer = load_tokenizer(folder, name)
        files = _identity_files(folder, name)
    if settings is None:
        settings = default_settings(model, tokenizer)
    check_tokenizer(
        tokenizer, model.get_input_embeddings().weight.shape[0], name, vocabulary=settings.vocabulary_sha256
    )
    room = positions(model.config)
    if settings.max_length > room:
        raise UserError(f"{name}: max_length is {settings.max_length}, but the model has {room} positions")
    return LoadedReader(model.eval(), tokenizer, settings, name, _digest(files))


def new_encoder_reader(name_or_path: str | Path, *, seed: int = 0) -> tuple[Any, Any]:
    """Return (model, tokenizer): a bare encoder's weights under a fresh question-answering head (plain).

    The head depends on ``seed`` alone. Raises UserError as ``lookup.find_encoder`` does.
    """
    name = str(name_or_path)
    folder = lookup.find_encoder(name)
    lookup.check_weights(folder, name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = from_pretrained(folder, name, fresh=(_SPAN_HEAD,))
    tokenizer = load_tokenizer(folder, name)
    check_tokenizer(tokenizer, model.get_input_embeddings().weight.shape[0], name)
    return model.eval(), tokenizer


def save_reader(
    path: Path,
    model: Any,
    tokenizer: Any,
    settings: ReaderSettings,
    *,
    replaces: str = "",
) -> None:
    """Write a reader's folder, whole or not at all; plain transformers opens it without our files.

    Of a ``JointReader`` it opens the encoder (``AutoModel``): ELECTRA's head stands in a file of its own.
    It takes the place of a reader, or of a folder that holds a file named ``replaces``. Raises UserError
    where ``path`` holds something else, or cannot be written.
    """

    def write(folder: Path) -> None:
        joint = isinstance(model, JointReader)
        with quiet():
            (model.encoder if joint else model).save_pretrained(folder, safe_serialization=True)
            save_tokenizer(tokenizer, folder)
        if joint:
            head = {k: v.detach().cpu().contiguous() for k, v in model.head.state_dict().items()}
            save_file(head, folder / HEAD_FILE, metadata={"format": "pt"})
        stamped = dataclasses.replace(
            settings,
            head="electra" if joint else "plain",
            vocabulary_sha256=vocabulary_sha256(tokenizer),
        )
        (folder / SETTINGS_FILE).write_text(stamped.to_json(), encoding="utf-8")

    _write_folder(path, write, replaces)


def save_adapter(
    path: Path, tensors: Mapping[str, torch.Tensor], settings: ReaderSettings, *, base: str, rank: int
) -> None:
    """Write an adapter's folder (``adapter.json``, ``adapter.safetensors``, ``robust.json``), atomically.

    ``tensors`` come from ``adapter.extract_adapter``; ``base`` is the catalogue name of the encoder that
    they were extracted against. Raises UserError as ``save_reader`` does.
    """
    folder = lookup.find_encoder(base)
    stamped = dataclasses.replace(settings, vocabulary_sha256=vocabulary_sha256(load_tokenizer(folder, base)))

    def write(target: Path) -> None:
        adapters.write_adapter(target, tensors, base=base, base_folder=folder, rank=rank)
        (target / SETTINGS_FILE).write_text(stamped.to_json(), encoding="utf-8")

    _write_folder(path, write)


def save_int8(path: Path, model: Any, tokenizer: Any, settings: ReaderSettings) -> None:
    """Write a reader's folder with its weights in a quarter of their bytes (``robust.zoo.int8``), atomically.

    Plain transformers does not open it; ``load_reader`` does. Raises UserError as ``save_reader`` does.
    """
    stamped = dataclasses.replace(settings, vocabulary_sha256=vocabulary_sha256(tokenizer))

    def write(folder: Path) -> None:
        write_int8(folder, model)
        save_tokenizer(tokenizer, folder)
        (folder / SETTINGS_FILE).write_text(stamped.to_json(), encoding="utf-8")

    _write_folder(path, write)


def _write_folder(path: Path, write: Callable[[Path], None], replaces: str = "") -> None:
    def guarded(folder: Path) -> None:
        try:
            write(folder)
        except SafetensorError as error:  # how safetensors reports a full disk
            raise OSError(str(error)) from error

    def ours(folder: Path) -> bool:
        return lookup.is_checkpoint(folder) or bool(replaces and (folder / replaces).is_file())

    replace_folder(Path(path), guarded, ours=ours, what="a model's folder")


def _require_head(folder: Path, name: str) -> None:
    """Raise UserError unless the checkpoint's own weights hold a span head of two outputs."""
    shapes = weight_shapes(folder, name)
    if _HEAD not in shapes:
        raise UserError(
            f"{name}: no question-answering head (no {_HEAD}): this is a bare encoder; fine-tune it first: "
            f"robust finetune {quoted(name)} --data squad2:train "
            f"--out {quoted(lookup.models_home() / Path(name).name)}"
        )
    if shapes[_HEAD][0] != 2:
        raise UserError(f"{name}: {_HEAD} has {shapes[_HEAD][0]} outputs, expected 2 (start and end)")


def _joint(folder: Path, name: str) -> JointReader:
    """Return the encoder of a checkpoint under the ELECTRA head that stands beside it."""
    lookup.check_weights(folder, name)
    reader = joint_reader(from_pretrained(folder, name, fresh=(_SPAN_HEAD,)))
    path = folder / HEAD_FILE
    try:
        reader.head.load_state_dict(load_file(path))
    except (SafetensorError, OSError, RuntimeError) as error:
        line = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: broken ({line}); fetch or make the reader again") from error
    return reader


def default_settings(model: Any, tokenizer: Any) -> ReaderSettings:
    """Return settings for a checkpoint that came without ours: those of the recipe for its shape."""
    family = str(model.config.model_type)
    for entry in MODELS.values():
        shape = entry.shape
        if (family, model.config.num_hidden_layers, model.config.hidden_size) == (
            shape.family,
            shape.layers,
            shape.hidden,
        ):
            recipe = entry.recipe
            return ReaderSettings(
                family=family,
                **_sizes(recipe, positions(model.config)),
                max_answer=recipe.max_answer,
                n_best=recipe.n_best,
                lower_case=lower_cases(tokenizer),
            )
    sizes = _sizes(ReaderSettings(), positions(model.config))
    return ReaderSettings(family=family, **sizes, lower_case=lower_cases(tokenizer))


def _sizes(usual: Recipe | ReaderSettings, room: int) -> dict[str, Any]:
    """Return max_length, stride and max_question; in a short window each of these gets a third at most."""
    length = min(usual.length if isinstance(usual, Recipe) else usual.max_length, room)
    third = max(1, length // 3)
    return {
        "max_length": length,
        "stride": min(usual.stride, third),
        "max_question": min(usual.max_question, max(1, third - 2)),
    }


def _identity_files(folder: Path, name: str) -> list[Path]:
    return [*lookup.check_weights(folder, name), *_identity_texts(folder)]


def _identity_texts(folder: Path) -> list[Path]:
    return [folder / k for k in IDENTITY if (folder / k).is_file()]


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(json.dumps([path.name, sha256_file(path)]).encode())
    return digest.hexdigest()
