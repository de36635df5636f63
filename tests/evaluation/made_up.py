"""Score rows and runs of our own making, small enough to check by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from robust.runs import Run

ARTICLES = ("Harbour", "Mill", "Orchard", "Bridge", "School", "Tower")


def rows(
    clean: Sequence[float],
    perturbed: Sequence[float] = (),
    *,
    model: str = "reader",
    name: str = "safe",
    arm: str = "main",
    seed: int = 0,
) -> pd.DataFrame:
    """Return score rows of questions q0, q1, ... on six articles in turn; every fourth is unanswerable."""
    frames = []
    for condition, scores in (("clean", clean), ("perturbed", perturbed)):
        numbers = range(len(scores))
        em = np.asarray(scores, dtype=float)
        frames.append(
            pd.DataFrame(
                {
                    "model": model,
                    "seed": seed,
                    "set": name,
                    "arm": arm,
                    "condition": condition,
                    "key": [f"{condition} {arm} text {k}" for k in numbers],
                    "id": [f"q{k}" + ("#1" if condition == "perturbed" else "") for k in numbers],
                    "original_id": [f"q{k}" for k in numbers],
                    "article": [ARTICLES[k % 6] for k in numbers],
                    "paragraph_id": [f"{ARTICLES[k % 6]}:{k % 12}" for k in numbers],
                    "answerable": [k % 4 != 3 for k in numbers],
                    "prediction": "words",
                    "em": em,
                    "f1": np.minimum(1.0, em + 0.25),
                    "abstained": em == 0,
                    "span_text": "words",
                    "span_em": em,
                    "span_f1": np.minimum(1.0, em + 0.25),
                    "null_odds": 0.0,
                    "threshold": 1.0,
                    "fold": 0,
                }
            )
        )
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def random_rows(number: int, drop: float, *, questions: int = 120, **about: object) -> pd.DataFrame:
    """Return rows of a reader that is right on about 70 % of clean questions and falls by ``drop``."""
    random = np.random.default_rng(number)
    drawn = random.random(questions)
    clean = drawn < 0.7
    perturbed = clean & (random.random(questions) >= drop / 0.7)
    return rows(clean.astype(float), perturbed.astype(float), **about)  # type: ignore[arg-type]


def run(*frames: pd.DataFrame, summary: Mapping[str, object] | None = None) -> Run:
    """Return a run of these score rows, without predictions."""
    scores = pd.concat(frames, ignore_index=True)
    model = str(scores["model"].iloc[0])
    return Run(
        {"command": "robust eval"}, pd.DataFrame(), scores, dict(summary or {"model": model, "sets": {}})
    )
