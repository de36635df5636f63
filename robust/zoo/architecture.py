"""From a shape to a transformers model with random weights."""

from __future__ import annotations

from typing import Any

import torch
import transformers

from robust.zoo.catalogue import Shape

_CONFIGS = {"bert": "Bert", "roberta": "Roberta", "albert": "Albert", "electra": "Electra"}


def model_config(shape: Shape, tokenizer: Any = None) -> Any:
    """Return the transformers configuration of ``shape``.

    With a tokenizer, its vocabulary size (rounded up to a multiple of 2, as published ones are) and
    special tokens replace the shape's, so that any vocabulary can be trained with any shape.
    """
    values: dict[str, Any] = {
        "vocab_size": shape.vocabulary,
        "num_hidden_layers": shape.layers,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.ffn,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.segments,
        "hidden_dropout_prob": shape.dropout,
        "attention_probs_dropout_prob": shape.dropout,
    }
    if shape.family in {"albert", "electra"}:
        values["embedding_size"] = shape.embedding
    if shape.family == "albert":
        # the function of its "gelu_new", in one kernel: that one is written out, which takes twice the time
        values["hidden_act"] = "gelu_pytorch_tanh"
    if shape.family == "roberta":
        values["layer_norm_eps"] = 1e-5
    if tokenizer is not None:
        size = len(tokenizer)
        values["vocab_size"] = size + size % 2
        values["pad_token_id"] = tokenizer.pad_token_id
        for ours, theirs in (("bos_token_id", "cls_token_id"), ("eos_token_id", "sep_token_id")):
            values[ours] = getattr(tokenizer, theirs)
    return getattr(transformers, f"{_CONFIGS[shape.family]}Config")(**values)


def model_class(family: str, task: str) -> str:
    """Return the name of transformers' class of a family for a task: BertForMaskedLM, for instance."""
    return f"{_CONFIGS[family]}For{task}"


def new_reader(shape: Shape, tokenizer: Any = None, *, seed: int = 0) -> Any:
    """Return a ``*ForQuestionAnswering`` model of ``shape`` with random weights, in evaluation mode.

    The weights depend on ``seed`` alone; the caller's random state is left as it was.
    """
    config = model_config(shape, tokenizer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(transformers, model_class(shape.family, "QuestionAnswering"))(config).eval()


def positions(config: Any) -> int:
    """Return how many tokens a window may have (RoBERTa's positions start behind the padding id)."""
    found = int(config.max_position_embeddings)
    return found - int(config.pad_token_id) - 1 if config.model_type == "roberta" else found


def set_dropout(model: Any, probability: float) -> None:
    """Set every dropout of a model, in place; its configuration stays as it is."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = probability
