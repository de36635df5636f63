"""Perturbed rows beside the clean rows of their questions, as arrays: what every breakdown counts over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from robust.evaluation.scores import CLEAN, PERTURBED
from robust.stats.clustered import ClusteredMean, clustered_mean_coded

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]

_SCORES = ("em", "f1", "span_em", "span_f1", "abstained", "null_odds", "threshold")


class BreakdownRow(NamedTuple):
    """One figure of one level of a breakdown, with its 95 % interval by article.

    ``questions`` are those it is a mean over, ``clusters`` their articles; ``low`` and ``high`` are None
    where there are fewer than two, where all questions have the same value, or where the figure is no mean.
    """

    breakdown: str
    level: str
    figure: str
    value: float
    low: float | None
    high: float | None
    questions: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """The score rows of one set and arm: one row a variant and seed, with the clean scores of its question.

    One entry a question: ``questions`` (original ids), ``article`` (numbered from 0), ``fold``,
    ``answerable``. One a variant: ``variants`` (ids), ``source`` (the number of its question). One a row:
    the numbers of its ``question``, ``variant`` and ``seed``, and its scores by column, ``clean`` and
    ``perturbed``: em, f1, span_em, span_f1, abstained in [0, 1], null_odds and threshold in logits (NaN where
    predictions are final).
    """

    questions: NDArray[np.object_]
    article: Codes
    fold: Codes
    answerable: Flags
    variants: NDArray[np.object_]
    source: Codes
    question: Codes
    variant: Codes
    seed: Codes
    clean: dict[str, Floats]
    perturbed: dict[str, Floats]

    def same_variants(self, other: Pairs) -> bool:
        """Say whether both are of the same variants of the same questions, numbered alike."""
        return (
            np.array_equal(self.questions, other.questions)
            and np.array_equal(self.variants, other.variants)
            and np.array_equal(self.source, other.source)
        )

    def of_half(self, half: str) -> Flags:
        """Return which rows are of a half: HasAns, NoAns, or all of them ("")."""
        answerable = self.answerable[self.question]
        return answerable if half == "HasAns" else ~answerable if half else np.ones_like(answerable)

    def drop(self, column: str) -> Floats:
        """Return clean minus perturbed of a score column, in points, one a row."""
        return 100 * (self.clean[column] - self.perturbed[column])

    def by_question(self, values: Floats, rows: Flags) -> tuple[Floats, Codes]:
        """Return (mean, question) of each question that has any of ``rows``: its mean over them."""
        inside = self.question[rows]
        counts = np.bincount(inside, minlength=len(self.questions))
        sums = np.bincount(inside, weights=values[rows], minlength=len(self.questions))
        kept = np.flatnonzero(counts)
        return sums[kept] / counts[kept], kept

    def mean(self, values: Floats, rows: Flags) -> tuple[ClusteredMean, int] | None:
        """Return the mean over the questions that have any of ``rows``, and their number; None without."""
        means, kept = self.by_question(values, rows)
        if not len(kept) or np.isnan(means).any():
            return None
        return clustered_mean_coded(means, self.article[kept]), len(kept)


def find(
    pairs: Pairs, values: Floats, rows: Flags, *, breakdown: str, level: str, figure: str
) -> list[BreakdownRow]:
    """Return the mean of ``values``, one a row, over the questions of ``rows``; nothing without any."""
    found = pairs.mean(values, rows)
    return [breakdown_row(breakdown, level, figure, *found)] if found else []


def breakdown_row(
    breakdown: str, level: str, figure: str, found: ClusteredMean, questions: int
) -> BreakdownRow:
    """Return a clustered mean as a row of the breakdown."""
    return BreakdownRow(
        breakdown, level, figure, found.mean, found.low, found.high, questions, found.clusters
    )


def pair_rows(rows: pd.DataFrame) -> Pairs:
    """Return the pairs of one set's and arm's score rows (any number of seeds), in their order."""
    import pandas as pd

    clean = rows[rows["condition"] == CLEAN]
    perturbed = rows[rows["condition"] == PERTURBED]
    one = clean[clean["seed"] == clean["seed"].iloc[0]]
    questions = one["original_id"].to_numpy(dtype=object)
    order = pd.Index(questions)
    seeds = pd.Index(clean["seed"].unique())
    where = np.empty((len(seeds), len(questions)), dtype=np.intp)
    where[seeds.get_indexer(clean["seed"]), order.get_indexer(clean["original_id"])] = np.arange(len(clean))
    question = order.get_indexer(perturbed["original_id"])
    seed = seeds.get_indexer(perturbed["seed"])
    beside = where[seed, question]
    variant, variants = pd.factorize(perturbed["id"])
    source = np.empty(len(variants), dtype=np.intp)
    source[variant] = question
    article, _ = pd.factorize(one["article"])
    before = {name: clean[name].to_numpy(dtype=np.float64)[beside] for name in _SCORES}
    after = {name: perturbed[name].to_numpy(dtype=np.float64) for name in _SCORES}
    return Pairs(
        questions,
        article,
        one["fold"].to_numpy(dtype=np.intp),
        one["answerable"].to_numpy(dtype=bool),
        np.asarray(variants, dtype=object),
        source,
        question,
        variant,
        seed,
        before,
        after,
    )
