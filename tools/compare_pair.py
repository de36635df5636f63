"""Print how two readers fell on the same questions, and whether one fell further: a markdown table.

    python tools/compare_pair.py RUN RUN

Of answerable questions; drops are clean minus perturbed, in points; the difference of drops is taken question
by question (the first run's minus the second's). Intervals are 95 %, clustered by article.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from robust.errors import UserError
from robust.runs import read_run
from robust.stats.clustered import clustered_mean

FIGURES = {
    "span_em": "EM, best span (null off)",
    "span_f1": "F1, best span",
    "em": "EM",
    "abstained": "abstained",
}


def drops(run: Path) -> pd.DataFrame:
    """Return clean and drop of every figure (in points) and the article, by original question."""
    scores = read_run(run).scores
    scores = scores[scores.answerable & (scores.arm == "main")]
    by = ["original_id", "article"]
    clean, perturbed = (
        scores[scores.condition == condition].groupby(by)[list(FIGURES)].mean() * 100
        for condition in ("clean", "perturbed")
    )
    return clean.join((clean - perturbed).add_suffix("_drop")).reset_index()


def told(values: pd.Series, articles: pd.Series) -> str:
    """Return a mean with its interval."""
    found = clustered_mean(np.asarray(values, np.float64), articles.tolist())
    return f"{found.mean:.1f}" + ("" if found.low is None else f" [{found.low:.1f}, {found.high:.1f}]")


def main(first: Path, second: Path) -> None:
    """Print the table."""
    one, other = drops(first), drops(second)
    if one.original_id.tolist() != other.original_id.tolist():
        raise UserError(f"{first}, {second}: not of the same questions; evaluate both on one set")
    articles = one.article
    print(f"{len(one)} answerable questions, {articles.nunique()} articles\n")
    print(f"| figure | {first.name}: clean | drop | {second.name}: clean | drop | difference of drops |")
    print("|---|---|---|---|---|---|")
    for figure, label in FIGURES.items():
        name = f"{figure}_drop"
        cells = [f"{one[figure].mean():.1f}", told(one[name], articles)]
        cells += [f"{other[figure].mean():.1f}", told(other[name], articles)]
        print(f"| {label} | {' | '.join(cells)} | {told(one[name] - other[name], articles)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
