"""Span decoding against a slow and obvious search, and against awkward text."""

import itertools

import numpy as np
import pytest

from robust.reader.decode import NO_SPAN, WindowSpans, assemble, decode_windows, is_close_call
from robust.reader.features import OUTSIDE, make_windows


def _slow(start, end, offsets, max_answer, top=20):
    """Return every (score, start offset, end offset) of one window, best first, the obvious way."""
    # a token without text (a lone word mark) may begin an answer and end none
    starts = sorted((i for i, (a, _) in enumerate(offsets) if a != OUTSIDE), key=lambda i: (-start[i], i))[
        :top
    ]
    ends = sorted((i for i, (a, b) in enumerate(offsets) if b > a), key=lambda i: (-end[i], i))[:top]
    found = [
        (np.float32(start[s]) + np.float32(end[e]), s, e)
        for s, e in itertools.product(starts, ends)
        if s <= e < s + max_answer
    ]
    return sorted(found, key=lambda item: (-item[0], item[1], item[2]))


def _window(random, tokens, question):
    offsets = np.full((tokens, 2), OUTSIDE, dtype=np.int32)
    place = 0
    for i in range(question, tokens - 1):
        length = int(random.integers(0, 4))  # now and then a token without text
        offsets[i] = place, place + length
        place += length + 1
    return offsets


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("max_answer", [1, 5, 30])
def test_the_grid_finds_what_the_slow_search_finds(seed, max_answer):
    random = np.random.default_rng(seed)
    offsets = [_window(random, int(random.integers(8, 90)), 5) for _ in range(4)]
    length = max(map(len, offsets))
    # few distinct values, so that there are many ties
    start, end = (random.integers(-9, 9, (4, length)).astype(np.float32) for _ in range(2))
    for window, own in zip(decode_windows(start, end, offsets, max_answer=max_answer), offsets, strict=True):
        w = next(i for i, o in enumerate(offsets) if o is own)
        slow = _slow(start[w], end[w], own, max_answer)[:20]
        assert window.scores.tolist() == [float(score) for score, _, _ in slow]
        assert window.starts.tolist() == [own[s, 0] for _, s, _ in slow]
        assert window.ends.tolist() == [own[e, 1] for _, _, e in slow]
        assert window.null == start[w, 0] + end[w, 0]


def test_padding_never_answers():
    offsets = np.array([[-1, -1], [-1, -1], [0, 3], [4, 7], [-1, -1]], dtype=np.int32)
    logits = np.zeros((1, 12), dtype=np.float32)
    logits[0, 5:] = 99.0
    logits[0, 3] = 1.0
    (window,) = decode_windows(logits, logits, [offsets])
    assert (window.starts[0], window.ends[0]) == (4, 7)
    assert window.scores[0] == 2.0
    assert window.peak == 1.0


def _spans(null, *spans):
    scores, starts, ends = zip(*spans, strict=True) if spans else ((), (), ())
    return WindowSpans(
        np.array(scores, np.float32), np.array(starts, np.int32), np.array(ends, np.int32), null, 9.0
    )


CONTEXT = "Edda Marsh built it in 1874."


def test_the_best_span_comes_from_all_windows_and_the_null_score_is_the_least():
    windows = [_spans(3.0, (5.0, 0, 4)), _spans(1.0, (7.0, 0, 10), (2.0, 23, 27)), _spans(2.0, (6.0, 11, 16))]
    prediction = assemble("q", CONTEXT, windows)
    assert prediction.text == "Edda Marsh"
    assert prediction.null_odds == 1.0 - 7.0
    assert [c.text for c in prediction.n_best] == ["Edda Marsh", "built", "Edda", "1874"]


def test_equal_texts_are_listed_once_with_their_best_score():
    windows = [_spans(0.0, (5.0, 0, 4), (4.0, 0, 5)), _spans(0.0, (6.0, 0, 4))]
    (only,) = assemble("q", CONTEXT, windows).n_best
    assert (only.text, only.score) == ("Edda", 6.0)


def test_the_n_best_list_has_its_length():
    spans = [(10.0 - i, i, i + 1) for i in range(20)]
    assert len(assemble("q", "abcdefghijklmnopqrstuvwxyz", [_spans(0.0, *spans)], n_best=7).n_best) == 7


def test_white_space_at_the_ends_is_no_part_of_an_answer():
    # sentencepiece offsets carry the space before a word
    prediction = assemble("q", CONTEXT, [_spans(0.0, (5.0, 4, 10))])
    assert prediction.text == "Marsh"
    assert prediction.n_best[0].start == 5
    assert assemble("q", CONTEXT, [_spans(0.0, (5.0, 4, 5), (4.0, 0, 4))]).text == "Edda"


def test_an_answer_keeps_the_accent_of_its_last_letter():
    # a tokenizer that strips accents says that "e" ends before its combining mark
    assert assemble("q", "Ana's cafe\u0301 is new", [_spans(0.0, (5.0, 6, 10))]).text == "cafe\u0301"


def test_a_question_without_any_span_abstains_whatever_the_threshold():
    prediction = assemble("q", " ", [_spans(0.0)])
    assert (prediction.text, prediction.null_odds, prediction.n_best) == ("", NO_SPAN, ())


def test_close_calls_are_noticed():
    far = [_spans(0.05, (5.0, 0, 4), (4.0, 5, 10))]
    near = [_spans(0.05, (5.0, 0, 4), (5.0 - 1e-6, 5, 10))]
    same_text = [_spans(0.05, (5.0, 0, 4), (5.0 - 1e-6, 0, 5))]
    border = [_spans(0.005, (5.0, 0, 4), (4.0, 5, 10))]
    assert [is_close_call(w, CONTEXT, 1e-6) for w in (far, near, same_text, border)] == [
        False, True, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["bert-tiny", "albert-tiny"])
def test_answers_are_cut_from_the_untouched_context(tiny, name):
    """Every span that any two tokens give is found in the context as it is: case, accents, emoji and all."""
    reader = tiny.tiny_reader(name)
    questions = [q for q in tiny.tiny_questions() if q.article == "Café"]
    windows = make_windows(reader.tokenizer, questions, max_length=200, stride=16)
    context = questions[0].context
    length = int(windows.lengths[0])
    texts = set()
    for first in range(length):
        start, end = np.zeros((1, length), np.float32), np.zeros((1, length), np.float32)
        start[0, first] = end[0, first] = 9.0
        (spans,) = decode_windows(start, end, windows.offsets[:1], max_answer=1)
        texts.add(assemble("q", context, [spans]).text)
    assert "Ana" in texts
    assert "ana" not in texts
    assert "🍋" in texts
    assert any("\u0301" in text for text in texts)
    assert all(text in context for text in texts)
