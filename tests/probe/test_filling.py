"""A masked LM as a scorer: whole words for gaps, and pseudo-log-likelihoods as by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from robust.attack.scorers import Blank
from robust.probe.filling import Filler, load_filler
from tests.probe.small import KINDS, language_model, saved

TEXT = "So the fire is red."
every_family = pytest.mark.parametrize("family", KINDS)


def gap(text: str, word: str) -> Blank:
    return Blank(text, text.index(word), text.index(word) + len(word))


@every_family
def test_fillings_are_whole_words_likeliest_first_with_their_softmax(family: str) -> None:
    lm = language_model(f"{family}ForMaskedLM")
    filler = Filler(lm, "")
    (found,) = filler.fill([gap(TEXT, "fire")], 5)
    assert found
    assert all(filling.word.isalpha() for filling in found)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    ids = lm.tokenizer(TEXT.replace("fire", lm.tokenizer.mask_token))["input_ids"]
    with torch.no_grad():
        logits = lm.model(input_ids=torch.tensor([ids])).logits[0, ids.index(lm.tokenizer.mask_token_id)]
    number = next(i for i, word in filler.words.items() if word == found[0].word)
    assert found[0].score == pytest.approx(float(logits.log_softmax(-1)[number]), abs=1e-3)


@every_family
def test_no_word_is_the_continuation_of_another(family: str) -> None:
    filler = Filler(language_model(f"{family}ForMaskedLM"), "")
    tokens = [filler._tokenizer.convert_ids_to_tokens(i) for i in filler.words]
    marks = {"Roberta": "Ġ", "Albert": "▁"}
    assert all(token.startswith(marks.get(family, "")) and "##" not in token for token in tokens)
    assert set(filler.words.values()).isdisjoint(filler._tokenizer.all_special_tokens)


@every_family
def test_an_insertion_is_a_gap_of_its_own(family: str) -> None:
    filler = Filler(language_model(f"{family}ForMaskedLM"), "")
    at = TEXT.index("fire")
    inserted, replaced = filler.fill([Blank(TEXT, at, at), Blank(TEXT, at, at + 4)], 3)
    (spaced,) = filler.fill([gap("So the X fire is red.", "X")], 3)
    assert inserted == spaced
    assert inserted != replaced


@every_family
def test_fluency_is_the_mean_log_probability_of_each_token_masked_in_turn(family: str) -> None:
    lm = language_model(f"{family}ForMaskedLM")
    encoded = lm.tokenizer(TEXT, return_special_tokens_mask=True)
    ids = encoded["input_ids"]
    logs = []
    for place, special in enumerate(encoded["special_tokens_mask"]):
        if not special:
            masked = [*ids[:place], lm.tokenizer.mask_token_id, *ids[place + 1 :]]
            with torch.no_grad():
                logits = lm.model(input_ids=torch.tensor([masked])).logits[0, place]
            logs.append(float(logits.log_softmax(-1)[ids[place]]))
    assert Filler(lm, "").fluency([TEXT, ""]) == [pytest.approx(math.fsum(logs) / len(logs), abs=1e-3), 0.0]


@every_family
def test_batches_change_nothing_and_long_texts_are_read_around_the_gap(family: str) -> None:
    lm = language_model(f"{family}ForMaskedLM")
    long = f"{'They painted the oven. ' * 30}So the ice is blue. {'They painted the moon. ' * 30}"
    blanks = [gap(TEXT, "fire"), gap(long, "ice"), gap("red", "red")]
    small, large = Filler(lm, "", batch_tokens=1), Filler(lm, "")
    assert small.fill(blanks, 4) == large.fill(blanks, 4)
    assert small.fluency([TEXT, long]) == large.fluency([TEXT, long])
    assert large.fill([], 4) == []
    assert large.fluency([]) == []


def test_the_sha256_is_that_of_the_weights_and_the_tokenizer_and_of_how_they_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = load_filler(str(saved(tmp_path / "one", "BertForMaskedLM")))
    same = load_filler(str(saved(tmp_path / "same", "BertForMaskedLM")))
    other = load_filler(str(saved(tmp_path / "other", "BertForMaskedLM", seed=1)))
    assert one.sha256 == same.sha256 != other.sha256
    monkeypatch.setattr("robust.probe.filling._VERSION", "filler/2")
    assert load_filler(str(tmp_path / "one")).sha256 != one.sha256
