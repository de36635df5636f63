"""When a reader abstains: where its null odds are above a threshold, and how that threshold is found.

A threshold is the reader's own, a given number, or cross-fitted: for each fifth of the articles the one
that was best on the clean questions of the other four. It is then kept on the perturbed questions. The
best threshold for the very questions that are scored is an oracle, to be shown beside and labelled.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robust.errors import UserError

FOLDS = 5
# null odds never come near these: a threshold of ALWAYS abstains on every question, one of NEVER on none
NEVER = 1e6
ALWAYS = -1e6


Kind = Literal["own", "fixed", "cross-fit", "none"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A threshold for every fold of articles (all alike unless ``kind`` is cross-fit).

    ``kind`` none: the predictions are final, as an outside system gave them.
    """

    kind: Kind
    by_fold: tuple[float, ...]

    def of(self, article: str) -> float:
        """Return the threshold for the questions of an article."""
        return self.by_fold[fold_of(article)]


def in_words(value: float) -> str:
    """Return a threshold as it is told: a number, or what one beyond all null odds does."""
    if value in (ALWAYS, NEVER):
        return "abstaining always" if value == ALWAYS else "never abstaining"
    return f"{value:.2f}"


def is_rule(wanted: str) -> bool:
    """Say whether this is a choice of a threshold: own, cross-fit or a number as text."""
    if wanted in ("own", "cross-fit"):
        return True
    try:
        return math.isfinite(float(wanted))
    except ValueError:
        return False


def check_rule(wanted: str | None) -> None:
    """Raise UserError for what is no choice of a threshold (``is_rule``); None: not given."""
    if wanted is not None and not is_rule(wanted):
        raise UserError(f"--threshold {wanted}: expected own, cross-fit or a number")


def single(value: float, kind: Kind = "fixed") -> Thresholds:
    """Return one threshold for all articles."""
    return Thresholds(kind, (float(value),) * FOLDS)


def fold_of(article: str) -> int:
    """Return the fold (0 to 4) of an article: a hash of its name, whatever other articles there are."""
    return int(hashlib.sha256(article.encode()).hexdigest()[:8], 16) % FOLDS


def best_threshold(
    null_odds: NDArray[np.float64],
    answered: NDArray[np.float64],
    abstained: NDArray[np.float64],
) -> tuple[float, float]:
    """Return (threshold, total score) of the threshold with the highest total.

    Question i scores ``answered[i]`` where ``null_odds[i] <= threshold``, else ``abstained[i]``. The
    threshold lies midway between two odds, so that rounding cannot flip the question it was taken from; of
    equally good ones the highest is returned: where it makes no difference, answer.
    """
    if len(null_odds) == 0:
        raise ValueError("no questions to choose a threshold on")
    order = np.argsort(null_odds, kind="stable")
    odds = null_odds[order]
    totals = np.concatenate(([0.0], np.cumsum(answered[order] - abstained[order]))) + abstained.sum()
    # answering the first k questions is possible only where odds differ between k - 1 and k
    possible = np.concatenate(([True], odds[1:] > odds[:-1], [True]))
    totals = np.where(possible, np.round(totals, 9), -np.inf)
    k = len(totals) - 1 - int(np.argmax(totals[::-1]))
    if k == 0:
        return ALWAYS, float(totals[k])
    if k == len(odds):
        return NEVER, float(totals[k])
    return float((odds[k - 1] + odds[k]) / 2), float(totals[k])


def check_folds(articles: Iterable[str]) -> None:
    """Raise UserError where all articles fall into one fold: a threshold cannot be cross-fitted on them."""
    different = set(articles)
    if len({fold_of(article) for article in different}) < 2:
        raise UserError(
            f"--threshold cross-fit: {len(different)} article(s), all in one fold of {FOLDS}; expected "
            "more, to choose a threshold on the others; give a number: --threshold 0"
        )


def cross_fit(
    articles: Sequence[str],
    null_odds: NDArray[np.float64],
    answered: NDArray[np.float64],
    answerable: NDArray[np.bool_],
) -> Thresholds:
    """Return for each fold the threshold that is best on the clean questions of the other folds.

    Arrays have one entry a clean question; ``answered`` is the score (exact match) of its best span.
    Raises UserError where all articles fall into one fold: then there are no others to choose on.
    """
    check_folds(articles)
    folds = np.asarray([fold_of(article) for article in articles])
    abstained = (~answerable).astype(np.float64)
    values = []
    for fold in range(FOLDS):
        others = folds != fold
        values.append(best_threshold(null_odds[others], answered[others], abstained[others])[0])
    return Thresholds("cross-fit", tuple(values))
