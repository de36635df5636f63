"""Two readers on the same questions: each one's drop, and their difference, with all that is said of it.

Values are points, one a question, the mean over its variants and over seeds; intervals are clustered by
article, with seeds as a further level beside (``robust.stats.seeds``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from robust.errors import UserError
from robust.evaluation.compare import Answered
from robust.evaluation.estimate import Clusters, Estimate, Values, estimate
from robust.evaluation.over_seeds import mean_over_seeds, pair_seeds, spread_over_seeds
from robust.evaluation.paired import FIGURES, select
from robust.evaluation.same_questions import check_same
from robust.evaluation.scores import CLEAN, PERTURBED
from robust.stats.seeds import spread_of

if TYPE_CHECKING:
    import pandas as pd

# the drop of this decides: nothing about a threshold can move it
OUTCOME = "HasAns_span_exact"
# fewer answerable questions than this have no test
LEAST_QUESTIONS = 100


@dataclass(frozen=True, slots=True)
class Contrast:
    """What each of two readers has, and the first's less the second's."""

    own: Mapping[str, Estimate]
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """Two readers' answers to one set and arm; every figure is taken over the same questions."""

    names: tuple[str, str]
    answered: Mapping[str, Answered]

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame], name: str, arm: str = "main") -> Compared:
        """Return the answers of two readers to an arm of a set, from their score rows.

        Raises UserError where one has none, or they were not asked the same.
        """
        first, second = frames
        own_rows = {
            reader: rows[(rows["set"] == name) & (rows["arm"] == arm)] for reader, rows in frames.items()
        }
        parts = {}
        for reader, own in own_rows.items():
            if not (own["condition"] == PERTURBED).any():
                raise UserError(
                    f"{reader}: no rewritten questions of {name}, arm {arm}, in its run; evaluate it anew"
                )
            parts[reader] = Answered.of(own)
        check_same(own_rows, name)
        return cls((first, second), parts)

    def questions(self, half: str = "") -> pd.Index[str]:
        """Return the ids of a half's questions."""
        return select(self.answered[self.names[0]].clean, half).index

    def clusters(self, index: pd.Index[str]) -> Clusters:
        """Return the article and the paragraph of each question in ``index``."""
        own = self.answered[self.names[0]].clean.loc[index]
        return Clusters.of(own)

    def contrast(
        self,
        kind: str,
        figure: str = OUTCOME,
        *,
        within: pd.Index[str] | None = None,
        sign: float = 1.0,
        test: bool = True,
    ) -> Contrast:
        """Return a figure's score or drop (``kind``): each reader's, and the first's less the second's.

        ``within`` takes these questions alone; ``sign`` -1 turns a drop into a rise.
        """
        column, half = FIGURES[figure]
        index = self.questions(half)
        index = index if within is None else index.intersection(within)
        return self.contrast_by(lambda one: sign * one.values(kind, column, index), index, test=test)

    def contrast_by(
        self, values: Callable[[Answered], Values], index: pd.Index[str], *, test: bool = True
    ) -> Contrast:
        """Return what ``values`` makes of each reader's answers to ``index``, and the difference.

        It is asked for all seeds together, and for each alone, which gives the spread.
        """
        every = {name: values(one) for name, one in self.answered.items()}
        spreads = {name: one.spread(values) for name, one in self.answered.items()}
        return contrast_of(every, spreads, self.clusters(index), test=test)


def contrast_of(
    values: Mapping[str, Values],
    spreads: Mapping[str, tuple[float, int]],
    clusters: Clusters,
    *,
    test: bool = True,
) -> Contrast:
    """Return what each of two readers' values say, and their difference.

    ``spreads`` has each one's ``spread_of``.
    """
    first, second = values
    test = test and len(values[first]) >= LEAST_QUESTIONS
    own = {name: estimate(one, clusters, test=test, spread=[spreads[name]]) for name, one in values.items()}
    gap = estimate(
        values[first] - values[second], clusters, test=test, spread=[spreads[first], spreads[second]]
    )
    return Contrast(own, gap)


