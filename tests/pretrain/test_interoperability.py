"""Encoders made here open in transformers' own classes with the same logits, and the reverse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers import AutoModel, BertConfig, BertForMaskedLM, BertModel, DistilBertConfig, DistilBertModel

from robust.errors import UserError
from robust.pretrain.objectives.choice import OBJECTIVES, Choice, build_objective
from robust.pretrain.vocabulary import train_vocabulary
from robust.zoo.beginnings import Beginning, shape_of
from robust.zoo.catalogue import Shape
from robust.zoo.checkpoints import new_encoder_reader
from robust.zoo.tokenizers import save_tokenizer
from tests.pretrain.corpus import made_documents

DOCUMENTS = made_documents(60)
KINDS = {"bert": "wordpiece", "electra": "wordpiece", "roberta": "bpe", "albert": "unigram"}
PAIR = {"": "ElectraForPreTraining", "generator": "ElectraForMaskedLM"}
MLM_PAIR = {"": "ElectraForMaskedLM", "generator": "ElectraForMaskedLM"}
# what transformers calls the classes of what is saved, by the folder under the encoder's
CLASSES = {
    ("bert", "masked-lm"): {"": "BertForMaskedLM"},
    ("roberta", "masked-lm"): {"": "RobertaForMaskedLM"},
    ("albert", "masked-lm"): {"": "AlbertForMaskedLM"},
    ("electra", "masked-lm"): {"": "ElectraForMaskedLM"},
    ("roberta", "mask-proposal"): {"": "RobertaForMaskedLM"},
    ("albert", "sentence-order"): {"": "AlbertForPreTraining"},
    ("bert", "sentence-order"): {"": "BertForPreTraining"},
    ("electra", "replaced-token"): PAIR,
    ("bert", "replaced-token"): PAIR,
    ("electra", "replaced-token-two-stage"): PAIR,
    ("electra", "replaced-token-adversarial"): PAIR,
    ("electra", "electra-15"): PAIR,
    ("electra", "replace-mlm"): MLM_PAIR,
    ("electra", "all-tokens-mlm"): MLM_PAIR,
}
PLAIN = {"masked-lm", "mask-proposal", "sentence-order"}


def choice_of(objective: str) -> Choice:
    width = {"replaced-token-two-stage": 1.0}.get(objective, 0.5)
    return Choice(objective=objective, generator=None if objective in PLAIN else width)


def logits(model: Any, text: torch.Tensor) -> torch.Tensor:
    output = model(input_ids=text)
    found: torch.Tensor = output.prediction_logits if "prediction_logits" in output else output.logits
    return found


def tiny_shape(family: Any) -> Shape:
    embedding = 8 if family in {"albert", "electra"} else 16
    positions = 42 if family == "roberta" else 40
    return Shape(
        family=family,
        layers=2,
        hidden=16,
        ffn=32,
        heads=2,
        embedding=embedding,
        vocabulary=300,
        positions=positions,
        segments=1 if family == "roberta" else 2,
    )


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Any]:
    sizes = {"wordpiece": 160, "bpe": 300, "unigram": 120}
    made = {kind: train_vocabulary(DOCUMENTS, kind, size) for kind, size in sizes.items()}  # type: ignore[arg-type]
    return {family: made[kind] for family, kind in KINDS.items()}


def sentence(tokenizer: Any) -> torch.Tensor:
    ids: torch.Tensor = tokenizer("The baker of Lund sold the river.", return_tensors="pt")["input_ids"]
    return ids


@pytest.mark.parametrize(("family", "objective"), CLASSES)
def test_what_is_saved_opens_in_transformers_and_from_there_here_again(
    tokenizers: dict[str, Any], tmp_path: Path, family: str, objective: str
) -> None:
    tokenizer = tokenizers[family]
    choice = choice_of(objective)
    beginning = Beginning(shape=tiny_shape(family), tokenizer=tokenizer, seed=3)
    made = build_objective(choice, beginning).eval()
    made.save(tmp_path / "ours", tokenizer)
    text = sentence(tokenizer)
    for folder, name in CLASSES[family, objective].items():
        model = made.models()[folder]
        theirs = getattr(transformers, name).from_pretrained(tmp_path / "ours" / folder).eval()
        with torch.no_grad():
            assert torch.allclose(logits(theirs, text), logits(model, text), atol=1e-5)
        theirs.save_pretrained(tmp_path / "theirs" / folder)
        save_tokenizer(tokenizer, tmp_path / "theirs" / folder)
    again = build_objective(
        choice, Beginning(shape=tiny_shape(family), tokenizer=tokenizer, folder=tmp_path / "theirs", seed=4)
    ).eval()
    with torch.no_grad():
        assert torch.allclose(logits(again.models()[""], text), logits(made.models()[""], text), atol=1e-5)


@pytest.mark.parametrize(("family", "objective"), CLASSES)
def test_every_encoder_can_be_fine_tuned(
    tokenizers: dict[str, Any], tmp_path: Path, family: str, objective: str
) -> None:
    beginning = Beginning(shape=tiny_shape(family), tokenizer=tokenizers[family])
    made = build_objective(choice_of(objective), beginning).eval()
    made.save(tmp_path / "encoder", tokenizers[family])
    reader, tokenizer = new_encoder_reader(tmp_path / "encoder")
    text = sentence(tokenizer)
    with torch.no_grad():
        states = made.models()[""].base_model(input_ids=text).last_hidden_state
        assert torch.allclose(reader.base_model(input_ids=text).last_hidden_state, states, atol=1e-5)


def test_bert_weights_go_on_as_a_detector_and_back(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    tokenizer = tokenizers["bert"]
    config = BertConfig(
        vocab_size=160,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    bert = BertModel(config).eval()
    bert.save_pretrained(tmp_path / "bert")
    save_tokenizer(tokenizer, tmp_path / "bert")
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizer, folder=tmp_path / "bert")
    objective = build_objective(Choice(objective="replaced-token", generator=0.5), begin).eval()
    text = sentence(tokenizer)
    with torch.no_grad():
        states = bert(input_ids=text).last_hidden_state
        ours = objective.models()[""].base_model(input_ids=text).last_hidden_state
        assert torch.allclose(ours, states, atol=1e-5)
        objective.save(tmp_path / "electra", tokenizer)
        back = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizer, folder=tmp_path / "electra")
        model = build_objective(Choice(), back).eval().models()[""]
        assert isinstance(model, BertForMaskedLM)
        assert torch.allclose(model.base_model(input_ids=text).last_hidden_state, states, atol=1e-5)


def test_every_objective_is_tried() -> None:
    assert {objective for _, objective in CLASSES} == set(OBJECTIVES)


def test_weights_of_another_family_or_shape_are_refused(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    tokenizer = tokenizers["bert"]
    DistilBertModel(
        DistilBertConfig(vocab_size=160, dim=16, n_layers=1, n_heads=2, hidden_dim=32)
    ).save_pretrained(tmp_path / "distilbert")
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizer, folder=tmp_path / "distilbert")
    with pytest.raises(UserError, match="a distilbert model; expected bert"):
        build_objective(Choice(), begin)
    electra = Beginning(shape=tiny_shape("electra"), tokenizer=tokenizer)
    build_objective(Choice(generator=0.5), electra).save(tmp_path / "electra", tokenizer)
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizer, folder=tmp_path / "electra")
    with pytest.raises(UserError, match="embeddings of 8 below a width of 16"):
        build_objective(Choice(), begin)
    wider = replace(tiny_shape("electra"), ffn=64)
    begin = Beginning(shape=wider, tokenizer=tokenizer, folder=tmp_path / "electra")
    with pytest.raises(UserError, match="has ffn 32, the shape asked for 64"):
        build_objective(Choice(), begin)
    begin = Beginning(
        shape=tiny_shape("electra"), tokenizer=tokenizer, folder=tmp_path / "electra", share_layers="all"
    )
    with pytest.raises(UserError, match="leave out this or --start"):
        build_objective(Choice(), begin)


def test_a_vocabulary_of_another_model_is_refused(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["bert"])
    build_objective(Choice(), begin).save(tmp_path / "encoder", tokenizers["bert"])
    other = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["roberta"], folder=tmp_path / "encoder")
    with pytest.raises(UserError, match="the tokenizer does not match"):
        build_objective(Choice(), other)


def test_random_weights_depend_on_the_seed_alone(tokenizers: dict[str, Any]) -> None:
    def weights(seed: int, mimetic: bool = False) -> torch.Tensor:
        torch.manual_seed(99)  # whatever the caller's random state
        begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["bert"], seed=seed, mimetic=mimetic)
        model = build_objective(Choice(), begin).models()[""]
        found: torch.Tensor = model.bert.encoder.layer[0].attention.self.query.weight.detach()
        return found

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
    assert not torch.equal(weights(1), weights(1, mimetic=True))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hidden": "250"}, "4 heads do not divide a width of 250"),
        ({"width": "256"}, "expected one of layers, hidden"),
        ({"layers": "0"}, "whole number above 0"),
        ({"layers": "two"}, "whole number above 0"),
        ({"embedding": "128"}, "bert has no factorised embeddings"),
    ],
)
def test_a_shape_that_cannot_be_is_told_in_a_line(changes: dict[str, str], told: str) -> None:
    with pytest.raises(UserError, match=told):
        shape_of("bert-mini", changes)


def test_a_shape_can_be_changed() -> None:
    shape = shape_of("bert-mini", {"layers": "2", "hidden": "128"})
    assert (shape.layers, shape.hidden, shape.embedding, shape.heads) == (2, 128, 128, 4)
    assert shape_of("electra-mini", {"embedding": "256"}).embedding == 256
    with pytest.raises(UserError, match="bert-mini"):
        shape_of("bert-mimi", {})


def test_dropout_is_as_asked_for(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["bert"])
    first = build_objective(Choice(), begin)
    assert probabilities(first) == {0.1}
    first.save(tmp_path / "encoder", tokenizers["bert"])
    without = Beginning(
        shape=tiny_shape("bert"), tokenizer=tokenizers["bert"], folder=tmp_path / "encoder", dropout=0.0
    )
    assert probabilities(build_objective(Choice(), without)) == {0.0}
    assert AutoModel.from_pretrained(tmp_path / "encoder").config.hidden_dropout_prob == 0.1


def weights_of(model: Any) -> torch.Tensor:
    found: torch.Tensor = model.base_model.encoder.layer[0].attention.self.query.weight.detach()
    return found


def test_generator_and_discriminator_begin_with_weights_of_their_own(tokenizers: dict[str, Any]) -> None:
    begin = Beginning(shape=tiny_shape("electra"), tokenizer=tokenizers["electra"])
    made = build_objective(Choice(generator=1.0, share="none"), begin).models()
    assert not torch.equal(weights_of(made[""]), weights_of(made["generator"]))


def test_a_run_goes_on_with_the_generator_of_its_start(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    begin = Beginning(shape=tiny_shape("electra"), tokenizer=tokenizers["electra"], seed=1)
    made = build_objective(Choice(generator=0.5), begin)
    made.save(tmp_path / "first", tokenizers["electra"])
    more = replace(begin, folder=tmp_path / "first", seed=2)
    again = build_objective(Choice(), more).models()
    assert torch.equal(weights_of(again["generator"]), weights_of(made.models()["generator"]))
    with pytest.raises(UserError, match="the generator of --start has 8"):
        build_objective(Choice(generator=1.0), more)


def test_in_two_stages_the_start_is_where_the_first_begins(
    tokenizers: dict[str, Any], tmp_path: Path
) -> None:
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["bert"], seed=1)
    bert = build_objective(Choice(), begin)
    bert.save(tmp_path / "bert", tokenizers["bert"])
    more = replace(begin, folder=tmp_path / "bert", seed=2)
    objective = build_objective(Choice(objective="replaced-token-two-stage"), more)
    objective.begin(0.9)
    assert torch.equal(weights_of(objective.models()[""]), weights_of(bert.models()[""]))


def test_attention_is_not_set_anew_in_a_checkpoint(tokenizers: dict[str, Any], tmp_path: Path) -> None:
    begin = Beginning(shape=tiny_shape("bert"), tokenizer=tokenizers["bert"])
    build_objective(Choice(), begin).save(tmp_path / "bert", tokenizers["bert"])
    with pytest.raises(UserError, match="leave out this or --start"):
        build_objective(Choice(), replace(begin, folder=tmp_path / "bert", mimetic=True))
    shorter = replace(tiny_shape("bert"), positions=30)
    with pytest.raises(UserError, match="has positions 40, the shape asked for 30"):
        build_objective(Choice(), replace(begin, folder=tmp_path / "bert", shape=shorter))


def probabilities(objective: Any) -> set[float]:
    return {m.p for m in objective.modules() if isinstance(m, torch.nn.Dropout)}
