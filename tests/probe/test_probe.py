"""A model that learnt a task is right, by other labels it is not; demonstrations and calibration."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from robust.errors import UserError
from robust.probe.frame import make_frames
from robust.probe.outcome import summarise
from robust.probe.probe import Probed, ProbeSettings, calibrated, probe
from robust.probe.prompt import content_free, draw_demonstrations, make_prompt, with_demonstrations
from robust.probe.task import Item, Task
from robust.zoo.masked_lm import LoadedMaskedLM
from tests.probe.small import TASK, category, language_model, model, vocabulary


@pytest.fixture(scope="module")
def learnt() -> tuple[LoadedMaskedLM, Task]:
    """Return a masked LM that was trained, for a second, to fill the gaps of a shipped task."""
    task = category()
    tokenizer = vocabulary(task=task, size=176)  # every word is one token
    lm = LoadedMaskedLM(model("BertForMaskedLM", tokenizer), tokenizer, "learnt")
    cases: dict[int, list[tuple[Any, ...]]] = {}
    for pattern in task.patterns:
        for item in task.items:
            ((frame,),) = make_frames(
                tokenizer, [make_prompt(pattern, item)], [task.verbaliser[item.label][0]]
            )
            cases.setdefault(len(frame.ids), []).append(frame)
    optimiser = torch.optim.AdamW(lm.model.parameters(), lr=1e-2)
    for _ in range(40):
        for frames in cases.values():
            logits = lm.model(input_ids=torch.tensor([f.ids for f in frames])).logits
            asked = logits[range(len(frames)), [f.places[0] for f in frames]]
            loss = torch.nn.functional.cross_entropy(asked, torch.tensor([f.pieces[0] for f in frames]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return lm, task


def rotated(task: Task) -> Task:
    """Return the task with every label replaced by the next one."""
    following = dict(zip(task.labels, (*task.labels[1:], task.labels[0]), strict=True))
    return replace(task, items=tuple(replace(item, label=following[item.label]) for item in task.items))


def test_a_model_that_learnt_the_task_is_right_and_with_other_labels_it_is_not(
    learnt: tuple[LoadedMaskedLM, Task],
) -> None:
    lm, task = learnt
    right = summarise(probe(lm, task))
    assert right["together"]["accuracy"] > 0.9
    assert right["mean"]["accuracy"] > 0.9
    assert right["together"]["interval"][0] > right["majority"]
    wrong = summarise(probe(lm, rotated(task)))
    assert wrong["together"]["accuracy"] < 0.1


def test_calibration_takes_away_a_preference_for_one_word(learnt: tuple[LoadedMaskedLM, Task]) -> None:
    lm, task = learnt
    bias = lm.model.cls.predictions.bias
    word = lm.tokenizer.convert_tokens_to_ids("fish")
    before = bias.detach().clone()
    with torch.no_grad():
        bias[word] += 30
        try:
            raw = summarise(probe(lm, task))
            mended = summarise(probe(lm, task, ProbeSettings(calibrate=True)))
        finally:
            bias.copy_(before)
    assert raw["together"]["said"]["fish"] == len(task.items)
    assert raw["together"]["accuracy"] == task.chance
    assert mended["together"]["accuracy"] > 0.8


def test_the_calibrated_score_is_the_log_ratio_to_the_mean_of_the_twins() -> None:
    scores = np.log(np.array([[0.2, 0.1]]))
    empty = np.log(np.array([[[0.3, 0.1]], [[0.1, 0.1]]]))  # normalised: .75 .25, and .5 .5
    expected = np.log([[(2 / 3) / 0.625, (1 / 3) / 0.375]])
    np.testing.assert_allclose(calibrated(scores, empty), expected)


def test_content_free_twins_fill_every_slot_with_nothing() -> None:
    twins = content_free(TASK.items[0], "<mask>")
    assert [twin.slots["thing"] for twin in twins] == ["N/A", "", "<mask>"]
    assert make_prompt("{thing} is [MASK].", twins[1]).filled("red") == "is red."


@pytest.mark.parametrize("shots", [1, 2])
def test_demonstrations_are_balanced_and_never_the_item_itself(shots: int) -> None:
    for index, item in enumerate(TASK.items):
        shown = draw_demonstrations(TASK, index, shots=shots, seed=3)
        assert Counter(one.label for one in shown) == {"warm": shots, "cold": shots}
        assert item not in shown
        assert len({one.slots["thing"] for one in shown}) == len(shown)
        assert shown == draw_demonstrations(TASK, index, shots=shots, seed=3)
    draws = {str(draw_demonstrations(TASK, 0, shots=shots, seed=seed)) for seed in range(8)}
    assert len(draws) > 1


def test_a_demonstration_is_the_pattern_with_its_word_before_the_prompt() -> None:
    prompt = make_prompt(TASK.patterns[0], TASK.items[0])
    shown = with_demonstrations(prompt, TASK, TASK.patterns[0], [TASK.items[3], TASK.items[1]])
    assert shown.filled("[MASK]") == "So the ice is blue. So the oven is red. So the fire is [MASK]."


def test_shots_change_what_is_asked_and_more_than_there_are_is_refused() -> None:
    lm = language_model()
    none, two = (probe(lm, TASK, ProbeSettings(shots=shots)).scores for shots in (0, 2))
    assert not np.allclose(none, two)
    np.testing.assert_array_equal(two, probe(lm, TASK, ProbeSettings(shots=2)).scores)
    assert not np.allclose(two, probe(lm, TASK, ProbeSettings(shots=2, seed=1)).scores)
    with pytest.raises(UserError, match="--shots 3: task colour has 2 items of label 'warm' beside the one"):
        probe(lm, TASK, ProbeSettings(shots=3))
    with pytest.raises(UserError, match="--shots -1: expected 0 or more"):
        probe(lm, TASK, ProbeSettings(shots=-1))


def test_words_that_are_the_same_to_the_tokenizer_are_refused_for_two_labels_but_not_for_one() -> None:
    lm = language_model()
    with pytest.raises(UserError, match="colour: the words 'Red' of warm and 'red' of cold are the same to"):
        probe(lm, replace(TASK, verbaliser={"warm": ("blue", "Red"), "cold": ("red",)}))
    once, twice = ({"warm": words, "cold": ("blue",)} for words in (("red",), ("red", "Red")))
    np.testing.assert_allclose(
        probe(lm, replace(TASK, verbaliser=twice)).scores,
        probe(lm, replace(TASK, verbaliser=once)).scores,
        atol=1e-5,
    )


@pytest.mark.parametrize("text", ["the [SEP] fire", "[MASK]", "fire[UNK]"])
def test_a_text_that_holds_a_special_token_is_refused(text: str) -> None:
    task = replace(TASK, items=(TASK.items[0], Item({"thing": text}, "cold")))
    with pytest.raises(UserError, match=r"colour: item 2: thing holds '\[.*\]', a special token of this"):
        probe(language_model(), task)
    probe(language_model("RobertaForMaskedLM"), task)  # to it those are letters


def test_figures_are_counted_per_pattern_on_average_and_together() -> None:
    scores = np.zeros((2, 6, 2))
    scores[0, :, 0] = 1  # the first pattern always says warm, the second is right but once, and surer
    scores[1, :3, 0] = 3
    scores[1, 3:5, 1] = 3
    scores[1, 5, 0] = 3
    found = summarise(Probed(TASK, scores, {}))
    assert [row["right"] for row in found["patterns"]] == [3, 5]
    assert found["mean"]["accuracy"] == pytest.approx(8 / 12)
    assert found["together"]["right"] == 5
    assert found["together"]["answers"] == ["warm"] * 3 + ["cold"] * 2 + ["warm"]
    assert found["patterns"][0]["said"] == {"warm": 6, "cold": 0}
    assert (found["chance"], found["majority"]) == (0.5, 0.5)
    low, high = binomtest(5, 6).proportion_ci(0.95, method="wilson")
    assert found["together"]["interval"] == pytest.approx([low, high])
    # the mean of an item is 1, 1, 1, .5, .5, 0: s / sqrt(n) and Student's t with 5 degrees of freedom
    reach = 2.5706 * np.std([1, 1, 1, 0.5, 0.5, 0], ddof=1) / np.sqrt(6)
    assert found["mean"]["interval"] == pytest.approx([8 / 12 - reach, 1.0], abs=1e-4)


def test_items_that_all_fare_alike_give_the_mean_no_interval() -> None:
    scores = np.zeros((2, 6, 2))
    scores[:, :3, 0] = scores[:, 3:, 1] = 1
    found = summarise(Probed(TASK, scores, {}))
    assert found["mean"] == {"accuracy": 1.0, "interval": None}
    assert found["together"]["interval"][0] < 0.7
