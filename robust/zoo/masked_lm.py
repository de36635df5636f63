"""Encoders with their masked-LM head: what can fill a gap in a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robust.errors import UserError, quoted
from robust.zoo import lookup
from robust.zoo.beginnings import GENERATOR
from robust.zoo.loading import from_pretrained, read_config, weight_shapes
from robust.zoo.tokenizers import check_tokenizer, load_tokenizer

# a weight that only the masked-LM head of a family has
_HEADS = {
    "bert": "cls.predictions.transform.dense.weight",
    "roberta": "lm_head.dense.weight",
    "albert": "predictions.dense.weight",
    "electra": "generator_predictions.dense.weight",
}
_DISCRIMINATOR = "discriminator_predictions."


@dataclass(frozen=True, slots=True)
class LoadedMaskedLM:
    """A ``*ForMaskedLM`` in evaluation mode on the CPU in float32, and its fast tokenizer."""

    model: Any
    tokenizer: Any
    name: str


def load_masked_lm(name_or_path: str | Path) -> LoadedMaskedLM:
    """Return the encoder of that name, path or hub id (``lookup.find_encoder``) with its own masked-LM head.

    Raises UserError as ``find_encoder`` does, for a checkpoint whose weights hold no such head (naming what
    it is instead), one that lacks other weights, and a tokenizer that does not match or knows no mask.
    """
    name = str(name_or_path)
    folder = lookup.find_encoder(name)
    if (folder / lookup.ADAPTER_FILE).is_file():
        raise UserError(f"{name}: an adapter of a reader, without a masked-LM head; {_CHOOSE}")
    family = read_config(folder, name).model_type  # first: another family's head has other names
    if family not in _HEADS:
        raise UserError(f"{name}: a {family} model; expected one of {', '.join(_HEADS)}")
    keys = weight_shapes(folder, name)
    if not set(_HEADS.values()) & set(keys):
        raise UserError(f"{name}: {_what_it_is(folder, keys)}")
    model = from_pretrained(folder, name, "AutoModelForMaskedLM")
    tokenizer = load_tokenizer(folder, name)
    check_tokenizer(tokenizer, model.get_input_embeddings().weight.shape[0], name)
    if tokenizer.mask_token_id is None:
        raise UserError(
            f"{name}: the tokenizer has no mask token; copy the tokenizer files of this very model"
        )
    return LoadedMaskedLM(model.eval(), tokenizer, name)


_CHOOSE = "choose an encoder that was saved with the head it was pre-trained with"


def _what_it_is(folder: Path, keys: Iterable[str]) -> str:
    """Return what a checkpoint without a masked-LM head is, and what to do."""
    if any(key.startswith(_DISCRIMINATOR) for key in keys):
        said = (
            "an ELECTRA discriminator: it only tells original tokens from replaced ones, it has no "
            "masked-LM head; its generator has one"
        )
        generator = folder / GENERATOR
        if lookup.is_checkpoint(generator):
            return f"{said}: robust probe {quoted(generator)}"
        return f"{said}, but there is none in {generator}; name the generator's folder"
    if any(key.startswith("qa_outputs.") for key in keys):
        return f"a reader: its head marks answer spans, it has no masked-LM head; {_CHOOSE}"
    return f"a bare encoder: no masked-LM head in its weights; {_CHOOSE}"
