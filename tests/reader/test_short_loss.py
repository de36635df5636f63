"""The screen of a search: which part of a paragraph it reads, and that nothing else changes its losses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from robust.reader import short_loss
from robust.reader.features import OUTSIDE, make_windows
from robust.reader.gold_loss import ReaderLoss
from robust.reader.predict import PredictSettings
from robust.reader.short_loss import ShortLoss, kept_tokens
from robust.reader.threshold import single
from robust.squad.records import Answer, Question

CPU = PredictSettings(device="cpu", dtype="float32")
LONG = (
    "The mill stood on the river. Its wheel was oak. Nobody knows the year. "
    "The monks press pears into a cider called Bell. Forty boats lay in the harbour. The school froze."
)


def about_bell(text: str = "What is the wheel of the mill?") -> Question:
    return Question("q", text, LONG, (Answer("Bell", LONG.index("Bell")),), "T", True, "T:1", "T")


def kept_text(tiny, question: Question, length: int) -> list[str]:
    tokenizer = tiny.tiny_tokenizer()
    windows = make_windows(tokenizer, [question], max_length=10_000, stride=1, max_question=20)
    keep = kept_tokens(question, windows.offsets[0], length)
    assert len(keep) <= length
    assert sorted(set(keep.tolist())) == keep.tolist()
    offsets = windows.offsets[0]
    assert set(np.flatnonzero(offsets[:, 0] == OUTSIDE)) <= set(keep.tolist())
    return [question.context[a:b] for a, b in offsets[keep].tolist() if a != OUTSIDE]


def test_the_sentence_of_the_answer_stays_then_those_that_share_words_with_the_question(tiny):
    question = about_bell()
    everything = kept_text(tiny, question, 10_000)
    for length in range(25, len(everything), 5):
        kept = " ".join(kept_text(tiny, question, length))
        assert "Bell" in kept
    first = {
        word: next(n for n in range(25, 400) if word in "".join(kept_text(tiny, question, n)))
        for word in ("wheel", "mill", "year", "boats")
    }
    assert first["wheel"] < first["year"]
    assert first["mill"] < first["boats"]


def test_a_sentence_too_long_is_cut_around_the_answer(tiny):
    question = replace(about_bell("Who?"), context=LONG.replace(". ", " and "))
    question = replace(question, answers=(Answer("Bell", question.context.index("Bell")),))
    kept = kept_text(tiny, question, 40)
    assert "Bell" in kept
    assert kept[0] != "The"
    assert "".join(kept) in question.context.replace(" ", "")


@pytest.mark.parametrize("context", ["", "   ", "word", "🍋 " * 500])
def test_any_paragraph_is_cut(tiny, context):
    question = Question("q", "Who?", context, (), "T", False, "T:1", "T")
    assert len(kept_text(tiny, question, 40)) <= 40
    (loss,) = ShortLoss(tiny.tiny_reader(), single(0.0), length=40).loss([question])
    assert np.isfinite(loss)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("name", ["bert-tiny", "electra-tiny"])
def test_losses_do_not_depend_on_what_else_is_asked(tiny, monkeypatch, name, quick):
    monkeypatch.setattr(short_loss, "has_quick_bfloat16", lambda kind: quick)
    screen = ShortLoss(tiny.tiny_reader(name), single(0.0), length=48)
    questions = [*tiny.tiny_questions(), about_bell(), about_bell("Who pressed pears at the chapel?")]
    together = screen.loss(questions)
    assert [screen.loss([question])[0] for question in questions] == together
    assert screen.loss(questions[::-1])[::-1] == together
    assert len(set(together)) > 5
    assert screen.loss([]) == []


def test_where_the_paragraph_fits_and_float32_is_used_it_is_the_readers_loss(tiny, monkeypatch):
    monkeypatch.setattr(short_loss, "has_quick_bfloat16", lambda kind: False)
    reader, questions = tiny.tiny_reader(), tiny.tiny_questions()
    # in Chinese marks are no part of an answer
    chinese = Question("z", "谁造了车？", "工人造了“车”。", (Answer("“车”", 4),), "T", True, "T:1", "T")
    questions = [*questions, chinese]
    short = ShortLoss(reader, single(0.5), length=200).loss(questions)
    whole = ReaderLoss(reader, single(0.5), CPU).loss(questions)
    assert short == pytest.approx(whole, abs=0.011)


def test_the_reader_itself_is_left_as_it_is(tiny, monkeypatch):
    monkeypatch.setattr(short_loss, "has_quick_bfloat16", lambda kind: True)
    reader, questions = tiny.tiny_reader(), tiny.tiny_questions()
    before = ReaderLoss(reader, single(0.0), CPU).loss(questions)
    screen = ShortLoss(reader, single(0.0))
    screen.loss(questions)
    assert ReaderLoss(reader, single(0.0), CPU).loss(questions) == before
    assert screen.about["dtype"] == "bfloat16"
    assert screen.sha256 != ShortLoss(reader, single(0.1)).sha256