def share_lost(compared: Compared, figure: str = OUTCOME) -> Contrast | None:
    """Return what share of its clean score each reader loses, in percent, and the difference of the shares.

    None where a reader, or a seed of it, has nothing right when clean: there is no share to lose.

    The ratio of two means, drop over clean score, linearised: question i counts by
    r + (drop_i - r clean_i) / mean(clean), whose mean is r and whose error is the ratio's.
    """
    column, half = FIGURES[figure]
    index = compared.questions(half)
    every = [one for answered in compared.answered.values() for one in (answered, *answered.seeds)]
    if not all(one.values(CLEAN, column, index).any() for one in every):
        return None
    return compared.contrast_by(lambda one: _ratio(one, column, index), index)


def wrong_spans(compared: Compared) -> Contrast:
    """Return the rise of wrong spans on answerable questions: answers neither right nor abstained."""
    index = compared.questions("HasAns")
    # right, wrong and abstained are all there is: what right loses, the others gain
    return compared.contrast_by(
        lambda one: one.values("drop", "em", index) + one.values("drop", "abstained", index), index
    )


def between(more: Compared, fewer: Compared, index: pd.Index[str], figure: str = OUTCOME) -> Contrast:
    """Return by how much the drop is larger on one set than on another, question by question of ``index``."""
    column, _ = FIGURES[figure]

    def values(one: Answered, other: Answered) -> Values:
        return one.values("drop", column, index) - other.values("drop", column, index)

    pairs = {name: (more.answered[name], fewer.answered[name]) for name in more.names}
    spreads = {
        name: spread_of([float(values(*seeds).mean()) for seeds in zip(one.seeds, other.seeds, strict=True)])
        for name, (one, other) in pairs.items()
    }
    every = {name: values(*pair) for name, pair in pairs.items()}
    return contrast_of(every, spreads, more.clusters(index))


def _ratio(answered: Answered, column: str, index: pd.Index[str]) -> Values:
    clean = answered.values(CLEAN, column, index)
    drop = answered.values("drop", column, index)
    ratio = drop.mean() / clean.mean()
    return np.asarray(100 * (ratio + (drop - ratio * clean) / clean.mean()), dtype=np.float64)


def of_both_right(
    compared: Compared, figure: str = OUTCOME, *, in_another_seed: bool = False
) -> Contrast | None:
    """Return the drops on the questions that both got right when clean, seed by seed; None without any.

    Means over pairs of seeds (``pair_seeds``) of each pair's mean; the spread of the difference is that of
    the pairs' own, whose two readers are asked the same questions. Who had more to lose does not count here.
    But a reader that is right less often is right by luck more often, and luck is lost at any change: with
    ``in_another_seed`` a question chosen by one pair is measured in each other one, so that the luck of the
    choice does not count. Those are not independent, so nothing is said of their spread.
    """
    import pandas as pd

    column, half = FIGURES[figure]
    by_number = [_seeds(compared.answered[name]) for name in compared.names]
    pairs = [
        tuple(of[seed] for of, seed in zip(by_number, seeds, strict=True))
        for seeds in pair_seeds(*map(list, by_number))
    ]
    drops: dict[str, dict[int, pd.Series[float]]] = {name: {} for name in compared.names}
    measured = permutations(pairs, 2) if in_another_seed else ((pair, pair) for pair in pairs)
    for number, (chosen, asked) in enumerate(measured):
        index = select(chosen[0].clean, half).index
        kept = index[np.all([one.values(CLEAN, column, index) == 100 for one in chosen], axis=0)]
        if len(kept):
            for name, one in zip(compared.names, asked, strict=True):
                drops[name][number] = pd.Series(one.values("drop", column, kept), kept)
    first, second = (pd.concat(own) if own else None for own in drops.values())
    if first is None or second is None:
        return None
    clusters = compared.clusters(mean_over_seeds(first).index)

    def told(values: pd.Series[float]) -> Estimate:
        own = np.asarray(mean_over_seeds(values), dtype=np.float64)
        spread = [] if in_another_seed else [spread_over_seeds(values)]
        return estimate(own, clusters, test=len(own) >= LEAST_QUESTIONS, spread=spread)

    own = dict(zip(compared.names, (told(first), told(second)), strict=True))
    return Contrast(own, told(first - second))


def _seeds(answered: Answered) -> dict[int, Answered]:
    """Return a reader's answers by the number of the seed."""
    return dict(zip(answered.numbers, answered.seeds or (answered,), strict=True))
