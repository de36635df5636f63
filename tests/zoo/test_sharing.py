"""ALBERT's layers share what they are told to, save so that anyone can open them, and part on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    AlbertForPreTraining,
    AlbertForQuestionAnswering,
    AlbertForSequenceClassification,
    AlbertModel,
    BertConfig,
    BertModel,
)

from robust.errors import UserError
from robust.training.optimiser import parameter_groups
from robust.training.state import load_state, save_state
from robust.zoo.architecture import model_config
from robust.zoo.catalogue import MODELS
from robust.zoo.sharing import share_layers, tie_layers, unshare

LAYERS, HIDDEN, FFN, EMBEDDING, VOCABULARY, POSITIONS = 3, 32, 64, 16, 90, 24
TOKENS = torch.arange(5, 25)[None]
MODES = ("all", "attention", "ffn", "none")


def config_of(sharing: Any = "all") -> Any:
    config = AlbertConfig(
        vocab_size=VOCABULARY,
        embedding_size=EMBEDDING,
        hidden_size=HIDDEN,
        intermediate_size=FFN,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        max_position_embeddings=POSITIONS,
        initializer_range=0.3,  # layers that differ must show
    )
    return share_layers(config, sharing)


def made(sharing: Any = "all", kind: Any = AlbertForMaskedLM) -> Any:
    torch.manual_seed(0)
    return tie_layers(kind(config_of(sharing))).eval()


def first_output(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=TOKENS).to_tuple()[0]
    return found


def move(model: Any) -> None:
    """Take a training step."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    model(input_ids=TOKENS).to_tuple()[0].square().mean().backward()
    optimiser.step()
    optimiser.zero_grad()


@pytest.mark.parametrize("sharing", MODES)
def test_each_mode_has_the_parameters_of_the_formula(sharing: str) -> None:
    attention = 4 * (HIDDEN * HIDDEN + HIDDEN) + 2 * HIDDEN
    ffn = HIDDEN * FFN + FFN + FFN * HIDDEN + HIDDEN + 2 * HIDDEN
    embeddings = (VOCABULARY + POSITIONS + 2) * EMBEDDING + 2 * EMBEDDING
    mapping = EMBEDDING * HIDDEN + HIDDEN
    pooler = HIDDEN * HIDDEN + HIDDEN
    layers = {
        "all": attention + ffn,
        "attention": attention + LAYERS * ffn,
        "ffn": LAYERS * attention + ffn,
        "none": LAYERS * (attention + ffn),
    }[sharing]
    found = sum(p.numel() for p in made(sharing, AlbertModel).parameters())
    assert found == embeddings + mapping + pooler + layers


@pytest.mark.parametrize(
    ("name", "millions"), [("albert-base", 12), ("albert-large", 18), ("albert-xlarge", 60)]
)
def test_the_catalogue_s_sizes_are_those_that_were_published(name: str, millions: int) -> None:
    with torch.device("meta"):
        model = AlbertModel(share_layers(model_config(MODELS[name].shape), "all"))
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, abs=1.3)


@pytest.mark.parametrize("sharing", MODES)
def test_what_is_shared_stays_one_in_training_and_the_rest_parts(sharing: str) -> None:
    model = made(sharing)
    move(model)
    layers = [group.albert_layers[0] for group in model.albert.encoder.albert_layer_groups]
    assert len(layers) == (1 if sharing == "all" else LAYERS)
    for layer in layers[1:]:
        query = torch.equal(layer.attention.query.weight, layers[0].attention.query.weight)
        inner = torch.equal(layer.ffn.weight, layers[0].ffn.weight)
        norm = torch.equal(layer.full_layer_layer_norm.bias, layers[0].full_layer_layer_norm.bias)
        assert (query, inner, norm) == (sharing == "attention", sharing == "ffn", sharing == "ffn")


@pytest.mark.parametrize("sharing", MODES)
def test_a_saved_model_opens_in_plain_transformers_and_is_tied_again(sharing: str, tmp_path: Path) -> None:
    model = made(sharing, AlbertForPreTraining)
    move(model)
    model.save_pretrained(tmp_path)
    for kind in (AlbertForPreTraining, AlbertForMaskedLM):
        plain, told = kind.from_pretrained(tmp_path, output_loading_info=True)
        assert not told["missing_keys"]
        assert torch.allclose(first_output(plain.eval()), first_output(model), atol=1e-5)
    assert plain.config.share_layers == sharing
    again = tie_layers(AlbertForPreTraining.from_pretrained(tmp_path)).eval()
    assert len(list(again.parameters())) == len(list(model.parameters()))
    assert torch.allclose(first_output(again), first_output(model), atol=1e-5)
    reader, told = AlbertForQuestionAnswering.from_pretrained(tmp_path, output_loading_info=True)
    assert set(told["missing_keys"]) == {"qa_outputs.weight", "qa_outputs.bias"}
    with torch.no_grad():
        states = reader.eval().albert(input_ids=TOKENS).last_hidden_state
        assert torch.allclose(states, model.albert(input_ids=TOKENS).last_hidden_state, atol=1e-5)
    move(again)
    move(model)
    assert torch.allclose(first_output(again), first_output(model), atol=1e-5)


