"""One figure over questions and all that is said of it: intervals, p, and what could have been seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from robust.stats.clustered import clustered_mean_coded
from robust.stats.clusters import coded_sums, codes
from robust.stats.power import minimum_detectable
from robust.stats.resampling import bootstrap_of, randomisation_of
from robust.stats.seeds import crossed_error, crossed_interval

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The article and the paragraph of each question, numbered from 0 in the order of their names."""

    article: NDArray[np.intp]
    paragraph: NDArray[np.intp]

    @classmethod
    def of(cls, questions: pd.DataFrame) -> Clusters:
        """Return those of a frame with a question in each row."""
        return cls(codes(questions["article"].tolist()), codes(questions["paragraph_id"].tolist()))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean in points with its 95 % intervals: by article, by paragraph, and for other seeds as well.

    ``low`` and ``high`` are Student's t, ``low_bootstrap`` and ``high_bootstrap`` the bootstrap-t, both by
    article. ``p`` is that of ``randomisation`` by article, or Student's: of these seeds. The least true
    effect that such data show with 80 % power at 5 % is ``minimum_detectable``: a t test over articles, and
    over seeds where there are several. None: too few clusters or seeds, clusters
    that are all alike, or not asked for.
    """

    value: float
    error: float | None
    low: float | None
    high: float | None
    low_bootstrap: float | None
    high_bootstrap: float | None
    low_paragraph: float | None
    high_paragraph: float | None
    low_seeds: float | None
    high_seeds: float | None
    p: float | None
    minimum_detectable: float | None
    questions: int
    clusters: int


def estimate(
    values: Values,
    clusters: Clusters,
    *,
    test: bool = True,
    flips: bool = True,
    resampled: bool = False,
    spread: Sequence[tuple[float, int]] = (),
    seed: int = 0,
) -> Estimate:
    """Return what is said of the mean of ``values`` (one a question, in points; drops and differences).

    ``test`` False: a level such as a clean score, of which zero is no hypothesis. ``spread`` is that of
    ``crossed_interval``, where models have several seeds; ``seed`` is of the resampling. ``flips`` False
    takes p by Student's t (see ``flips_can_show``); ``resampled`` adds the bootstrap-t (8 ms).
    """
    sums = coded_sums(values, clusters.article)
    found = clustered_mean_coded(values, clusters.article)
    beside = clustered_mean_coded(values, clusters.paragraph)
    drawn = bootstrap_of(sums, seed=seed) if resampled else None
    wider = crossed_interval(found, spread) or (None, None)
    crossed = crossed_error(found, spread) or (found.error, found.clusters - 1)
    p = detectable = None
    if test and found.error is not None:
        p = randomisation_of(sums, seed=seed) if flips else found.p
        # where no question moved, nothing is known of what could have been seen
        detectable = minimum_detectable(crossed[0], crossed[1]) if crossed[0] and found.error else None
    return Estimate(
        value=found.mean,
        error=found.error,
        low=found.low,
        high=found.high,
        low_bootstrap=drawn.low if drawn else None,
        high_bootstrap=drawn.high if drawn else None,
        low_paragraph=beside.low,
        high_paragraph=beside.high,
        low_seeds=wider[0],
        high_seeds=wider[1],
        p=p,
        minimum_detectable=detectable,
        questions=len(values),
        clusters=found.clusters,
    )
