"""How a search fared: attack success, accuracy under attack, queries and edits, from its rows alone.

A row of ``search.parquet`` is a question: question_id, strategy, article, answerable, clean_right, success,
loss_before, loss_after, queries (texts that the reader was asked), repeated, places, screened (texts that a
screen was asked), candidates (texts that either was asked beside the question itself, looks that can be no
outcome among them) and edits (of the worst candidate; 0 where there was none). Rates are over
the questions that were right when clean; those without a candidate are among them, as failures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robust.stats.share import share_interval

if TYPE_CHECKING:
    import pandas as pd


def figures(rows: pd.DataFrame, budget: int) -> dict[str, Any]:
    """Return the figures of a search as JSON values; shares in [0, 1], intervals clustered by article."""
    attacked = rows[rows["clean_right"]]
    won = attacked[attacked["success"]]
    tried = attacked[attacked["edits"] > 0]
    halves = {
        name: _rate(part["success"], part["article"])
        for name, part in (
            ("HasAns", attacked[attacked["answerable"]]),
            ("NoAns", attacked[~attacked["answerable"]]),
        )
    }
    return {
        "questions": len(rows),
        "clean_right": len(attacked),
        "with_candidates": len(tried),
        "successes": len(won),
        "success_rate": _rate(attacked["success"], attacked["article"]),
        "success_rate_with_candidates": _rate(tried["success"], tried["article"]),
        **halves,
        "accuracy_clean": _rate(rows["clean_right"], rows["article"]),
        "accuracy_under_attack": _rate(rows["clean_right"] & ~rows["success"], rows["article"]),
        "queries": _spread(attacked["queries"]),
        "queries_of_successes": _spread(won["queries"]),
        "screened": _spread(attacked["screened"]),
        "repeated": int(attacked["repeated"].sum()),
        "edits_of_successes": _spread(won["edits"]),
        "edit_curve": _curve(attacked, "edits", sorted(set(won["edits"]))),
        "query_curve": _curve(attacked, "queries", _steps(budget)),
    }


def _rate(values: pd.Series[Any], articles: pd.Series[Any]) -> dict[str, Any] | None:
    """Return a share with its interval, clustered by article; None where there is no question."""
    if not len(values):
        return None
    shares, names = values.to_numpy(dtype=np.float64), [str(article) for article in articles]
    low, high = share_interval(shares, names) or (None, None)
    return {
        "rate": round(float(shares.mean()), 6),
        "low": None if low is None else round(low, 6),
        "high": None if high is None else round(high, 6),
        "clusters": len(set(names)),
    }


def _spread(values: pd.Series[Any]) -> dict[str, float] | None:
    if not len(values):
        return None
    return {"mean": round(float(values.mean()), 4), "median": float(values.median())}


def _steps(budget: int) -> list[int]:
    """Return 2, 4, 8 ... and the budget: the question as it is takes the first query."""
    steps = [2**k for k in range(1, 20) if 2**k < budget]
    return [*steps, budget]


def _curve(attacked: pd.DataFrame, column: str, steps: list[int]) -> list[dict[str, Any]]:
    """Return for each step the share of attacked questions that were lost with so many or fewer."""
    success: NDArray[np.bool_] = attacked["success"].to_numpy(dtype=np.bool_)
    spent = attacked[column].to_numpy()
    points = []
    for step in steps:
        lost = attacked["success"] & (spent <= step) if len(success) else attacked["success"]
        rate = _rate(lost, attacked["article"])
        points.append({column: int(step), **(rate or {})})
    return points