def test_a_run_goes_on_from_its_state_with_what_is_shared_still_one(tmp_path: Path) -> None:
    model = made("ffn")
    move(model)
    save_state(tmp_path / "state", model, torch.optim.AdamW(model.parameters()), {}, "")
    again = made("ffn")
    load_state(tmp_path / "state", again, torch.optim.AdamW(again.parameters()), "")
    move(again)
    move(model)
    assert torch.equal(first_output(again), first_output(model))
    first, *others = (group.albert_layers[0] for group in again.albert.encoder.albert_layer_groups)
    assert all(torch.equal(layer.ffn.weight, first.ffn.weight) for layer in others)


@pytest.mark.parametrize("sharing", MODES)
@pytest.mark.parametrize(
    "kind",
    [
        AlbertModel,
        AlbertForMaskedLM,
        AlbertForPreTraining,
        AlbertForQuestionAnswering,
        AlbertForSequenceClassification,
    ],
)
def test_unsharing_changes_no_output_and_no_class(sharing: str, kind: Any) -> None:
    model = made(sharing, kind)
    parted = unshare(model)
    assert type(parted) is kind
    assert torch.allclose(first_output(parted), first_output(model), atol=1e-6)
    assert parted.config.num_hidden_groups == LAYERS
    assert (parted.config.share_layers, model.config.share_layers) == ("none", sharing)
    assert parted.config is parted.base_model.encoder.albert_layer_groups[2].albert_layers[0].config


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_groups_of_several_layers_part_as_transformers_uses_them(groups: int) -> None:
    torch.manual_seed(0)
    config = config_of()
    config.num_hidden_layers, config.num_hidden_groups = 5, groups
    model = AlbertModel(config).eval()
    parted = unshare(model)
    assert len(parted.encoder.albert_layer_groups) == 5
    assert torch.allclose(first_output(parted), first_output(model), atol=1e-6)


@pytest.mark.parametrize("sharing", MODES)
def test_training_one_layer_leaves_the_others_and_the_model_it_came_from_alone(sharing: str) -> None:
    model = made(sharing)
    before = first_output(model)
    parted = unshare(model)
    layers = parted.albert.encoder.albert_layer_groups
    kept = [{k: v.clone() for k, v in layer.state_dict().items()} for layer in layers]
    for name, parameter in parted.named_parameters():
        parameter.requires_grad_("albert_layer_groups.1." in name)
    move(parted)
    for number, layer in enumerate(layers):
        same = all(torch.equal(v, kept[number][k]) for k, v in layer.state_dict().items())
        assert same == (number != 1)
    assert torch.equal(first_output(model), before)


def test_a_parted_layer_learns_at_the_rate_of_its_depth_and_a_shared_half_at_the_last_s() -> None:
    def rates(model: Any) -> dict[str, float]:
        groups = parameter_groups(model, lr=1.0, layer_decay=0.5, weight_decay=0.0)
        by = {id(p): group["lr"] for group in groups for p in group["params"]}
        return {name: by[id(p)] for name, p in model.named_parameters()}

    where = "albert.encoder.albert_layer_groups.{}.albert_layers.0.{}.weight"
    parted = rates(unshare(made("all", AlbertForQuestionAnswering)))
    assert [parted[where.format(n, "ffn")] for n in range(LAYERS)] == [0.5**4, 0.5**3, 0.5**2]
    assert parted["albert.encoder.embedding_hidden_mapping_in.weight"] == 0.5**5
    assert parted["qa_outputs.weight"] == 1.0
    half = rates(made("attention", AlbertForQuestionAnswering))
    assert half[where.format(0, "attention.query")] == 0.5**2
    assert [half[where.format(n, "ffn")] for n in range(LAYERS)] == [0.5**4, 0.5**3, 0.5**2]
    shared = rates(made("all", AlbertForQuestionAnswering))
    assert shared[where.format(0, "ffn")] == 0.5**2


def test_what_cannot_be_shared_or_parted_is_told() -> None:
    bert = BertModel(BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=1))
    with pytest.raises(UserError, match=r"--unshare: the model is of the family bert.* leave --unshare out"):
        unshare(bert)
    with pytest.raises(UserError, match="--share-layers: the model is of the family bert"):
        share_layers(bert.config, "all")
    with pytest.raises(UserError, match="--share-layers some: expected one of all, attention, ffn, none"):
        share_layers(config_of(), "some")  # type: ignore[arg-type]
    assert tie_layers(bert) is bert
