"""ELECTRA's own head: against a second implementation in numpy, against brute force, and at work."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch

from robust.errors import UserError
from robust.reader.decode import decode_beam, is_close_call
from robust.reader.features import input_names, make_windows, pad_batch
from robust.reader.finetune import FinetuneSettings, finetune
from robust.reader.predict import PredictSettings, predict
from robust.zoo.architecture import new_reader
from robust.zoo.catalogue import MODELS
from robust.zoo.checkpoints import LoadedReader, load_reader, save_reader
from robust.zoo.electra_head import BEAM, ElectraHead, joint_reader
from robust.zoo.settings import ReaderSettings

FAMILIES = ["bert-tiny", "roberta-tiny", "albert-tiny", "electra-tiny"]
CPU = PredictSettings(device="cpu")


def joint(tiny, name="electra-tiny", **settings):
    """Return the tiny reader of a family under ELECTRA's head, its scores spread like a trained one's."""
    plain = tiny.tiny_reader(name, **settings)
    model = joint_reader(plain.model, seed=5)
    with torch.no_grad():
        model.head.start.weight.mul_(30)
        model.head.end.weight.mul_(30)
        model.head.answerable.weight.mul_(5)
    return dataclasses.replace(plain, model=model)


# ---- a second implementation, written from the paper's description, one window at a time ---------------


def gelu(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def log_softmax(x):
    shifted = x - x.max()
    return shifted - np.log(np.exp(shifted).sum())


class Reference:
    """The head of one window in numpy, with the weights of a torch one."""

    def __init__(self, head: ElectraHead, hidden: np.ndarray, context: np.ndarray) -> None:
        self.w = {k: v.detach().numpy().astype(np.float64) for k, v in head.state_dict().items()}
        self.hidden = hidden.astype(np.float64)
        self.allowed = context.copy()
        self.allowed[0] = True
        raw = self.hidden @ self.w["start.weight"][0] + self.w["start.bias"][0]
        self.start = np.where(self.allowed, raw, -1e30)

    def ends(self, start: int) -> np.ndarray:
        """Return the log-probability of every end, given a start."""
        both = np.stack([np.concatenate([self.hidden[start], h]) for h in self.hidden])
        layer = gelu(both @ self.w["end_hidden.weight"].T + self.w["end_hidden.bias"])
        logits = layer @ self.w["end.weight"][0] + self.w["end.bias"][0]
        return log_softmax(np.where(self.allowed, logits, -1e30))

    def null(self) -> float:
        expected = np.exp(log_softmax(self.start)) @ self.hidden
        both = np.concatenate([self.hidden[0], expected])
        layer = gelu(self.w["answerable_hidden.weight"] @ both + self.w["answerable_hidden.bias"])
        return float(self.w["answerable.weight"][0] @ layer + self.w["answerable.bias"][0])

    def loss(self, first: int, last: int) -> float:
        spans = -(log_softmax(self.start)[first] + self.ends(first)[last]) / 2
        z, impossible = self.null(), float(last == 0)
        return spans + 0.5 * (np.log1p(np.exp(-abs(z))) + max(z, 0) - z * impossible)


@pytest.fixture
def window():
    """Return a head, hidden states of three windows (one of them short), and their context tokens."""
    torch.manual_seed(3)
    head = ElectraHead(16).double()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    hidden = torch.randn(3, 50, 16, dtype=torch.float64)
    context = torch.zeros(3, 50, dtype=torch.bool)
    context[0, 6:49] = True
    context[1, 9:30] = True
    context[2, 4:9] = True  # fewer starts than the beam holds
    return head, hidden, context


def test_the_loss_is_that_of_the_reference(window):
    head, hidden, context = window
    gold = torch.tensor([[7, 9], [0, 0], [4, 4]])
    expected = [
        Reference(head, hidden[w].numpy(), context[w].numpy()).loss(*gold[w].tolist()) for w in range(3)
    ]
    assert float(head.loss(hidden, context, gold).detach()) == pytest.approx(np.mean(expected), rel=1e-9)


def test_the_beam_holds_what_the_reference_finds(window):
    head, hidden, context = window
    with torch.no_grad():
        beam = head.beam(hidden, context, 7)
    for w in range(3):
        reference = Reference(head, hidden[w].numpy(), context[w].numpy())
        log_start = log_softmax(reference.start)
        inside = np.flatnonzero(context[w].numpy())
        best = sorted(inside, key=lambda i: (-log_start[i], i))
        starts = sorted(best[:BEAM])
        assert float(beam.null[w]) == pytest.approx(reference.null(), rel=1e-9)
        found = {}
        for b, start in enumerate(beam.starts[w].tolist()):
            for k, score in enumerate(beam.scores[w, b].tolist()):
                if score > -math.inf:
                    found[start, start + k] = score
        ends = {s: reference.ends(s) for s in starts}
        expected = {(s, e): log_start[s] + ends[s][e] for s in starts for e in inside if s <= e < s + 7}
        assert found.keys() == expected.keys()
        assert all(found[key] == pytest.approx(expected[key], rel=1e-9) for key in found)
        if len(best) > BEAM:
            assert float(beam.edge[w]) == pytest.approx(log_start[best[BEAM]])
            gap = log_start[best[BEAM - 1]] - log_start[best[BEAM]]
            assert float(beam.margin[w]) == pytest.approx(gap)
        else:
            assert float(beam.edge[w]) == -math.inf
            assert float(beam.margin[w]) == math.inf


def test_the_end_knows_its_start(window):
    head, hidden, context = window
    ends = head.end_logits(hidden, context, torch.tensor([[6, 20]] * 3))
    assert not torch.allclose(ends[0, 0, 6:49], ends[0, 1, 6:49])


def test_spans_come_out_best_first_and_ties_by_place(window):
    head, hidden, context = window
    with torch.no_grad():
        beam = head.beam(hidden, context, 7)
    offsets = [np.stack([np.arange(50) * 3, np.arange(50) * 3 + 2], 1).astype(np.int32) for _ in range(3)]
    rounded = np.round(beam.scores.numpy())  # many ties
    parts = {k: getattr(beam, k).numpy() for k in ("starts", "null", "peak", "margin", "edge")}
    found = decode_beam(scores=rounded, offsets=offsets, n_best=15, **parts)
    for w, spans in enumerate(found):
        every = [
            (-rounded[w, b, k], int(start), int(start + k))
            for b, start in enumerate(parts["starts"][w])
            for k in range(7)
            if np.isfinite(rounded[w, b, k])
        ]
        expected = sorted(every)[:15]
        assert spans.scores.tolist() == [-score for score, _, _ in expected]
        assert spans.starts.tolist() == [3 * s for _, s, _ in expected]
        assert spans.ends.tolist() == [3 * e + 2 for _, _, e in expected]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_answer_is_the_best_span_of_all_and_the_odds_are_the_logit(tiny, name):
    """Brute force over every pair of tokens, with the reader's own hidden states."""
    reader = joint(tiny, name, max_length=200)
    questions = tiny.tiny_questions()[::4]
    for question, found in zip(questions, predict(reader, questions, CPU), strict=True):
        windows = make_windows(reader.tokenizer, [question], max_length=200, stride=16)
        batch = pad_batch(windows, [0], reader.tokenizer.pad_token_id)
        inputs = {k: batch[k] for k in input_names(reader.model, reader.tokenizer)}
        with torch.no_grad():
            hidden = reader.model(**inputs)[0].numpy()
        reference = Reference(reader.model.head, hidden, batch["context"][0].numpy())
        log_start = log_softmax(reference.start)
        inside = np.flatnonzero(batch["context"][0].numpy())
        ends = {s: reference.ends(s) for s in sorted(inside, key=lambda i: (-log_start[i], i))[:BEAM]}
        s, e = max(
            ((s, e) for s, e in itertools.product(ends, inside) if s <= e < s + 30),
            key=lambda p: log_start[p[0]] + ends[p[0]][p[1]],
        )
        spans = windows.offsets[0]
        assert found.text == question.context[spans[s][0] : spans[e][1]].strip()
        assert found.null_odds == pytest.approx(reference.null(), abs=0.006)


