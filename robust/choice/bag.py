"""A classifier that reads the warrants alone: logistic regression on their words.

Where it is right more often than chance, the warrants give the answer away: it has seen neither reason nor
claim. Each item is one row, the words of its second warrant minus those of its first (in 1, 0, -1), and the
label is 1 or 0; there is no intercept, so that changing the places of the warrants changes the choice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robust.choice.cues import words_of
from robust.choice.records import Item

# Weight of the squared weights in the loss, of C = 1 in the usual notation.
RIDGE = 1.0
FOLDS = 10
# A score nearer to zero than this is no choice: nothing was known of the warrants' words.
_NOTHING = 1e-9

Floats = NDArray[np.float64]


def fit(items: Sequence[Item]) -> dict[str, float]:
    """Return word -> weight, positive where it speaks for the warrant that has it.

    Minimises sum of log(1 + exp(-y w.x)) + RIDGE/2 |w|^2, y being 1 or -1.
    """
    from scipy.optimize import minimize

    words = sorted(set().union(*(words_of(w) for item in items for w in item.warrants)))
    rows = _rows(items, {word: i for i, word in enumerate(words)})
    signs = np.array([2.0 * item.label - 1.0 for item in items])
    signed = rows * signs[:, None]

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = signed @ weights
        wrong = 1.0 / (1.0 + np.exp(np.clip(margins, -500, 500)))
        value = float(np.logaddexp(0.0, -margins).sum() + RIDGE / 2 * weights @ weights)
        return value, RIDGE * weights - signed.T @ wrong

    found = minimize(loss, np.zeros(len(words)), jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return dict(zip(words, map(float, found.x), strict=True))


def choose(weights: dict[str, float], items: Sequence[Item]) -> list[int | None]:
    """Return the choices; None where the words that differ are all unknown or even out."""
    scores = [
        sum(weights.get(w, 0.0) for w in sorted(words_of(item.warrants[1])))
        - sum(weights.get(w, 0.0) for w in sorted(words_of(item.warrants[0])))
        for item in items
    ]
    return [None if abs(score) < _NOTHING else int(score > 0) for score in scores]


def choose_cross_fitted(items: Sequence[Item]) -> list[int | None]:
    """Return choices by weights that were fitted to the originals of other debates.

    Debates go to FOLDS folds (as many as there are, where there are fewer; items, where there is one debate)
    in the order of a hash of their names. Negated copies are never fitted to, as in the publication.
    """
    one_debate = len({item.cluster for item in items}) < 2
    unit = {item.id: item.original_id if one_debate else item.cluster for item in items}
    names = sorted(set(unit.values()), key=lambda name: hashlib.sha256(name.encode()).digest())
    fold = {name: i % FOLDS for i, name in enumerate(names)}
    chosen: dict[str, int | None] = {}
    for number in sorted(set(fold.values())):
        held = [item for item in items if fold[unit[item.id]] == number]
        others = [item for item in items if fold[unit[item.id]] != number and not item.negated]
        given = choose(fit(others), held) if others else [None] * len(held)
        chosen |= {item.id: choice for item, choice in zip(held, given, strict=True)}
    return [chosen[item.id] for item in items]


def _rows(items: Sequence[Item], places: dict[str, int]) -> Floats:
    rows = np.zeros((len(items), len(places)))
    for row, item in zip(rows, items, strict=True):
        first, second = map(words_of, item.warrants)
        row[[places[word] for word in first - second]] = -1.0
        row[[places[word] for word in second - first]] = 1.0
    return rows
