"""Scores are what a hand calculation on transformers' own logits gives, for one piece and for several."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from robust.errors import UserError
from robust.probe.frame import make_frames
from robust.probe.probe import ProbeSettings, label_scores, probe
from robust.probe.prompt import Prompt, make_prompt
from robust.probe.score import word_scores
from robust.probe.task import Item, Task
from tests.probe.small import KINDS, TASK, language_model, vocabulary


def softmax_at(lm: Any, ids: list[int], place: int) -> np.ndarray:
    """Return the probabilities (vocabulary,) at one place, by numpy, from transformers' own forward pass."""
    with torch.no_grad():
        logits = lm.model(input_ids=torch.tensor([ids])).logits[0, place].double().numpy()
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.mark.parametrize("family", KINDS)
def test_a_word_of_one_token_has_its_softmax_probability_at_the_mask(family: str) -> None:
    lm = language_model(f"{family}ForMaskedLM")
    prompt = Prompt("So ", " fire is red.")
    word = "the"
    ids = lm.tokenizer(prompt.filled(word))["input_ids"]
    (own,) = [
        i for i, piece in enumerate(lm.tokenizer.convert_ids_to_tokens(ids)) if piece.strip("Ġ▁") == word
    ]
    token = ids[own]
    ids[own] = lm.tokenizer.mask_token_id
    found, pieces = word_scores(lm, [prompt], [word])
    assert pieces.tolist() == [[1]]
    assert found[0, 0] == pytest.approx(math.log(softmax_at(lm, ids, own)[token]), abs=1e-5)


def test_the_mask_stands_where_berts_own_tokenizer_puts_it() -> None:
    lm = language_model()
    prompt = make_prompt(TASK.patterns[0], TASK.items[0])
    assert (
        list(make_frames(lm.tokenizer, [prompt], ["red"])[0][0].ids)
        == (lm.tokenizer("So the fire is [MASK].")["input_ids"])
    )


def test_a_word_in_pieces_is_filled_in_likeliest_piece_first() -> None:
    lm = language_model()
    prompt = Prompt("So the fire is ", ".")
    word = "redeb"
    pieces = lm.tokenizer.convert_tokens_to_ids(lm.tokenizer.tokenize(word))
    assert len(pieces) >= 2
    mask = lm.tokenizer.mask_token_id
    ids = lm.tokenizer("So the fire is [MASK].")["input_ids"]
    start = ids.index(mask)
    ids[start : start + 1] = [mask] * len(pieces)
    expected, waiting = 0.0, dict(enumerate(pieces, start))
    while waiting:
        chances = {place: softmax_at(lm, ids, place)[piece] for place, piece in waiting.items()}
        best = max(chances, key=lambda place: chances[place])
        expected += math.log(chances[best])
        ids[best] = waiting.pop(best)
    found, counts = word_scores(lm, [prompt], ["red", word])
    assert counts.tolist() == [[1, len(pieces)]]
    assert found[0, 1] == pytest.approx(expected, abs=1e-5)


def test_a_space_that_belongs_to_the_word_is_masked_with_it() -> None:
    tokenizer = vocabulary("bpe")
    (frame,) = make_frames(tokenizer, [Prompt("They painted ", " fire in red.")], ["the"])[0]
    tokens = tokenizer.convert_ids_to_tokens(frame.ids)
    assert "Ġ" not in tokens
    assert tokens.count("<mask>") == 1
    assert tokenizer.convert_ids_to_tokens(frame.pieces) == ["Ġthe"]


def test_a_space_that_is_a_token_of_its_own_counts_as_a_piece() -> None:
    tokenizer = vocabulary("bpe", size=266)
    (frame,) = make_frames(tokenizer, [Prompt("They painted the ", " in red.")], ["fire"])[0]
    assert tokenizer.convert_ids_to_tokens(frame.pieces) == ["Ġ", "f", "i", "r", "e"]


def test_where_a_vocabulary_joins_a_word_with_a_full_stop_all_words_stand_between_spaces() -> None:
    special = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    scores = {"▁it": -1.0, "▁is": -1.0, "▁red.": -1.0, "▁red": -1.5, "▁blue": -1.0, "▁": -3.0, ".": -3.0}
    backend = Tokenizer(models.Unigram([*((t, 0.0) for t in special), *scores.items()], unk_id=1))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", mask_token="[MASK]")
    assert tokenizer.tokenize("it is red.") == ["▁it", "▁is", "▁red."]
    frames = make_frames(tokenizer, [Prompt("it is ", ".")], ["red", "blue"])[0]
    for frame, word in zip(frames, ("▁red", "▁blue"), strict=True):
        assert tokenizer.convert_ids_to_tokens(frame.ids) == ["▁it", "▁is", "[MASK]", "▁", "."]
        assert tokenizer.convert_ids_to_tokens(frame.pieces) == [word]


def test_a_word_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(UserError, match="verbaliser word 'ж': not in this tokenizer's alphabet"):
        word_scores(language_model(), [Prompt("So it is ", ".")], ["ж"])


@pytest.mark.parametrize("family", KINDS)
def test_a_word_that_holds_a_special_token_is_refused(family: str) -> None:
    lm = language_model(f"{family}ForMaskedLM")
    for word in (lm.tokenizer.mask_token, f"blue{lm.tokenizer.sep_token}"):
        with pytest.raises(UserError, match=r"holds .*, a special token of this tokenizer; choose"):
            word_scores(lm, [Prompt("So it is ", ".")], ["red", word])


def test_a_prompt_longer_than_the_model_is_refused_before_it_is_asked() -> None:
    lm = language_model(positions=10)
    with pytest.raises(UserError, match="the model 10 positions; give fewer --shots"):
        probe(lm, TASK, ProbeSettings(shots=1))


def test_batches_do_not_change_scores_and_the_same_question_has_the_same_answer() -> None:
    lm = language_model()
    prompts = [make_prompt(pattern, item) for pattern in TASK.patterns for item in TASK.items]
    words = ["red", "blue", "redeb"]
    one, _ = word_scores(lm, prompts, words, batch_tokens=1)
    many, _ = word_scores(lm, prompts, words)
    np.testing.assert_allclose(one, many, atol=1e-5)
    np.testing.assert_array_equal(many, word_scores(lm, prompts, words)[0])
    backwards, _ = word_scores(lm, prompts[::-1], words)
    np.testing.assert_allclose(backwards[::-1], many, atol=1e-5)


def test_a_label_of_several_words_has_the_log_of_their_mean_probability() -> None:
    task = Task("t", "", ("{a} [MASK].",), {"x": ("p", "q"), "y": ("r",)}, (Item({"a": "b"}, "x"),))
    found = label_scores(np.log(np.array([[0.1, 0.3, 0.25]])), task)
    np.testing.assert_allclose(np.exp(found), [[0.2, 0.25]])
