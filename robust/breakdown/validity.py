"""The drop on edits that are likely or known to be valid, and the drop adjusted for those that are not.

An invalid edit asks something else: what falls there is no weakness. Two ways to leave it out, neither
free. ``valid only`` looks at the variants that raters accepted, or whose every edit has a margin or an
estimated safety from some value on; these are other questions than the rest, and easier or harder ones.
``adjusted`` takes the share of valid variants from a judged sample and solves

    D = p * D_valid + (1 - p) * D_invalid        D the measured drop, p the share of valid variants

for D_valid, which needs a word on D_invalid:

    nothing assumed, least / most   the sharp bounds of Horowitz & Manski (1995): the invalid 1 - p are those
                                    variants that fell furthest, or least
    invalid like the rest           D_invalid = D_valid, so D itself
    invalid cost nothing            D_invalid = 0
    invalid like unrelated words    D_invalid is the drop of the non-synonym control on the same questions
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from robust.breakdown.accepted import Judged
from robust.breakdown.levels import DROPS, Trait, by_level
from robust.breakdown.material import Material
from robust.breakdown.pairs import BreakdownRow, Codes, Floats, Pairs
from robust.breakdown.strata import least_of_edits
from robust.evaluation.paired import FIGURES
from robust.evaluation.sets import MAIN
from robust.stats.clustered import clustered_mean, clustered_mean_coded, interval_around
from robust.stats.student import t_quantile

VALID_ONLY, ADJUSTED = "valid only", "adjusted"
CONTROL = "non-synonym"
_FLOORS = {"safety": (0.5, 0.6, 0.7, 0.8), "margin": (0.1, 0.25, 0.5)}


def valid_only(pairs: Pairs, material: Material, judged: Judged | None) -> list[BreakdownRow]:
    """Return the drop of the variants above each floor of safety and margin, and of those raters accepted.

    Floors are nested: each is against all variants below it. ``accepted`` and ``rejected by raters`` are
    against each other; variants that nobody judged count for neither.
    """
    found: list[BreakdownRow] = []
    for name, values in least_of_edits(pairs, material.edits[MAIN]).items():
        for floor in _FLOORS[name]:
            level = f"{name} from {floor}"
            labels = np.where(values >= floor, level, "below").astype(object)
            if not np.isnan(values).all():
                found += [
                    row for row in by_level(pairs, Trait(VALID_ONLY, labels, (level,))) if row.level == level
                ]
    if judged is not None:
        verdicts = [judged.verdicts.get(identifier) for identifier in pairs.variants]
        seen = np.array([verdict is not None for verdict in verdicts])
        own = _restricted(pairs, seen)
        labels = np.where(np.array([bool(v) for v in verdicts]), *_BY_RATERS).astype(object)
        found += by_level(own, Trait(VALID_ONLY, labels, _BY_RATERS))
    return found


_BY_RATERS = ("accepted by raters", "rejected by raters")


def _restricted(pairs: Pairs, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Pairs:
    """Return the pairs with the rows of some variants only; numbering stays."""
    rows = kept[pairs.variant]
    return replace(
        pairs,
        question=pairs.question[rows],
        variant=pairs.variant[rows],
        seed=pairs.seed[rows],
        clean={name: values[rows] for name, values in pairs.clean.items()},
        perturbed={name: values[rows] for name, values in pairs.perturbed.items()},
    )


def adjusted(pairs: Pairs, control: Pairs | None, material: Material, judged: Judged) -> list[BreakdownRow]:
    """Return the drop on valid variants under each assumption, and the share of valid ones it rests on.

    The share is taken from the judged variants of the figure's own half (answerable ones for
    ``HasAns_exact``), in the run or not. Its variance (clustered by article, and no less than the binomial
    one of Jeffreys' prior) and that of the drop are propagated together (delta method), with Student's t of
    the fewer articles; intervals of the bounds are those of the bound. ``<figure>_valid_share`` is the share
    in percent, its ``questions`` the variants judged. Nothing where no variant was accepted.
    """
    found: list[BreakdownRow] = []
    for figure in DROPS:
        column, half = FIGURES[figure]
        share = valid_share(material, judged, half)
        if share is None or share.share == 0:
            continue
        drops, kept = pairs.by_question(pairs.drop(column), pairs.of_half(half))
        if not len(kept) or np.isnan(drops).any():
            continue
        low, high = share.interval()
        found.append(
            BreakdownRow(
                ADJUSTED,
                "share of valid edits",
                f"{figure}_valid_share",
                100 * share.share,
                None if low is None else 100 * low,
                None if high is None else 100 * high,
                share.judged,
                share.clusters,
            )
        )
        article = pairs.article[kept]
        whole = clustered_mean_coded(drops, article)
        found.append(_row("invalid like the rest", figure, (drops, article), 0.0, share))
        nothing = -whole.mean / share.share**2
        found.append(_row("invalid cost nothing", figure, (drops / share.share, article), nothing, share))
        if control is not None:
            found += _like_control(pairs, control, figure, share)
        for level, sign in (("nothing assumed, least", 1.0), ("nothing assumed, most", -1.0)):
            values, slope = _trimmed(pairs, sign * pairs.drop(column), half, share.share)
            found.append(_row(level, figure, (sign * values, article), sign * slope, share))
    return found


class Share:
    """The share of valid variants in a judged sample: its standard error, the sample's size and articles."""

    def __init__(self, valid: Floats, articles: list[str]) -> None:
        found = clustered_mean(valid, articles)
        n, k = len(valid), float(valid.sum())
        # the binomial error that is not nought where all are valid: that of Beta(k + 1/2, n - k + 1/2)
        centre = (k + 0.5) / (n + 1)
        self.share = found.mean
        self.error = max(found.error or 0.0, math.sqrt(centre * (1 - centre) / (n + 2)))
        self.judged = n
        self.clusters = found.clusters

    def interval(self) -> tuple[float | None, float | None]:
        """Return the 95 % interval of the share, within 0 and 1."""
        if self.clusters < 2:
            return None, None
        reach = t_quantile(0.975, self.clusters - 1) * self.error
        return max(0.0, self.share - reach), min(1.0, self.share + reach)


def valid_share(material: Material, judged: Judged, half: str) -> Share | None:
    """Return the share of valid variants among those of a half that were judged; None where none was."""
    edits = material.edits[MAIN]
    source = dict(zip(edits["variant_id"], edits["original_id"], strict=True))
    asked = {variant: material.original[source[variant]] for variant in judged.verdicts if variant in source}
    own = [
        (float(judged.verdicts[variant]), one.title)
        for variant, one in asked.items()
        if not half or one.answerable == (half == "HasAns")
    ]
    if not own:
        return None
    return Share(np.array([valid for valid, _ in own]), [title for _, title in own])


def _like_control(pairs: Pairs, control: Pairs, figure: str, share: Share) -> list[BreakdownRow]:
    """Return the drop on valid variants where invalid ones fall as an unrelated word does, per question."""
    column, half = FIGURES[figure]
    drops, kept = pairs.by_question(pairs.drop(column), pairs.of_half(half))
    beside, others = control.by_question(control.drop(column), control.of_half(half))
    of_id = dict(zip(control.questions[others], beside, strict=True))
    paired = [(i, of_id[q]) for i, q in enumerate(pairs.questions[kept]) if q in of_id]
    if not paired:
        return []
    own = drops[[i for i, _ in paired]]
    unrelated = np.array([value for _, value in paired])
    article = pairs.article[kept][[i for i, _ in paired]]
    p = share.share
    slope = float(np.mean(unrelated) - np.mean(own)) / p**2
    values = (own - (1 - p) * unrelated) / p
    return [_row("invalid like unrelated words", figure, (values, article), slope, share)]


def _trimmed(pairs: Pairs, drops: Floats, half: str, p: float) -> tuple[Floats, float]:
    """Return values by question whose mean is that of the lowest share ``p`` of the drops, its slope in p.

    It is variants that are valid or not, so variants are trimmed (by their mean over seeds), each weighing 1
    over those of its question. The mean of the lowest share is q + E[min(d - q, 0)] / p with q the p-quantile
    (Rockafellar & Uryasev 2000); as it is flat in q, its error is that of the mean of these values.
    """
    rows = pairs.of_half(half)
    counts = np.bincount(pairs.variant[rows], minlength=len(pairs.variants))
    sums = np.bincount(pairs.variant[rows], weights=drops[rows], minlength=len(pairs.variants))
    kept = np.flatnonzero(counts)
    means, question = sums[kept] / counts[kept], pairs.source[kept]
    weight = 1 / np.bincount(question)[question]
    order = np.argsort(means, kind="stable")
    reached = np.cumsum(weight[order])
    q = float(means[order][np.searchsorted(reached, p * reached[-1] * (1 - 1e-12))])
    moved = np.bincount(question, weights=weight * (q + np.minimum(means - q, 0) / p))
    values = np.asarray(moved[np.unique(question)], dtype=np.float64)
    return values, (q - float(np.mean(values))) / p


def _row(level: str, figure: str, of: tuple[Floats, Codes], slope: float, share: Share) -> BreakdownRow:
    """Return the mean of ``values`` with the errors of the drop and, by ``slope``, of the share in one."""
    values = of[0]
    found = clustered_mean_coded(*of)
    if found.error is None or share.clusters < 2:
        return BreakdownRow(ADJUSTED, level, figure, found.mean, None, None, len(values), found.clusters)
    error = math.hypot(found.error, slope * share.error)
    about = interval_around(found.mean, error, min(found.clusters, share.clusters))
    return BreakdownRow(
        ADJUSTED, level, figure, found.mean, about.low, about.high, len(values), found.clusters
    )
