"""A reader of a model and a tokenizer that are in memory already, identified by what they hold."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import torch

from robust.errors import UserError
from robust.zoo.architecture import positions
from robust.zoo.checkpoints import LoadedReader, default_settings
from robust.zoo.settings import ReaderSettings
from robust.zoo.tokenizers import check_tokenizer


def in_memory_reader(
    model: Any, tokenizer: Any, name: str, settings: ReaderSettings | None = None
) -> LoadedReader:
    """Return a loaded ``*ForQuestionAnswering`` and its fast tokenizer as a reader.

    ``settings``: those of the recipe for its shape where None is given. The model is put in evaluation mode
    and used as it is (a copy where it is not float32); the tokenizer is copied, with truncation and padding
    switched off. Raises UserError for a
    model without a span head of two outputs, a missing or slow tokenizer, or one that does not match.
    """
    head = getattr(model, "qa_outputs", None)
    if getattr(head, "out_features", None) != 2:
        raise UserError(
            f"{name}: a {type(model).__name__}, which has no question-answering head (qa_outputs with two "
            "outputs); load it with AutoModelForQuestionAnswering"
        )
    if not getattr(tokenizer, "is_fast", False):
        found = "no tokenizer" if tokenizer is None else f"a {type(tokenizer).__name__}, which is slow"
        raise UserError(f"{name}: {found}; expected a fast one, which knows offsets: AutoTokenizer")
    own = copy.deepcopy(tokenizer)
    own.backend_tokenizer.no_truncation()
    own.backend_tokenizer.no_padding()
    check_tokenizer(own, model.get_input_embeddings().weight.shape[0], name)
    chosen = settings or default_settings(model, own)
    if chosen.max_length > (room := positions(model.config)):
        raise UserError(f"{name}: max_length is {chosen.max_length}, but the model has {room} positions")
    if any(weights.dtype != torch.float32 for weights in model.parameters()):
        model = copy.deepcopy(model).float()  # transformers loads in the type that was saved
    return LoadedReader(model.eval(), own, chosen, name, _digest(model, own))


def _digest(model: Any, tokenizer: Any) -> str:
    """Return the SHA-256 of configuration, tokenizer and weights (names, types, shapes and bytes)."""
    digest = hashlib.sha256()
    about = {"config": json.loads(model.config.to_json_string(use_diff=False))}
    about["config"].pop("_name_or_path", None)
    digest.update(json.dumps(about, sort_keys=True).encode())
    digest.update(tokenizer.backend_tokenizer.to_str().encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(json.dumps([key, str(tensor.dtype), list(tensor.shape)]).encode())
        # as bytes: NumPy knows no bfloat16
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
