"""Fine-tuning: it learns, it resumes to the same losses, it says when it diverges."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from robust.errors import UserError
from robust.reader.finetune import FinetuneSettings, finetune
from robust.reader.predict import predict
from robust.reader.training_data import add_unanswerable, epoch_batches, hold_out, sample
from robust.squad.io import write_squad
from robust.squad.metric import normalise_answer
from robust.squad.records import Answer, Question
from robust.training.optimiser import parameter_groups, rate_factor
from robust.training.state import STATE_FILE
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import LoadedReader, load_reader
from robust.zoo.settings import ReaderSettings

SHAPE = replace(MODELS["electra-tiny"].shape, hidden=64, embedding=64, ffn=128)
SETTINGS = FinetuneSettings(
    lr=3e-3,
    layer_decay=1.0,
    batch=4,
    max_steps=40,
    length=64,
    stride=16,
    max_question=32,
    seed=1,
    checkpoint_every=7,
)


def fresh(tiny, seed=3):
    tokenizer = tiny.tiny_tokenizer()
    return new_reader(SHAPE, tokenizer, seed=seed), tokenizer


def articles(count: int) -> list[Question]:
    """Return questions on ``count`` articles of three paragraphs, five questions each paragraph."""
    return [
        Question(
            f"{a}-{p}-{k}",
            f"What is {k}?",
            f"Thing {a} {p} is item{p}.",
            (),
            f"t{a}",
            False,
            f"a{a}:{p}",
            f"a{a}",
        )
        for a in range(count)
        for p in range(3)
        for k in range(5)
    ]


def test_a_small_reader_learns_its_questions_by_heart(tiny, tmp_path):
    model, tokenizer = fresh(tiny)
    questions = tiny.tiny_questions()
    losses = finetune(model, tokenizer, questions, replace(SETTINGS, max_steps=150), folder=tmp_path)
    assert np.mean(losses[-5:]) < 0.3 * np.mean(losses[:5])
    reader = LoadedReader(
        model, tokenizer, ReaderSettings(family="electra", max_length=64, stride=16), "t", ""
    )
    found = {p.id: ("" if p.null_odds > 0 else p.text) for p in predict(reader, questions)}
    right = sum(found[q.id] == (q.answers[0].text if q.answerable else "") for q in questions)
    assert right >= 11


def test_an_interrupted_run_goes_on_with_the_very_same_losses(tiny, tmp_path):
    questions = tiny.tiny_questions()
    settings = replace(SETTINGS, max_steps=24)
    model, tokenizer = fresh(tiny)
    whole = finetune(model, tokenizer, questions, settings, folder=tmp_path / "whole")

    def kill(step):
        if step.number == 17:
            raise KeyboardInterrupt

    model, _ = fresh(tiny)
    with pytest.raises(KeyboardInterrupt):
        finetune(model, tokenizer, questions, settings, folder=tmp_path / "cut", report=kill)
    assert (tmp_path / "cut" / STATE_FILE).is_file()
    seen = []
    model, _ = fresh(tiny, seed=99)  # its weights come from the checkpoint
    resumed = finetune(
        model, tokenizer, questions, settings, folder=tmp_path / "cut", report=lambda s: seen.append(s.number)
    )
    assert resumed == whole
    assert seen[0] == 15  # the checkpoint of step 14


def test_accumulated_parts_give_the_step_of_the_whole_batch(tiny, tmp_path):
    questions = tiny.tiny_questions()
    runs = []
    for parts in (1, 2):
        model, tokenizer = fresh(tiny)
        settings = replace(SETTINGS, max_steps=5, dropout=0.0, accumulate=parts)
        runs.append(finetune(model, tokenizer, questions, settings, folder=tmp_path / str(parts)))
    assert runs[0] == pytest.approx(runs[1], rel=1e-4)


def test_half_precision_on_a_cpu_trains_alike_and_leaves_the_reader_s_attention_as_it_was(tiny, tmp_path):
    questions = tiny.tiny_questions()
    runs, seen = [], []
    for dtype in ("float32", "bfloat16"):
        model, tokenizer = fresh(tiny)
        before = model.config._attn_implementation
        settings = replace(SETTINGS, max_steps=5, dropout=0.0, dtype=dtype)
        runs.append(
            finetune(
                model,
                tokenizer,
                questions,
                settings,
                folder=tmp_path / dtype,
                report=lambda step, model=model: seen.append(model.config._attn_implementation),
            )
        )
        assert model.config._attn_implementation == before
    assert runs[0] == pytest.approx(runs[1], rel=0.02)
    assert seen == [before] * 5 + ["eager"] * 5


def test_a_checkpoint_of_other_settings_is_refused(tiny, tmp_path):
    model, tokenizer = fresh(tiny)
    questions = tiny.tiny_questions()
    finetune(model, tokenizer, questions, replace(SETTINGS, max_steps=7), folder=tmp_path)
    with pytest.raises(UserError, match=r"other settings or data.*--out"):
        finetune(model, tokenizer, questions, replace(SETTINGS, max_steps=7, lr=1e-3), folder=tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_with_advice(tiny, tmp_path):
    model, tokenizer = fresh(tiny)
    with torch.no_grad():
        model.qa_outputs.weight[0, 0] = float("nan")
    with pytest.raises(UserError, match=r"step 1 .*lower --lr"):
        finetune(model, tokenizer, tiny.tiny_questions(), SETTINGS, folder=tmp_path)


def test_a_run_that_does_not_learn_is_called_diverged(tiny, tmp_path):
    model, tokenizer = fresh(tiny)
    with pytest.raises(UserError, match="did not fall"):
        finetune(
            model,
            tokenizer,
            tiny.tiny_questions(),
            replace(SETTINGS, max_steps=160, lr=1e-9),
            folder=tmp_path,
        )


def test_rates_follow_electra_s_layer_wise_decay(tiny):
    shape = MODELS["electra-small"].shape
    model = new_reader(replace(shape, vocabulary=64), None, seed=0)
    groups = parameter_groups(model, lr=1e-4, layer_decay=0.8, weight_decay=0.01)
    rates = {id(p): (g["lr"], g["weight_decay"]) for g in groups for p in g["params"]}
    named = {name: rates[id(p)] for name, p in model.named_parameters()}
    assert len(named) == len(rates)
    assert named["qa_outputs.weight"] == (1e-4, 0.01)
    assert named["electra.encoder.layer.11.output.dense.weight"][0] == pytest.approx(1e-4 * 0.8**2)
    assert named["electra.encoder.layer.0.output.dense.bias"] == (pytest.approx(1e-4 * 0.8**13), 0.0)
    assert named["electra.embeddings.word_embeddings.weight"][0] == pytest.approx(1e-4 * 0.8**14)
    assert named["electra.embeddings.LayerNorm.weight"][1] == 0.0


def test_the_rate_warms_up_and_falls_to_nothing():
    assert rate_factor(0.05, 0.1) == pytest.approx(0.5)
    assert rate_factor(0.1, 0.1) == pytest.approx(1.0)
    assert rate_factor(0.55, 0.1) == pytest.approx(0.5)
    assert rate_factor(1.0, 0.1) == 0.0


def test_every_window_is_trained_on_once_an_epoch_beside_windows_of_its_length():
    lengths = np.random.default_rng(0).integers(20, 384, 1000)
    batches = epoch_batches(lengths, 16, seed=5, epoch=0)
    assert Counter(np.concatenate(batches).tolist()) == Counter(range(1000))
    padded = sum(lengths[b].max() * len(b) for b in batches)
    assert padded < 1.1 * lengths.sum()
    again = epoch_batches(lengths, 16, seed=5, epoch=0)
    assert all((a == b).all() for a, b in zip(batches, again, strict=True))
    other = epoch_batches(lengths, 16, seed=5, epoch=1)
    assert not all(len(a) == len(b) and (a == b).all() for a, b in zip(batches, other, strict=True))


def test_whole_articles_are_held_out():
    training, held = hold_out(articles(40), 0.1, seed=0)
    assert len({q.article for q in held}) == 4
    assert not {q.article for q in held} & {q.article for q in training}
    assert len(training) + len(held) == 40 * 15


def test_a_sample_does_not_depend_on_the_order_of_the_questions():
    questions = articles(5)
    chosen = {q.id for q in sample(questions, 20, seed=2)}
    assert chosen == {q.id for q in sample(questions[::-1], 20, seed=2)}
    assert len(chosen) == 20


def test_made_up_unanswerable_questions_ask_of_a_paragraph_without_the_answer(tiny):
    base = tiny.tiny_questions()
    # put all paragraphs into one article, so that there are others to ask of
    questions = [replace(q, article="one", paragraph_id=q.article) for q in base if q.answerable]
    more = add_unanswerable(questions, 1 / 3, seed=0)
    made = more[len(questions) :]
    assert len(made) == 3
    for q in made:
        origin = next(o for o in questions if o.id == q.id.removesuffix("~other"))
        assert not q.answerable
        assert q.context != origin.context
        assert normalise_answer(origin.answers[0].text) not in normalise_answer(q.context)


def test_a_chinese_paragraph_that_holds_the_answer_is_asked_nothing(tiny):
    """Chinese has no spaces around words: 北京 stands in 北京市 all the same."""
    base = tiny.tiny_questions()[0]
    capital, born, ship = "北京是中国的首都。", "他出生在北京市。", "船在海上。"
    questions = [
        replace(base, id="1", text="哪座城市是中国的首都？", context=capital, answers=(Answer("北京", 0),)),
        replace(base, id="2", text="他出生在哪里？", context=born, answers=(Answer("北京", 4),)),
        replace(base, id="3", text="船在哪里？", context=ship, answers=(Answer("海上", 2),)),
    ]
    questions = [replace(q, article="one", paragraph_id=q.id, answerable=True) for q in questions]
    made = add_unanswerable(questions, 0.5, seed=0)[3:]
    assert {(q.id, q.context) for q in made if q.id != "3~other"} == {("1~other", ship), ("2~other", ship)}


def test_nothing_is_made_up_where_the_share_is_reached(tiny):
    questions = tiny.tiny_questions()
    assert add_unanswerable(questions, 0.33, seed=0) == questions


def test_the_command_makes_a_reader_that_loads_by_path_and_in_plain_transformers(tiny, tmp_path, capsys):
    from robust.cli.finetune import finetune as command

    tokenizer_folder = tmp_path / "tokenizer"
    tiny.tiny_tokenizer().save_pretrained(tokenizer_folder)
    write_squad(tmp_path / "train.json", tiny.tiny_questions())
    command(
        "electra-tiny",
        data=str(tmp_path / "train.json"),
        output=tmp_path / "reader",
        scratch=True,
        tokenizer_from=str(tokenizer_folder),
        max_steps=3,
        length=64,
        hold_out=0.2,
        as_json=True,
    )
    said = json.loads(capsys.readouterr().out)
    assert said["steps"] == 3
    assert said["held_out_questions"] == 2
    assert (
        sorted(p.name for p in (tmp_path / "reader").iterdir() if p.suffix in {".bin", ".pt", ".pkl"}) == []
    )
    assert not (tmp_path / "reader" / STATE_FILE).exists()
    reader = load_reader(tmp_path / "reader")
    assert reader.settings.null_threshold == said["null_threshold"]
    from transformers import ElectraForQuestionAnswering

    plain = ElectraForQuestionAnswering.from_pretrained(tmp_path / "reader")
    assert torch.equal(plain.qa_outputs.weight, reader.model.qa_outputs.weight)


def test_a_finished_reader_is_not_trained_over(tiny, tmp_path):
    from robust.reader.training import FinetuneRequest, train_reader

    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match=r"exists.*--out"):
        train_reader(FinetuneRequest(encoder="minilm"), SETTINGS, [], tmp_path / "reader")


def test_a_run_that_cannot_be_saved_keeps_its_checkpoint(tiny, tmp_path, monkeypatch):
    from robust.reader import training

    def full(*arguments, **named):
        raise UserError("no space left")

    request, settings = training.FinetuneRequest(encoder="t"), replace(SETTINGS, max_steps=3)
    monkeypatch.setattr(training, "save_reader", full)
    monkeypatch.setattr(training, "_fresh_reader", lambda *a: fresh(tiny))
    with pytest.raises(UserError, match="no space"):
        training.train_reader(request, settings, tiny.tiny_questions(), tmp_path / "r")
    assert (tmp_path / "r" / STATE_FILE).is_file()
    monkeypatch.undo()
    monkeypatch.setattr(training, "_fresh_reader", lambda *a: fresh(tiny))
    said = training.train_reader(request, settings, tiny.tiny_questions(), tmp_path / "r")
    assert said["steps"] == 3
    assert (tmp_path / "r" / "model.safetensors").is_file()
    assert not (tmp_path / "r" / STATE_FILE).exists()


def test_another_encoder_s_checkpoint_is_not_taken(tiny, tmp_path):
    model, tokenizer = fresh(tiny)
    settings = replace(SETTINGS, max_steps=7)
    finetune(model, tokenizer, tiny.tiny_questions(), settings, folder=tmp_path, identity="one")
    with pytest.raises(UserError, match="other settings or data"):
        finetune(model, tokenizer, tiny.tiny_questions(), settings, folder=tmp_path, identity="two")


def test_a_bit_turned_over_in_a_checkpoint_is_found(tiny, tmp_path):
    questions = tiny.tiny_questions()
    model, tokenizer = fresh(tiny)
    finetune(model, tokenizer, questions, replace(SETTINGS, max_steps=7), folder=tmp_path)
    state = tmp_path / STATE_FILE
    data = bytearray(state.read_bytes())
    data[-100] ^= 16  # among the numbers: the file opens as ever
    state.write_bytes(data)
    model, _ = fresh(tiny)
    with pytest.raises(UserError, match=r"damaged .*delete it to start anew"):
        finetune(model, tokenizer, questions, replace(SETTINGS, max_steps=7), folder=tmp_path)


def test_a_broken_checkpoint_is_named(tiny, tmp_path):
    (tmp_path / STATE_FILE).write_bytes(b"not safetensors")
    model, tokenizer = fresh(tiny)
    with pytest.raises(UserError, match=rf"{STATE_FILE}: broken .* delete it"):
        finetune(model, tokenizer, tiny.tiny_questions(), SETTINGS, folder=tmp_path)


def test_out_of_memory_halves_the_parts_and_says_so(tiny, tmp_path, monkeypatch):
    from robust.reader import finetune as module

    real, calls = module.span_loss, []

    def scarce(start, end, mask, gold):
        calls.append(len(gold))
        if len(gold) > 2:
            raise torch.OutOfMemoryError
        return real(start, end, mask, gold)

    monkeypatch.setattr(module, "span_loss", scarce)
    model, tokenizer = fresh(tiny)
    said: list[str] = []
    losses = finetune(
        model,
        tokenizer,
        tiny.tiny_questions(),
        replace(SETTINGS, max_steps=4, dropout=0.0),
        folder=tmp_path / "a",
        notice=said.append,
    )
    assert len(said) == 1
    assert "2 parts" in said[0]
    monkeypatch.setattr(module, "span_loss", real)
    model, _ = fresh(tiny)
    whole = finetune(
        model,
        tokenizer,
        tiny.tiny_questions(),
        replace(SETTINGS, max_steps=4, dropout=0.0),
        folder=tmp_path / "b",
    )
    assert losses == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize(
    ("option", "said"), [({"device": "gpu9"}, "no such device"), ({"dtype": "fp16"}, "--dtype fp16")]
)
def test_a_wrong_device_or_number_format_is_refused(tmp_path, option, said):
    from robust.cli.finetune import finetune as command

    with pytest.raises(UserError, match=said):
        command("minilm", data="demo", output=tmp_path / "r", **option)
    assert not (tmp_path / "r").exists()


def test_windows_longer_than_the_model_s_positions_are_refused(tiny, tmp_path, monkeypatch):
    from robust.reader import training

    monkeypatch.setattr(training, "_fresh_reader", lambda *a: fresh(tiny))
    with pytest.raises(UserError, match=r"--length 600: .* 512 positions"):
        training.train_reader(
            training.FinetuneRequest(encoder="t"),
            replace(SETTINGS, length=600),
            tiny.tiny_questions(),
            tmp_path / "r",
        )


def test_a_made_up_question_is_asked_of_a_paragraph_as_it_was_not_as_a_variant_has_it(tiny):
    one = replace(tiny.tiny_questions()[0], paragraph_id="h:1")
    other = replace(
        one, id="b", context="Nothing of it here.", paragraph_id="h:2", answers=(), answerable=False
    )
    variant = replace(other, id="b#1", context="Not a thing of it here.")
    made = [q for q in add_unanswerable([one, other, variant], 0.9, seed=0) if q.id.endswith("~other")]
    assert [q.context for q in made] == ["Nothing of it here."]
