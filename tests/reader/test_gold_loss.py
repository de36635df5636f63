"""How far the gold answer is behind: against brute force, and never at odds with what is predicted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from robust.reader.decode import NO_SPAN, WindowSpans
from robust.reader.features import make_windows, pad_batch
from robust.reader.gold_loss import ReaderLoss, gold_spans, gold_texts, is_wrong, margin
from robust.reader.predict import PredictSettings, predict
from robust.reader.threshold import single
from robust.squad.metric import normalise_answer, normaliser, score
from robust.squad.records import Answer, Question
from robust.zoo.electra_head import joint_reader

CPU = PredictSettings(device="cpu", dtype="float32")


def joint(tiny):
    plain = tiny.tiny_reader("electra-tiny")
    model = joint_reader(plain.model, seed=5)
    with torch.no_grad():
        model.head.start.weight.mul_(30)
        model.head.end.weight.mul_(30)
        model.head.answerable.weight.mul_(5)
    return dataclasses.replace(plain, model=model)


def readers(tiny):
    return [tiny.tiny_reader(), tiny.tiny_reader(max_length=40, stride=4, max_question=12), joint(tiny)]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_loss_is_above_zero_exactly_where_the_prediction_is_wrong(tiny, which):
    reader = readers(tiny)[which]
    questions = tiny.tiny_questions()
    # half of the questions asked with the answer that the reader gives, so that some are right
    found = predict(reader, questions, CPU)
    agreed = [
        dataclasses.replace(
            q, id=f"{q.id}+", answers=(Answer(p.text, q.context.index(p.text)),), answerable=True
        )
        for q, p in zip(questions, found, strict=True)
    ]
    every = [*questions, *agreed]
    predictions = predict(reader, every, CPU)
    seen = set()
    for threshold in (-1e6, *np.quantile([p.null_odds for p in predictions], [0.3, 0.6]), 1e6):
        given = {p.id: "" if p.null_odds > threshold else p.text for p in predictions}
        right = score(every, given).em == 1
        losses = np.asarray(ReaderLoss(reader, single(float(threshold)), CPU).loss(every))
        assert np.array_equal(losses > 0, ~right)
        seen |= set(right.tolist())
    assert seen == {True, False}


def test_a_chinese_answer_is_right_without_its_marks_in_a_search_as_in_the_score(tiny):
    reader = tiny.tiny_reader()
    context = "《，。》（、）“林”《”广，“平。》建、于“《河》”（，边）。" * 2
    questions = [
        dataclasses.replace(tiny.tiny_questions()[0], id=str(k), text="何" * k + "？", context=context)
        for k in range(1, 9)
    ]
    found = predict(reader, questions, CPU)
    golds = [f"“{p.text}”" if k % 2 else f"{p.text}河" for k, p in enumerate(found)]
    asked = [
        dataclasses.replace(q, answers=(Answer(gold, 0),), answerable=True)
        for q, gold in zip(questions, golds, strict=True)
    ]
    right = score(asked, {q.id: p.text for q, p in zip(asked, found, strict=True)}).em == 1
    assert right.tolist() == [False, True] * 4
    losses = ReaderLoss(reader, single(1e6), CPU).loss(asked)
    assert [loss > 0 for loss in losses] == (~right).tolist()
    assert gold_texts(asked[1]) == {normaliser(asked[1].text)(found[1].text)}


def test_the_gold_answer_is_weighed_as_brute_force_does(tiny):
    reader = tiny.tiny_reader(max_length=128)
    loss = ReaderLoss(reader, single(0.5), CPU)
    for question in tiny.tiny_questions():
        windows = make_windows(reader.tokenizer, [question], max_length=128, stride=16, max_question=32)
        assert len(windows) == 1
        batch = pad_batch(windows, [0], 0)
        with torch.inference_mode():
            output = reader.model(
                input_ids=batch["input_ids"],
                attention_mask=batch["attention_mask"],
                token_type_ids=batch["token_type_ids"],
            )
        start, end = output.start_logits[0].numpy(), output.end_logits[0].numpy()
        spans = {True: -np.inf, False: -np.inf}
        offsets = windows.offsets[0]
        golds = {normalise_answer(a.text) for a in question.answers}
        for i in range(len(offsets)):
            for j in range(i, min(i + 30, len(offsets))):
                if offsets[i, 0] >= 0 and offsets[j, 0] >= 0:
                    text = normalise_answer(question.context[offsets[i, 0] : offsets[j, 1]])
                    spans[text in golds] = max(spans[text in golds], start[i] + end[j])
        null = start[0] + end[0] - 0.5
        answered = max(spans[False], null) - spans[True]
        expected = answered if question.answerable else spans[False] - null
        assert loss.loss([question])[0] == pytest.approx(expected, abs=0.0051)


def test_losses_do_not_depend_on_what_else_is_asked(tiny):
    for reader in readers(tiny):
        questions = tiny.tiny_questions()
        together = ReaderLoss(reader, single(0.0), CPU).loss(questions)
        small = dataclasses.replace(CPU, batch_tokens=1)
        alone = [ReaderLoss(reader, single(0.0), small).loss([q])[0] for q in questions]
        assert together == alone


def test_a_gold_span_is_whatever_the_metric_takes_for_the_answer():
    context = "the Old  Queen, or an old queen."
    words = ["the", "Old", "Queen", ",", "or", "an", "old", "queen", "."]
    places, last = [], 0
    for word in words:
        start = context.index(word, last)
        last = start + len(word)
        places.append((start, last))
    found = gold_spans(np.asarray(places, dtype=np.int32), context, frozenset({"old queen"}), 4)
    texts = [words[i : j + 1] for i, j in found.tolist()]
    assert texts == [
        ["the", "Old", "Queen"],
        ["the", "Old", "Queen", ","],
        ["Old", "Queen"],
        ["Old", "Queen", ","],
        ["an", "old", "queen"],
        ["an", "old", "queen", "."],
        ["old", "queen"],
        ["old", "queen", "."],
    ]


def spans(*scored, null, target=-np.inf):
    scores, starts, ends = (np.asarray(column) for column in zip(*scored, strict=True))
    return WindowSpans(scores.astype(np.float32), starts, ends, null, 9.0, target=target)


def test_abstaining_is_a_wrong_answer_to_what_has_one_and_the_right_one_to_what_has_none():
    context = "red or blue"
    found = [spans((4.0, 0, 3), (3.0, 7, 11), null=3.5, target=4.0)]
    gold = frozenset({"red"})
    # null odds are 3.5 - 4 = -0.5
    assert margin(context, found, gold, 0.0) == pytest.approx(-0.5)  # null is the nearest rival
    assert margin(context, found, gold, -0.75) == pytest.approx(0.25)  # and wins
    assert margin(context, found, gold, 2.0) == pytest.approx(-1.0)  # then "blue" is nearest
    assert margin(context, found, frozenset({""}), 0.0) == pytest.approx(0.5)
    assert margin(context, found, frozenset({""}), -0.75) == pytest.approx(-0.25)
    assert is_wrong(context, found, gold, -0.75)
    assert not is_wrong(context, found, frozenset({""}), -0.75)


def test_of_several_windows_the_best_span_and_the_least_null_count():
    context = "red or blue"
    found = [spans((1.0, 0, 3), null=9.0, target=1.0), spans((3.0, 7, 11), null=0.0, target=2.0)]
    assert margin(context, found, frozenset({"red"}), 0.0) == pytest.approx(1.0)


def test_what_cannot_be_answered_at_all_has_the_greatest_loss():
    nothing = [WindowSpans(np.empty(0, np.float32), np.empty(0, np.int32), np.empty(0, np.int32), 1.0, 1.0)]
    assert margin("", nothing, frozenset({"red"}), 0.0) == NO_SPAN
    assert margin("", nothing, frozenset({""}), 0.0) == -NO_SPAN


def test_gold_texts_are_normalised_and_none_means_abstain():
    answers = (Answer("The Queen", 0), Answer("queen", 4))
    question = Question("q", "?", "The Queen", answers, "T", True, "T:1", "T")
    assert gold_texts(question) == {"queen"}
    assert gold_texts(dataclasses.replace(question, answers=(), answerable=False)) == {""}
