"""Weights from disk into transformers' classes: safetensors only, and none left to chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError, safe_open

from robust.errors import UserError, first_line
from robust.zoo import lookup
from robust.zoo.architecture import model_class
from robust.zoo.sharing import tie_layers

# the class of a reader of whatever family
READER = "AutoModelForQuestionAnswering"
# what transformers and torch raise for a checkpoint whose files do not say what they should: any value of its
# config.json may be of any kind
DAMAGE = (
    *(OSError, ValueError, LookupError, RuntimeError, TypeError, AttributeError, ImportError),
    *(ArithmeticError, AssertionError, MemoryError, SafetensorError, StrictDataclassError),
)
# weights of which no span logit (nor a masked-LM logit) depends: a checkpoint may leave them out
_UNREAD = ("position_ids", "pooler.")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' warnings and progress bars off the screen; what matters we say ourselves."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def load_as(folder: Path, name: str, family: str, task: str, *, fresh: tuple[str, ...]) -> Any:
    """Return the checkpoint in ``folder`` as the family's ``*For{task}``, in training mode.

    BERT's weights are taken for ELECTRA's too, and the reverse: their encoders are one, where the embeddings
    are as wide as the layers. Weights whose names hold one of ``fresh`` may be missing, and are then drawn
    from torch's random state. Raises UserError for another family, and for files that cannot be loaded.
    """
    import transformers

    lookup.check_weights(folder, name)
    kind = model_class(family, task)
    own = read_config(folder, name)
    if own.model_type == family:
        return from_pretrained(folder, name, kind, fresh=fresh).train()
    if {own.model_type, family} != {"bert", "electra"}:
        raise UserError(f"{name}: a {own.model_type} model; expected {family}: choose a model of its family")
    if getattr(own, "embedding_size", own.hidden_size) != own.hidden_size:
        raise UserError(
            f"{name}: embeddings of {own.embedding_size} below a width of {own.hidden_size}, which {family} "
            "does not have; choose a model of its family"
        )
    encoder = from_pretrained(folder, name, "AutoModel")
    values = {k: v for k, v in own.to_dict().items() if k not in ("model_type", "architectures")}
    if family == "electra":
        values["embedding_size"] = own.hidden_size
    wanted = getattr(transformers, kind)
    model = wanted(wanted.config_class(**values))
    weights = {k: v for k, v in encoder.state_dict().items() if not k.startswith("pooler.")}
    missing = model.base_model.load_state_dict(weights, strict=False).missing_keys
    if any(not key.startswith("pooler.") for key in missing):
        raise UserError(f"{name}: {missing[0]} is not among its weights; fetch or make it again")
    return model.train()


def read_config(folder: Path, name: str) -> Any:
    """Return the transformers configuration of a checkpoint; UserError where there is none to be read."""
    from transformers import AutoConfig

    try:
        with quiet():
            return AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except DAMAGE as error:
        raise UserError(
            f"{name}: no readable config.json in {folder} ({first_line(error)}); fetch or make it again"
        ) from error


def from_pretrained(folder: Path, name: str, kind: str = READER, *, fresh: tuple[str, ...] = ()) -> Any:
    """Return the model in float32 with sdpa attention, or eager where its class has no sdpa.

    ``kind`` names a class of transformers'; weights whose names hold one of ``fresh`` may be new. Raises
    UserError where other weights are missing: transformers would draw them at random, and say nothing.
    """
    import transformers

    def load(attention: str) -> tuple[Any, dict[str, Any]]:
        return getattr(transformers, kind).from_pretrained(  # type: ignore[no-any-return]
            folder,
            output_loading_info=True,
            use_safetensors=True,
            trust_remote_code=False,
            attn_implementation=attention,
            dtype=torch.float32,
        )

    try:
        with quiet():
            try:
                model, info = load("sdpa")
            except ValueError as error:  # ELECTRA in transformers 4.57
                if "scaled_dot_product_attention" not in str(error):
                    raise
                model, info = load("eager")
    except DAMAGE as error:
        raise UserError(
            f"{name}: cannot load the model in {folder} ({first_line(error)}); fetch or make it again"
        ) from error
    allowed = (*_UNREAD, *fresh)
    missing = sorted(key for key in info["missing_keys"] if not any(part in key for part in allowed))
    missing += sorted(str(key) for key in info["mismatched_keys"])
    if missing:
        raise UserError(
            f"{name}: {len(missing)} weights of the model are not in the files of {folder}, or not in its "
            f"shape ({missing[0]}); expected all of a {model.config.model_type} model; fetch or make it again"
        )
    return tie_layers(model)


def empty_reader(folder: Path, name: str) -> Any:
    """Return a ``*ForQuestionAnswering`` as a folder's ``config.json`` has it, in float32, of random weights.

    With sdpa attention, or eager where its class has none. UserError where the configuration cannot be used.
    """
    import transformers

    config = read_config(folder, name)
    try:
        with quiet(), torch.random.fork_rng(devices=[]):
            kind = getattr(transformers, READER)
            try:
                return kind.from_config(config, attn_implementation="sdpa", dtype=torch.float32)
            except ValueError as error:  # ELECTRA in transformers 4.57
                if "scaled_dot_product_attention" not in str(error):
                    raise
                return kind.from_config(config, attn_implementation="eager", dtype=torch.float32)
    except DAMAGE as error:
        raise UserError(
            f"{name}: config.json in {folder} describes no reader ({first_line(error)}); make it again"
        ) from error


def weight_shapes(folder: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Return name -> shape of every tensor of a checkpoint, read from the heads of its files.

    Raises UserError where there are no safetensors, or broken ones.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in lookup.check_weights(folder, name):
        try:
            with safe_open(path, framework="pt") as weights:
                shapes |= {key: tuple(weights.get_slice(key).get_shape()) for key in weights.keys()}  # noqa: SIM118 (not a mapping)
        except (SafetensorError, OSError) as error:
            raise UserError(f"{name}: {path.name} is broken ({error}); fetch or make it again") from error
    return shapes
