"""A task put to a model: label scores of every item under every pattern, calibrated if asked.

A label's score is the log of the mean probability of its words (one word: its log-probability). The
calibrated score subtracts what the label gets where the slots say nothing (Zhao et al. 2021, "Calibrate
before use", ICML, section 5): with p the label scores normalised over the labels, it is
log p(item) - log of the mean p over the content-free twins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError
from robust.probe.frame import make_frames
from robust.probe.prompt import Prompt, content_free, draw_demonstrations, make_prompt, with_demonstrations
from robust.probe.score import word_scores
from robust.probe.task import Item, Task
from robust.zoo.masked_lm import LoadedMaskedLM

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """How to ask: ``shots`` demonstrations of each label before the prompt, drawn by ``seed``; calibrated?"""

    shots: int = 0
    seed: int = 0
    calibrate: bool = False


@dataclass(frozen=True, slots=True)
class Probed:
    """Label scores (patterns, items, labels), higher is likelier, and the words that came in several pieces.

    ``split`` maps such a word to its (largest) number of pieces.
    """

    task: Task
    scores: Scores
    split: dict[str, int]


def probe(
    lm: LoadedMaskedLM,
    task: Task,
    settings: ProbeSettings | None = None,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Probed:
    """Return the label scores of every item of ``task``; the same settings give the same prompts.

    ``progress(done, total)`` counts patterns. Raises UserError for fewer than 0 shots or more than the task
    has items for, items that hold a special token, words of two labels that are one to the tokenizer, and as
    ``score.word_scores`` does.
    """
    asked = settings or ProbeSettings()
    _check_texts(lm.tokenizer, task)
    if asked.shots < 0:
        raise UserError(f"--shots {asked.shots}: expected 0 or more")
    shown = [draw_demonstrations(task, i, shots=asked.shots, seed=asked.seed) for i in range(len(task.items))]
    words = [word for label in task.labels for word in task.verbaliser[label]]
    scores = np.empty((len(task.patterns), len(task.items), len(task.labels)))
    split: dict[str, int] = {}
    for number, pattern in enumerate(task.patterns):

        def prompts(items: Sequence[Item], pattern: str = pattern) -> list[Prompt]:
            made = (make_prompt(pattern, item) for item in items)
            return [
                with_demonstrations(one, task, pattern, before)
                for one, before in zip(made, shown, strict=True)
            ]

        first, *_ = prompts(task.items)
        _check_words(lm.tokenizer, task, first)
        found, pieces = word_scores(lm, prompts(task.items), words)
        scores[number] = label_scores(found, task)
        if asked.calibrate:
            twins = zip(*(content_free(item, lm.tokenizer.mask_token) for item in task.items), strict=True)
            empty = [label_scores(word_scores(lm, prompts(kind), words)[0], task) for kind in twins]
            scores[number] = calibrated(scores[number], np.array(empty))
        for word, count in zip(words, pieces.max(axis=0), strict=True):
            if count > 1:
                split[word] = max(int(count), split.get(word, 0))
        progress(number + 1, len(task.patterns))
    return Probed(task, scores, split)


def label_scores(words: Scores, task: Task) -> Scores:
    """Return (items, labels) from the log-probabilities of all words (items, words), label by label."""
    columns = []
    first = 0
    for label in task.labels:
        count = len(task.verbaliser[label])
        columns.append(np.logaddexp.reduce(words[:, first : first + count], axis=1) - np.log(count))
        first += count
    return np.stack(columns, axis=1)


def calibrated(scores: Scores, empty: Scores) -> Scores:
    """Return scores (items, labels) less the prior that ``empty`` (twins, items, labels) gives the labels."""
    prior = np.logaddexp.reduce(_normalised(empty), axis=0) - np.log(len(empty))
    return np.asarray(_normalised(scores) - prior)


def _check_texts(tokenizer: Any, task: Task) -> None:
    """Raise UserError where an item's text would be read as a special token."""
    for number, item in enumerate(task.items, 1):
        for slot, text in item.slots.items():
            if held := next((token for token in tokenizer.all_special_tokens if token in text), None):
                raise UserError(
                    f"task {task.name}: item {number}: {slot} holds {held!r}, a special token of this "
                    "tokenizer; take it out"
                )


def _check_words(tokenizer: Any, task: Task, prompt: Prompt) -> None:
    """Raise UserError where two labels have a word in common for the tokenizer: they would always tie."""
    words = [(word, label) for label in task.labels for word in task.verbaliser[label]]
    (frames,) = make_frames(tokenizer, [prompt], [word for word, _ in words])
    owner: dict[tuple[int, ...], tuple[str, str]] = {}
    for (word, label), frame in zip(words, frames, strict=True):
        other, its = owner.setdefault(frame.pieces, (word, label))
        if its != label:
            raise UserError(
                f"task {task.name}: the words {other!r} of {its} and {word!r} of {label} are the same to "
                "this tokenizer; choose another word"
            )


def _normalised(scores: Scores) -> Scores:
    return np.asarray(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
