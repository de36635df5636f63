"""Fine-tuning an ALBERT with a set of weights for every layer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from transformers import AlbertForQuestionAnswering

from robust.errors import UserError
from robust.reader import training
from robust.reader.finetune import FinetuneSettings
from robust.reader.training import FinetuneRequest, asked, train_reader
from robust.squad.io import write_squad
from robust.training.state import STATE_FILE
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import load_reader, new_encoder_reader
from robust.zoo.sharing import share_layers, tie_layers

SHAPE = replace(MODELS["albert-tiny"].shape, layers=3, hidden=32, ffn=64, heads=2, embedding=16)
SETTINGS = FinetuneSettings(
    lr=1e-2, layer_decay=0.8, warmup=0.0, batch=4, max_steps=4, length=64, stride=16, max_question=32
)


@pytest.fixture
def encoder(tiny, tmp_path):
    """Return the folder of a small ALBERT."""
    tokenizer = tiny.tiny_tokenizer()
    folder = tmp_path / "encoder"
    new_reader(SHAPE, tokenizer, seed=1).albert.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("head", ["plain", "electra"])
def test_each_layer_learns_weights_of_its_own_and_the_reader_says_so(tiny, encoder, tmp_path, head):
    questions = tiny.tiny_questions()
    request = FinetuneRequest(encoder=str(encoder), head=head, unshare=True)
    summary = train_reader(request, SETTINGS, questions, tmp_path / "r")
    assert summary["unshare"] is summary["asked"]["unshare"] is True
    model = load_reader(tmp_path / "r").model
    groups = model.base_model.encoder.albert_layer_groups
    assert len(groups) == model.config.num_hidden_groups == 3
    one, other = (group.albert_layers[0].ffn.weight for group in groups[:2])
    assert not torch.equal(one, other)


def test_the_command_s_reader_loads_in_plain_transformers(tiny, encoder, tmp_path, capsys):
    from robust.cli.finetune import finetune as command

    write_squad(tmp_path / "train.json", tiny.tiny_questions())
    command(
        str(encoder),
        data=str(tmp_path / "train.json"),
        output=tmp_path / "r",
        unshare=True,
        max_steps=2,
        length=64,
        as_json=True,
    )
    assert json.loads(capsys.readouterr().out)["unshare"] is True
    plain, told = AlbertForQuestionAnswering.from_pretrained(tmp_path / "r", output_loading_info=True)
    assert not told["missing_keys"]
    assert plain.config.num_hidden_groups == 3
    reader, tokens = load_reader(tmp_path / "r"), torch.arange(5, 25)[None]
    with torch.no_grad():
        theirs = plain.eval()(input_ids=tokens).start_logits
        assert torch.allclose(theirs, reader.model(input_ids=tokens).start_logits, atol=1e-5)


def test_a_run_is_not_gone_on_with_in_the_other_way(tiny, encoder, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise UserError("no space left")

    questions = tiny.tiny_questions()
    plain = FinetuneRequest(encoder=str(encoder))
    unshared = replace(plain, unshare=True)
    monkeypatch.setattr(training, "save_reader", full)
    with pytest.raises(UserError, match="no space"):
        train_reader(unshared, SETTINGS, questions, tmp_path / "r")
    monkeypatch.undo()
    assert (tmp_path / "r" / STATE_FILE).is_file()
    with pytest.raises(UserError, match="other settings or data"):
        train_reader(plain, SETTINGS, questions, tmp_path / "r")
    done = train_reader(unshared, SETTINGS, questions, tmp_path / "r")
    assert done["steps"] == 4
    assert asked(plain, SETTINGS, questions) != asked(unshared, SETTINGS, questions)


def test_only_an_albert_can_be_unshared(tiny, tmp_path, monkeypatch):
    bert = new_reader(replace(MODELS["bert-tiny"].shape, hidden=16, ffn=16), tiny.tiny_tokenizer())
    monkeypatch.setattr(training, "_fresh_reader", lambda *a: (bert, tiny.tiny_tokenizer()))
    with pytest.raises(UserError, match=r"^--unshare: .* family bert.*leave --unshare out$"):
        train_reader(
            FinetuneRequest(encoder="bert", unshare=True), SETTINGS, tiny.tiny_questions(), tmp_path / "r"
        )


def test_an_encoder_that_shares_its_attention_goes_on_sharing_it(tiny, tmp_path):
    tokenizer = tiny.tiny_tokenizer()
    config = share_layers(new_reader(SHAPE, tokenizer).config, "attention")
    folder = tmp_path / "half"
    tie_layers(AlbertForQuestionAnswering(config)).albert.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    model, _ = new_encoder_reader(folder)
    first, *others = (group.albert_layers[0] for group in model.albert.encoder.albert_layer_groups)
    assert all(layer.attention.query.weight is first.attention.query.weight for layer in others)
    assert all(layer.ffn.weight is not first.ffn.weight for layer in others)
    train_reader(FinetuneRequest(encoder=str(folder)), SETTINGS, tiny.tiny_questions(), tmp_path / "r")
    plain = AlbertForQuestionAnswering.from_pretrained(tmp_path / "r").albert.encoder.albert_layer_groups
    queries = [group.albert_layers[0].attention.query.weight for group in plain]
    inner = [group.albert_layers[0].ffn.weight for group in plain]
    assert torch.equal(queries[0], queries[1])
    assert not torch.equal(inner[0], inner[1])
