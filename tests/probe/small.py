"""A small cloze task, a vocabulary that knows it, and models of every family with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

from robust.pretrain.vocabulary import Kind, train_vocabulary
from robust.probe.prompt import make_prompt
from robust.probe.task import Item, Task, find_task
from robust.zoo.masked_lm import LoadedMaskedLM
from robust.zoo.tokenizers import save_tokenizer

TASK = Task(
    name="colour",
    about="",
    patterns=("So {thing} is [MASK].", "They painted {thing} in [MASK] yesterday."),
    verbaliser={"warm": ("red",), "cold": ("blue",)},
    items=(
        Item({"thing": "the fire"}, "warm"),
        Item({"thing": "the oven"}, "warm"),
        Item({"thing": "the desert"}, "warm"),
        Item({"thing": "the ice"}, "cold"),
        Item({"thing": "the lake"}, "cold"),
        Item({"thing": "the moon"}, "cold"),
    ),
)
KINDS: dict[str, Kind] = {"Bert": "wordpiece", "Electra": "wordpiece", "Roberta": "bpe", "Albert": "unigram"}
# as many entries as the sentences give: every word of them is one token (but not for unigram)
SIZES = {"wordpiece": 87, "bpe": 314, "unigram": 36}


def sentences(task: Task) -> list[str]:
    """Return every item in every pattern, with each word of its label in the gap."""
    return [
        make_prompt(pattern, item).filled(word)
        for pattern in task.patterns
        for item in task.items
        for word in task.verbaliser[item.label]
    ]


def vocabulary(kind: Kind = "wordpiece", task: Task = TASK, size: int | None = None) -> Any:
    return train_vocabulary([tuple(sentences(task))], kind, size or SIZES[kind])


def model(name: str, tokenizer: Any, *, seed: int = 0, positions: int = 64) -> Any:
    """Return a model of class ``name`` (BertForMaskedLM ...) with spread-out random weights."""
    family = name.partition("For")[0].removesuffix("Model")
    more = {"embedding_size": 16} if family in {"Albert", "Electra"} else {}
    config = getattr(transformers, f"{family}Config")(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.3,
        **more,
    )
    torch.manual_seed(seed)
    return getattr(transformers, name)(config).eval()


def language_model(name: str = "BertForMaskedLM", **more: Any) -> LoadedMaskedLM:
    tokenizer = vocabulary(KINDS[name.partition("For")[0]])
    return LoadedMaskedLM(model(name, tokenizer, **more), tokenizer, name)


def saved(folder: Path, name: str, **more: Any) -> Path:
    """Write a checkpoint of class ``name`` with its tokenizer, and return its folder."""
    tokenizer = vocabulary(KINDS[name.partition("For")[0].removesuffix("Model")])
    model(name, tokenizer, **more).save_pretrained(folder)
    save_tokenizer(tokenizer, folder)
    return folder


def category() -> Task:
    """Return a task that is shipped."""
    return find_task("category")
