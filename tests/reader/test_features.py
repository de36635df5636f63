"""Windows: what the reader sees, and the way back to the characters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robust.reader.features import OUTSIDE, answer_positions, make_windows, pad_batch
from robust.squad.records import Answer


def test_a_token_s_offsets_lead_back_to_its_own_characters(tiny):
    questions = tiny.tiny_questions()
    tokenizer = tiny.tiny_tokenizer()
    windows = make_windows(tokenizer, questions, max_length=64, stride=16)
    for ids, spans, q in zip(windows.input_ids, windows.offsets, windows.question_index, strict=True):
        context = questions[q].context
        for token, (start, end) in zip(ids, spans, strict=True):
            piece = tokenizer.convert_ids_to_tokens(int(token)).removeprefix("##")
            if start != OUTSIDE and piece != "[UNK]" and context[start:end].isascii():
                assert context[start:end].lower() == piece


def test_long_contexts_are_covered_by_windows_that_share_the_stride(tiny):
    question = replace(tiny.tiny_questions()[0], context="oak stone mill " * 60)
    windows = make_windows(tiny.tiny_tokenizer(), [question], max_length=48, stride=16)
    assert len(windows) > 1
    assert windows.lengths.max() <= 48
    covered = {tuple(span) for spans in windows.offsets for span in spans if span[0] != OUTSIDE}
    words = {
        (i, i + len(w))
        for w in ("oak", "stone", "mill")
        for i in range(len(question.context))
        if question.context.startswith(w + " ", i)
    }
    assert words <= {(int(a), int(b)) for a, b in covered}
    first, second = ([tuple(s) for s in spans if s[0] != OUTSIDE] for spans in windows.offsets[:2])
    assert len(set(first) & set(second)) == 16


def test_a_long_question_is_cut_and_the_context_is_still_read(tiny):
    question = replace(tiny.tiny_questions()[0], text="harbour " * 200 + "?")
    windows = make_windows(tiny.tiny_tokenizer(), [question], max_length=64, stride=8, max_question=10)
    outside = [(spans[:, 0] == OUTSIDE).sum() for spans in windows.offsets]
    assert outside[0] == 10 + 3  # the question, [CLS] and twice [SEP]


@pytest.mark.parametrize("length", [32, 64])
def test_the_target_span_reads_as_the_gold_answer(tiny, length):
    questions = tiny.tiny_questions()
    windows = make_windows(tiny.tiny_tokenizer(), questions, max_length=length, stride=8)
    targets = answer_positions(windows, questions)
    answered = set()
    for (first, last), spans, q in zip(targets, windows.offsets, windows.question_index, strict=True):
        if first == 0:
            assert last == 0
            continue
        gold = questions[q].answers[0]
        assert questions[q].context[spans[first][0] : spans[last][1]] == gold.text
        answered.add(int(q))
    assert answered == {i for i, q in enumerate(questions) if q.answerable}


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60), st.integers(0, 40))
def test_offsets_stay_inside_any_unicode_context(text, position):
    import runpy
    from pathlib import Path

    tiny = _cached(runpy, Path(__file__).parent.parent / "tiny.py")
    context = text[:position] + " boat 🍋 e\u0301 " + text[position:]
    question = replace(
        tiny["tiny_questions"]()[0], context=context, answers=(Answer("boat", context.index("boat")),)
    )
    windows = make_windows(tiny["tiny_tokenizer"](), [question], max_length=64, stride=16)
    for spans in windows.offsets:
        inside = spans[spans[:, 0] != OUTSIDE]
        assert (inside[:, 0] <= inside[:, 1]).all()
        assert (inside <= len(context)).all()
    targets = answer_positions(windows, [question])
    for (first, last), spans in zip(targets, windows.offsets, strict=True):
        if first:
            assert "boat" in context[spans[first][0] : spans[last][1]].lower()


_MODULE: dict = {}


def _cached(runpy, path):
    if not _MODULE:
        _MODULE.update(runpy.run_path(str(path)))
    return _MODULE


def test_a_batch_is_padded_to_its_longest_window_and_masked(tiny):
    windows = make_windows(tiny.tiny_tokenizer(), tiny.tiny_questions(), max_length=64, stride=16)
    longest, shortest = int(np.argmax(windows.lengths)), int(np.argmin(windows.lengths))
    batch = pad_batch(windows, [shortest, longest], pad_id=0)
    assert batch["input_ids"].shape == (2, windows.lengths[longest])
    assert batch["attention_mask"].sum(dim=1).tolist() == [
        windows.lengths[shortest],
        windows.lengths[longest],
    ]
    assert (batch["input_ids"][0][windows.lengths[shortest] :] == 0).all()
