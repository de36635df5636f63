"""Batched prediction: the same answers whatever the batches, what is known is not computed again."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from robust.errors import UserError
from robust.reader import predict as module
from robust.reader.cache import PredictionCache, content_key
from robust.reader.features import make_windows, pad_batch
from robust.reader.predict import PredictSettings, predict, run_key

CPU = PredictSettings(device="cpu")


def _answers(predictions):
    return [(p.id, p.text, p.null_odds) for p in predictions]


@pytest.mark.parametrize("name", ["bert-tiny", "roberta-tiny", "albert-tiny", "electra-tiny"])
def test_float32_answers_do_not_depend_on_the_batch(tiny, name):
    reader = tiny.tiny_reader(name, max_length=40, stride=8)
    questions = tiny.tiny_questions()
    one = predict(reader, questions, PredictSettings(device="cpu", batch_tokens=1))
    assert len(make_windows(reader.tokenizer, questions, max_length=40, stride=8)) > len(questions)
    for tokens in (100, 333, 100_000):
        other = predict(reader, questions, PredictSettings(device="cpu", batch_tokens=tokens))
        assert _answers(one) == _answers(other)
    backwards = predict(reader, questions[::-1], CPU)
    assert _answers(one) == _answers(backwards[::-1])


def test_noise_within_the_bound_never_reaches_an_answer(tiny, monkeypatch):
    """Batched logits are shaken by as much as the bound admits (here a bound that catches many questions)."""
    reader = tiny.tiny_reader()
    questions = tiny.tiny_questions()
    alone = predict(reader, questions, PredictSettings(device="cpu", batch_tokens=1))
    random = np.random.default_rng(0)
    honest = module.Engine._logits
    singles = []

    def noisy(self, windows, batch, length):
        start, end = honest(self, windows, batch, length)
        if len(batch) == 1:
            singles.append(batch)
            return start, end
        shaken = (
            logits + random.uniform(-2e-5, 2e-5, logits.shape).astype(np.float32) * np.abs(logits).max()
            for logits in (start, end)
        )
        return tuple(shaken)

    monkeypatch.setattr(module, "RELATIVE_ERROR", 5e-5)
    monkeypatch.setattr(module.Engine, "_logits", noisy)
    for _ in range(10):
        assert _answers(predict(reader, questions, CPU)) == _answers(alone)
    # some questions are close calls, most are not
    assert 0 < len(singles) < 10 * len(questions)


def test_predictions_agree_with_plain_transformers(tiny):
    reader = tiny.tiny_reader(max_length=200)
    for question, prediction in zip(
        tiny.tiny_questions(), predict(reader, tiny.tiny_questions(), CPU), strict=True
    ):
        encoded = reader.tokenizer(
            question.text,
            question.context,
            return_offsets_mapping=True,
            return_token_type_ids=True,
            return_tensors="pt",
        )
        spans = encoded.pop("offset_mapping")[0].tolist()
        with torch.no_grad():
            output = reader.model(**encoded)
        start, end = output.start_logits[0].tolist(), output.end_logits[0].tolist()
        inside = [i for i, s in enumerate(encoded.sequence_ids(0)) if s == 1]
        s, e = max(
            ((s, e) for s in inside for e in inside if s <= e < s + 30), key=lambda p: start[p[0]] + end[p[1]]
        )
        assert prediction.text == question.context[spans[s][0] : spans[e][1]].strip()
        odds = start[0] + end[0] - start[s] - end[e]
        assert prediction.null_odds == pytest.approx(odds, abs=0.006)


def test_equal_questions_are_computed_once(tiny, monkeypatch):
    reader = tiny.tiny_reader()
    questions = tiny.tiny_questions()
    twins = [*questions, *(dataclasses.replace(q, id=q.id + "#1", article="X") for q in questions)]
    seen = []
    honest = module.make_windows
    monkeypatch.setattr(module, "make_windows", lambda t, qs, **k: seen.extend(qs) or honest(t, qs, **k))
    found = predict(reader, twins, CPU)
    assert len(seen) == len(questions)
    assert [p.id for p in found] == [q.id for q in twins]
    assert [p.text for p in found[:12]] == [p.text for p in found[12:]]


def test_a_killed_run_goes_on_where_it_stopped(tiny, tmp_path, monkeypatch):
    reader = tiny.tiny_reader()
    questions = tiny.tiny_questions()
    key = run_key(reader, CPU.resolve())
    whole = predict(reader, questions, CPU)
    calls = []
    honest = module.Engine._logits

    def counted(self, windows, batch, length):
        calls.append(len(batch))
        if len(calls) == 6:
            raise KeyboardInterrupt
        return honest(self, windows, batch, length)

    monkeypatch.setattr(module.Engine, "_logits", counted)
    slow = PredictSettings(device="cpu", batch_tokens=1)
    with PredictionCache(tmp_path, key) as cache, pytest.raises(KeyboardInterrupt):
        predict(reader, questions, slow, cache=cache)
    with PredictionCache(tmp_path, key) as cache:
        known = cache.get([content_key(q.text, q.context) for q in questions])
        assert 0 < len(known) < 12
        progress = []
        found = predict(reader, questions, slow, cache=cache, progress=lambda d, t: progress.append((d, t)))
    assert progress[0] == (len(known), 12)
    assert progress[-1] == (12, 12)
    assert _answers(found) == _answers(whole)
    before = len(calls)
    with PredictionCache(tmp_path, key) as cache:
        assert predict(reader, questions, slow, cache=cache) == found
    assert len(calls) == before


def test_predictions_are_written_while_it_runs(tiny, tmp_path, monkeypatch):
    """A run that is killed without warning keeps what it wrote until then."""
    reader = tiny.tiny_reader()
    sizes = []
    honest = PredictionCache.put
    monkeypatch.setattr(module, "_FLUSH_SECONDS", -1.0)
    monkeypatch.setattr(PredictionCache, "put", lambda self, new: sizes.append(len(new)) or honest(self, new))
    slow = PredictSettings(device="cpu", batch_tokens=1)
    with PredictionCache(tmp_path, run_key(reader, slow.resolve())) as cache:
        predict(reader, tiny.tiny_questions(), slow, cache=cache)
    assert sum(sizes) == 12
    assert max(sizes) == 1


def test_the_cache_of_another_reader_or_setting_is_another(tiny, tmp_path):
    reader = tiny.tiny_reader()
    keys = [run_key(reader, CPU.resolve())]
    keys.append(run_key(dataclasses.replace(reader, sha256="1" * 64), CPU.resolve()))
    keys.append(run_key(reader, PredictSettings(device="cpu", dtype="bfloat16").resolve()))
    longer = dataclasses.replace(reader.settings, max_length=65)
    keys.append(run_key(dataclasses.replace(reader, settings=longer), CPU.resolve()))
    paths = set()
    for key in keys:
        with PredictionCache(tmp_path, key) as cache:
            paths.add(cache.path)
    assert len(paths) == 4


def test_question_and_context_cannot_run_together_in_a_key():
    assert content_key("ab", "c") != content_key("a", "bc")


def test_a_cache_that_cannot_be_written_is_one_line(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="set ROBUST_HOME"):
        PredictionCache(tmp_path / "file", {})


def test_out_of_memory_halves_the_batch_says_so_and_goes_on(tiny, monkeypatch):
    reader = tiny.tiny_reader()
    questions = tiny.tiny_questions()
    expected = predict(reader, questions, CPU)
    honest = module.Engine._logits

    def small_memory(self, windows, batch, length):
        if len(batch) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return honest(self, windows, batch, length)

    monkeypatch.setattr(module.Engine, "_logits", small_memory)
    said = []
    assert _answers(predict(reader, questions, CPU, notice=said.append)) == _answers(expected)
    assert said
    assert all("out of memory; going on with batches of" in line for line in said)


def test_a_window_too_large_for_memory_is_one_line(tiny, monkeypatch):
    def no_memory(self, windows, batch, length):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(module.Engine, "_logits", no_memory)
    with pytest.raises(UserError, match="does not fit into the memory"):
        predict(tiny.tiny_reader(), tiny.tiny_questions(), CPU)


def test_scores_that_are_not_finite_are_one_line(tiny):
    reader = tiny.tiny_reader()
    with torch.no_grad():
        reader.model.qa_outputs.weight.fill_(float("nan"))
    with pytest.raises(UserError, match="not finite"):
        predict(reader, tiny.tiny_questions(), CPU)


@pytest.mark.parametrize("name", ["bert-tiny", "roberta-tiny", "albert-tiny", "electra-tiny"])
def test_bfloat16_gives_nearly_the_same_scores(tiny, name):
    reader = tiny.tiny_reader(name)
    full = predict(reader, tiny.tiny_questions(), CPU)
    half = predict(reader, tiny.tiny_questions(), PredictSettings(device="cpu", dtype="bfloat16"))
    peak = max(abs(c.score) for p in full for c in p.n_best)
    for one, two in zip(full, half, strict=True):
        assert one.n_best[0].score == pytest.approx(two.n_best[0].score, abs=0.02 * peak)
    assert [p.n_best[0].score for p in full] != [p.n_best[0].score for p in half]


@pytest.mark.parametrize("name", ["bert-tiny", "roberta-tiny", "albert-tiny", "electra-tiny"])
def test_matrices_made_bfloat16_once_say_what_autocast_says_and_leave_the_reader_alone(
    tiny, name, monkeypatch
):
    reader, questions = tiny.tiny_reader(name), tiny.tiny_questions()
    settings = PredictSettings(device="cpu", dtype="bfloat16")
    exact = predict(reader, questions, PredictSettings(device="cpu", dtype="float32"))
    half = predict(reader, questions, settings)
    assert {parameter.dtype for parameter in reader.model.parameters()} == {torch.float32}
    assert predict(reader, questions, PredictSettings(device="cpu", dtype="float32")) == exact
    monkeypatch.setattr("robust.reader.predict._with_half_matrices", lambda model: model)
    assert predict(reader, questions, settings) == half


def test_bfloat16_keeps_the_head_in_float32(tiny):
    """Scores rounded to bfloat16 would have at most 8 significant bits."""
    half = predict(tiny.tiny_reader(), tiny.tiny_questions(), PredictSettings(device="cpu", dtype="bfloat16"))
    scores = np.array([c.score for p in half for c in p.n_best if abs(c.score) >= 4])
    # logits of a bfloat16 head are multiples of 1/256 or more; scores are given to three decimals
    off_grid = np.abs(scores * 256 - np.round(scores * 256)) > 0.2
    assert off_grid.mean() > 0.4


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"device": "toaster"}, "no such device"),
        ({"device": "cpu", "dtype": "int4"}, "expected float32 or bfloat16"),
    ],
)
def test_settings_that_cannot_be_are_one_line(settings, match):
    with pytest.raises(UserError, match=match):
        PredictSettings(**settings).resolve()


def test_a_cuda_device_that_is_not_there_is_one_line(monkeypatch):
    monkeypatch.setattr(module.torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no CUDA device here; use --device cpu"):
        PredictSettings(device="cuda").resolve()


def test_no_batch_exceeds_its_budget_of_tokens(tiny, monkeypatch):
    reader = tiny.tiny_reader()
    sizes = []
    honest = module.Engine._logits

    def counted(self, windows, batch, length):
        tensors = pad_batch(windows, batch, 0)
        sizes.append(SimpleNamespace(tokens=tensors["input_ids"].numel(), windows=len(batch)))
        return honest(self, windows, batch, length)

    monkeypatch.setattr(module.Engine, "_logits", counted)
    predict(reader, tiny.tiny_questions(), PredictSettings(device="cpu", batch_tokens=150))
    assert max(size.tokens for size in sizes) <= 150
    assert max(size.windows for size in sizes) > 1


def test_the_model_alone_says_whether_it_takes_token_types_and_the_cache_knows(tiny):
    from types import SimpleNamespace

    from robust.reader.features import input_names
    from robust.reader.predict import run_key

    reader = tiny.tiny_reader()
    silent = SimpleNamespace(model_input_names=["input_ids", "attention_mask"])  # as transformers 5 stores it
    assert "token_type_ids" in input_names(reader.model, silent)
    with_types = run_key(reader, PredictSettings(device="cpu"))
    reader.model.config.type_vocab_size = 1
    assert "token_type_ids" not in input_names(reader.model, silent)
    assert run_key(reader, PredictSettings(device="cpu")) != with_types