@pytest.mark.parametrize("name", FAMILIES)
def test_float32_answers_do_not_depend_on_the_batch(tiny, name):
    reader = joint(tiny, name, max_length=40, stride=8)
    questions = tiny.tiny_questions()
    one = predict(reader, questions, PredictSettings(device="cpu", batch_tokens=1))
    for tokens in (333, 100_000):
        other = predict(reader, questions, PredictSettings(device="cpu", batch_tokens=tokens))
        assert [(p.text, p.null_odds) for p in one] == [(p.text, p.null_odds) for p in other]


def test_a_start_that_just_missed_the_beam_is_a_close_call():
    from robust.reader.decode import WindowSpans

    def window(margin, edge):
        scores, places = np.array([-3.0], np.float32), np.array([0], np.int32)
        return [WindowSpans(scores, places, places + 4, 0.003, 5.0, margin, edge)]

    def close(*cut):
        return is_close_call(window(*cut), "Edda Marsh", 1e-6, null_alone=True)

    assert close(1e-7, -2.0)
    assert not close(1e-7, -4.0)  # it could not have won
    assert not close(1e-2, -2.0)  # rounding could not have put it into the beam


def test_bfloat16_keeps_the_head_in_float32(tiny):
    reader = joint(tiny)
    full = predict(reader, tiny.tiny_questions(), CPU)
    half = predict(reader, tiny.tiny_questions(), PredictSettings(device="cpu", dtype="bfloat16"))
    scores = np.array([c.score for p in half for c in p.n_best if abs(c.score) >= 4])
    off_grid = np.abs(scores * 256 - np.round(scores * 256)) > 0.2
    assert off_grid.mean() > 0.4
    for one, two in zip(full, half, strict=True):
        assert one.null_odds == pytest.approx(two.null_odds, abs=0.5)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_is_saved_beside_an_encoder_that_plain_transformers_opens(tiny, tmp_path, name):
    from transformers import AutoModel

    reader = joint(tiny, name)
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, reader.settings)
    back = load_reader(tmp_path / "r")
    assert back.settings.head == "electra"
    before, after = reader.model.state_dict(), back.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[k], after[k]) for k in before)
    encoder = AutoModel.from_pretrained(tmp_path / "r", use_safetensors=True).eval()
    encoded = reader.tokenizer("Who?", "Ana.", return_tensors="pt")
    takes = input_names(reader.model, reader.tokenizer)  # a tokenizer of transformers 4 makes types for all
    encoded = {name: values for name, values in encoded.items() if name in takes}
    with torch.no_grad():
        ours, theirs = reader.model(**encoded), encoder(**encoded).last_hidden_state
    assert torch.allclose(ours, theirs, atol=1e-5)
    with torch.no_grad():
        back.model.head.end.bias.add_(1)
    save_reader(tmp_path / "other", back.model, back.tokenizer, back.settings)
    assert load_reader(tmp_path / "other").sha256 != back.sha256


