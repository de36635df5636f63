"""How often a probed model is right: per pattern, on average over patterns, and by all patterns together."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robust.probe.probe import Probed
from robust.stats.clustered import clustered_mean
from robust.stats.wilson import wilson


def summarise(probed: Probed) -> dict[str, Any]:
    """Return what a task found, as JSON values; accuracies are fractions, intervals are 95 %.

    ``patterns``: each by itself, Wilson's interval. ``mean``: the mean of their accuracies, its interval
    clustered by item (None where all items fare alike, for then their spread says nothing). ``together``: the
    scores averaged over patterns (PET's ensemble), one answer an item, Wilson's. ``chance`` and
    ``majority`` are what knowing nothing scores. Ties go to the earlier label.
    """
    task = probed.task
    gold = np.array([task.labels.index(item.label) for item in task.items])
    answers = probed.scores.argmax(axis=-1)
    right = (answers == gold).mean(axis=0)
    mean = clustered_mean(right, [str(number) for number in range(len(gold))])
    interval = None
    if mean.low is not None and mean.high is not None:
        interval = [max(0.0, mean.low), min(1.0, mean.high)]
    return {
        "task": task.name,
        "about": task.about,
        "sha256": task.sha256,
        "items": len(task.items),
        "labels": list(task.labels),
        "chance": task.chance,
        "majority": task.majority,
        "patterns": [
            {"pattern": pattern, **_accuracy(own, gold, task.labels)}
            for pattern, own in zip(task.patterns, answers, strict=True)
        ],
        "mean": {"accuracy": mean.mean, "interval": interval},
        "together": _accuracy(probed.scores.mean(axis=0).argmax(axis=-1), gold, task.labels),
        "split_words": probed.split,
    }


def _accuracy(answers: NDArray[np.int64], gold: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Any]:
    right = int((answers == gold).sum())
    said = [labels[answer] for answer in answers]
    return {
        "right": right,
        "accuracy": right / len(gold),
        "interval": wilson(right, len(gold)),
        "said": {label: Counter(said)[label] for label in labels},
        "answers": said,
    }
