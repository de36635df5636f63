"""What pre-training begins with: random weights in a shape, or a checkpoint's, and a tokenizer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
import transformers

from robust.errors import UserError
from robust.zoo import lookup
from robust.zoo.architecture import model_class, model_config, set_dropout
from robust.zoo.catalogue import MODELS, Shape
from robust.zoo.loading import load_as
from robust.zoo.mimetic import mimetic_start
from robust.zoo.neighbours import neighbour_start
from robust.zoo.sharing import share_layers, tie_layers
from robust.zoo.tokenizers import check_tokenizer

# what a checkpoint must agree in with the shape asked for, and what transformers calls it
_SIZES = {
    "layers": "num_hidden_layers",
    "hidden": "hidden_size",
    "ffn": "intermediate_size",
    "heads": "num_attention_heads",
    "positions": "max_position_embeddings",
    "segments": "type_vocab_size",
    "embedding": "embedding_size",
}
# where robust pre-training puts the generator beside its discriminator
GENERATOR = "generator"
# a head that a bare encoder does not have: the only weights that may be new when a checkpoint is gone on from
_HEADS = ("cls.", "lm_head.", "predictions.", "sop_classifier.", "discriminator_predictions.", "generator_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The weights to begin with: those in ``folder``, or random ones in ``shape`` where it is None.

    Random weights depend on ``seed`` alone. ``mimetic`` and ``neighbours`` set attention as
    ``zoo/mimetic.py`` and ``zoo/neighbours.py`` have it, one after the other where both are asked for;
    ``share_layers`` is what ALBERT's layers share ("": all of it); ``dropout`` is for training, the
    configuration keeps the shape's (None: that).
    """

    shape: Shape
    tokenizer: Any
    folder: Path | None = None
    seed: int = 0
    mimetic: bool = False
    neighbours: bool = False
    share_layers: str = ""
    dropout: float | None = None

    @property
    def family(self) -> str:
        """The family whose classes are used."""
        return self.shape.family

    def as_electra(self) -> Beginning:
        """Return the same in ELECTRA's classes: BERT's encoder is ELECTRA's with wide embeddings."""
        return replace(self, shape=replace(self.shape, family="electra"))

    def model(self, task: str) -> Any:
        """Return the family's ``*For{task}`` (MaskedLM, PreTraining, ...) in training's first state.

        Raises UserError where the checkpoint is of another family or shape, or its vocabulary not the
        tokenizer's.
        """
        if self.folder is None:
            return self.fresh(model_config(self.shape, self.tokenizer), task)
        if self.share_layers:
            raise UserError("--share-layers: a checkpoint shares what it shares; leave out this or --start")
        for option in ("mimetic", "neighbours"):
            if getattr(self, option):
                raise UserError(
                    f"--{option}: a checkpoint has its attention already; leave out this or --start"
                )
        model = self._loaded(self.folder, task)
        self._check_shape(model.config)
        return model

    def generator(self) -> Any:
        """Return the generator that lies beside the checkpoint, an ``ElectraForMaskedLM``; None without."""
        folder = self.folder / GENERATOR if self.folder else None
        if folder is None or not lookup.is_checkpoint(folder):
            return None
        return self._loaded(folder, "MaskedLM")

    def _loaded(self, folder: Path, task: str) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            model = load_as(folder, str(folder), self.family, task, fresh=_HEADS)
        rows = model.get_input_embeddings().weight.shape[0]
        check_tokenizer(self.tokenizer, rows, str(folder))
        return self._trained_with_dropout(model)

    def fresh(self, config: Any, task: str, *, part: str = "") -> Any:
        """Return a model of ``config`` with random weights; those of another ``part`` are others."""
        if self.share_layers:
            config = share_layers(config, self.share_layers)  # type: ignore[arg-type] # it checks
        digest = hashlib.sha256(f"{part}|{self.seed}".encode()).digest()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int.from_bytes(digest[:8], "big") >> 1 if part else self.seed)
            model = getattr(transformers, model_class(self.family, task))(config)
        if self.mimetic:
            mimetic_start(model, seed=self.seed)
        if self.neighbours:
            neighbour_start(model)
        return self._trained_with_dropout(tie_layers(model))

    def _trained_with_dropout(self, model: Any) -> Any:
        if self.dropout is not None:
            set_dropout(model, self.dropout)
        return model

    def _check_shape(self, config: Any) -> None:
        """Raise UserError where a checkpoint's configuration is not of this shape."""
        for field, theirs in _SIZES.items():
            found = getattr(config, theirs, config.hidden_size)  # without a size of its own: the width
            expected = getattr(self.shape, field)
            if found != expected:
                raise UserError(
                    f"--start: {self.folder} has {field} {found}, the shape asked for {expected}; name its "
                    f"own model, or change the shape: --shape {field}={found}"
                )


def shape_of(name: str, changes: Mapping[str, str]) -> Shape:
    """Return the catalogue's shape of ``name`` with ``changes`` (field -> number).

    Raises UserError for an unknown model or field, a value that is no number above 0, and a width that the
    heads do not divide.
    """
    if name not in MODELS:
        raise lookup.unknown_model(name, list(MODELS))
    shape = MODELS[name].shape
    known = [f.name for f in fields(Shape) if f.name not in ("family", "dropout")]
    for field, text in changes.items():
        if field not in known:
            raise UserError(f"--shape {field}={text}: expected one of {', '.join(known)}")
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise UserError(f"--shape {field}={text}: expected a whole number above 0")
    found = replace(shape, **{field: int(text) for field, text in changes.items()})  # type: ignore[arg-type] # numbers all
    if "hidden" in changes and "embedding" not in changes and shape.embedding == shape.hidden:
        found = replace(found, embedding=found.hidden)
    if found.family in {"bert", "roberta"} and found.embedding != found.hidden:
        raise UserError(
            f"--shape embedding={found.embedding}: {found.family} has no factorised embeddings; expected its "
            f"width, {found.hidden}"
        )
    if found.hidden % found.heads:
        raise UserError(
            f"{name}: {found.heads} heads do not divide a width of {found.hidden}; change --shape hidden or "
            "--shape heads"
        )
    return found