def test_a_broken_head_is_named(tiny, tmp_path):
    reader = joint(tiny)
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, reader.settings)
    (tmp_path / "r" / "heads.safetensors").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"heads\.safetensors: broken"):
        load_reader(tmp_path / "r")
    torch_file = {"start.weight": torch.zeros(1, 7)}
    from safetensors.torch import save_file

    save_file(torch_file, tmp_path / "r" / "heads.safetensors")
    with pytest.raises(UserError, match=r"heads\.safetensors: broken"):
        load_reader(tmp_path / "r")


def test_a_missing_head_is_one_line(tiny, tmp_path):
    reader = joint(tiny)
    save_reader(tmp_path / "r", reader.model, reader.tokenizer, reader.settings)
    (tmp_path / "r" / "heads.safetensors").unlink()
    with pytest.raises(UserError, match=r"heads\.safetensors"):
        load_reader(tmp_path / "r")


@pytest.mark.parametrize("name", ["bert-tiny", "electra-tiny"])
def test_it_learns_a_tiny_task_by_heart(tiny, tmp_path, name):
    tokenizer = tiny.tiny_tokenizer()
    shape = MODELS[name].shape
    shape = dataclasses.replace(shape, hidden=64, embedding=64, ffn=128)
    model = joint_reader(new_reader(shape, tokenizer, seed=3), seed=3)
    settings = FinetuneSettings(
        lr=3e-3, batch=4, max_steps=150, length=64, stride=16, max_question=32, seed=1
    )
    questions = tiny.tiny_questions()
    losses = finetune(model, tokenizer, questions, settings, folder=tmp_path)
    assert np.mean(losses[-5:]) < 0.3 * np.mean(losses[:5])
    own = ReaderSettings(family=shape.family, head="electra", max_length=64, stride=16)
    found = predict(LoadedReader(model, tokenizer, own, "t", ""), questions)
    answers = {p.id: "" if p.null_odds > 0 else p.text for p in found}
    right = sum(answers[q.id] == (q.answers[0].text if q.answerable else "") for q in questions)
    assert right >= 11


def test_the_command_trains_one_and_says_so(tiny, tmp_path):
    from robust.cli.finetune import finetune as command
    from robust.squad.io import write_squad

    tiny.tiny_tokenizer().save_pretrained(tmp_path / "tokenizer")
    write_squad(tmp_path / "train.json", tiny.tiny_questions())
    options = {"data": str(tmp_path / "train.json"), "scratch": True, "max_steps": 2, "length": 64}
    options |= {"tokenizer_from": str(tmp_path / "tokenizer"), "hold_out": 0.2}
    command("electra-tiny", output=tmp_path / "r", head="electra", **options)
    settings = load_reader(tmp_path / "r").settings
    assert settings.head == settings.training["head"] == "electra"
    assert settings.null_threshold is not None
    with pytest.raises(UserError, match="--head conditional: expected one of plain, electra"):
        command("electra-tiny", output=tmp_path / "s", head="conditional", **options)
