"""Passed, failed or undecided: figures against budgets, with a floor on the clean score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from robust.gate.evidence import Evidence
from robust.gate.thresholds import Threshold
from robust.stats.clustered import ClusteredMean

Status = Literal["passed", "failed", "undecided"]
# what decides most: one failure fails the whole, and doubt anywhere is doubt
_ORDER: tuple[Status, ...] = ("failed", "undecided", "passed")
# a sample beyond which nobody goes: more than a hundred times SQuAD's dev set
_OUT_OF_REACH = 1_000_000
_FLOOR_HELP = "take a better reader, a smaller max_drop, or see docs/gate.md (The floors)"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that a threshold sets, how it came out, and that in words."""

    asked: Literal["floor", "drop", "increase"]
    status: Status
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a threshold came out: the worst of its conditions."""

    status: Status
    conditions: tuple[Condition, ...]

    @property
    def words(self) -> str:
        """Return what decided it, in words."""
        return "; ".join(found.words for found in self.conditions if found.status == self.status)


def signed(value: float) -> str:
    """Return points with their sign and one digit; what rounds to nought is +0.0."""
    return f"{round(value, 1) + 0.0:+.1f}"


def interval(low: float | None, high: float | None) -> str:
    """Return a drop's interval as tables have it."""
    return "[no interval]" if low is None or high is None else f"[{signed(low)}, {signed(high)}]"


def judge(
    threshold: Threshold,
    evidence: Evidence,
    increase: ClusteredMean | None = None,
    before: Mapping[str, Any] | None = None,
) -> Verdict:
    """Return the verdict on figures; ``increase`` is the new drop minus the baseline's, in points.

    ``before`` is the baseline's entry, whose clean score counts, too.

    A budget is kept where the upper bound of the 95 % interval is within it, broken where the lower bound
    exceeds it, and otherwise undecided. A clean score under one of its floors fails whatever the drop is.
    """
    conditions = _floors(threshold, evidence)
    cluster = evidence.cluster
    if threshold.max_drop is not None:
        found = (evidence.drop, evidence.low, evidence.high)
        conditions.append(_within("drop", found, threshold.max_drop, cluster, evidence.alike))
    if threshold.max_increase is not None:
        if before is not None:
            conditions.append(_kept(threshold.max_increase, evidence, before))
        if increase is not None:
            mean = increase.mean
            # where all clusters moved alike, mostly not at all (the baseline's own reader), that counts
            ends = (mean, mean) if increase.error == 0 else (increase.low, increase.high)
            conditions.append(_within("increase", (mean, *ends), threshold.max_increase, cluster))
    status = min((found.status for found in conditions), key=_ORDER.index)
    return Verdict(status, tuple(conditions))


def floor_of(threshold: Threshold, evidence: Evidence) -> float | None:
    """Return the clean score that must be exceeded, in percent; None where nothing can tell an abstainer.

    It is what always abstaining scores plus the budget: below that, a reader could forget everything and
    still be within its budget.
    """
    budget = threshold.max_drop if threshold.max_drop is not None else 0.0
    return None if evidence.abstainer is None else evidence.abstainer + budget


def questions_to_decide(drop: ClusteredMean, budget: float, questions: int) -> int | None:
    """Return how many questions would decide with 80 % power, were the drop what it seems to be.

    Of ``questions`` questions the drop has ``drop.error``, which shrinks with the root of their number where
    new questions come in new clusters. None where no sample in reach would (the drop is the budget, nearly).
    """
    gap = abs(budget - drop.mean)
    if drop.error is None or gap == 0:
        return None
    from robust.stats.power import minimum_detectable

    needed = questions * (minimum_detectable(drop.error, drop.clusters - 1) / gap) ** 2
    return math.ceil(needed) if needed < _OUT_OF_REACH else None


def clusters_to_decide(evidence: Evidence, budget: float) -> int | None:
    """Return of how many clusters, all alike as these are, the bound would be within the budget.

    It is ``evidence.bound_of_alike`` solved for their number. None where no sample in reach would.
    """
    share = (budget - evidence.drop) / (100 - evidence.drop)
    if not 0 < share < 1:
        return None
    needed = math.log(0.025) / math.log1p(-share)
    return math.ceil(needed) if needed < _OUT_OF_REACH else None


def _floors(threshold: Threshold, evidence: Evidence) -> list[Condition]:
    """Return how the clean score stands to the abstainer's, and to the user's own where there is one."""
    conditions = []
    if (floor := floor_of(threshold, evidence)) is not None:
        conditions.append(_abstaining(threshold, evidence, floor))
    elif threshold.min_clean is None:
        words = (
            f"no question is answerable, so that always abstaining would do as well as {evidence.clean:.1f}"
        )
        conditions.append(Condition("floor", "failed", f"{words}; give min_clean to accept that"))
    budget = threshold.max_drop or 0.0
    if evidence.figure.startswith("NoAns") and evidence.clean <= budget:
        words = (
            f"clean {evidence.clean:.1f}, not above what never abstaining scores, 0.0 plus the budget: "
            f"it has too little to lose; {_FLOOR_HELP}"
        )
        conditions.append(Condition("floor", "failed", words))
    if threshold.min_clean is not None:
        status: Status = "passed" if evidence.clean >= threshold.min_clean else "failed"
        word = "at least" if status == "passed" else "below"
        words = f"clean {evidence.clean:.1f}, {word} min_clean {threshold.min_clean:g}"
        conditions.append(Condition("floor", status, words))
    return conditions


def _abstaining(threshold: Threshold, evidence: Evidence, floor: float) -> Condition:
    status: Status = "passed" if evidence.floor_clean > floor else "failed"
    word = "above" if status == "passed" else "not above"
    of = "" if evidence.floor_figure == evidence.figure else f" ({evidence.floor_figure})"
    budget = "" if threshold.max_drop is None else f" plus the budget, {floor:.1f}"
    help_ = "" if status == "passed" else f": it has too little to lose; {_FLOOR_HELP}"
    return Condition(
        "floor",
        status,
        f"clean {evidence.floor_clean:.1f}{of}, {word} what always abstaining scores, "
        f"{evidence.abstainer:.1f}{budget}{help_}",
    )


def _kept(budget: float, evidence: Evidence, before: Mapping[str, Any]) -> Condition:
    """Return whether the clean score is still the baseline's, less the budget: who knows less falls less."""
    pairs = {
        evidence.figure: (evidence.clean, float(before["clean"])),
        evidence.floor_figure: (evidence.floor_clean, float(before["floor_clean"])),
    }
    for figure, (now, then) in pairs.items():
        if now < then - budget - 0.005:  # a baseline is rounded to two digits
            of = "" if figure == evidence.figure else f" ({figure})"
            words = f"clean {now:.1f}{of}, below the baseline's {then:.1f} less max_increase {budget:g}"
            return Condition("floor", "failed", words)
    return Condition("floor", "passed", f"clean {evidence.clean:.1f}, within {budget:g} of the baseline's")


def _within(
    asked: Literal["drop", "increase"],
    found: tuple[float, float | None, float | None],
    budget: float,
    cluster: str,
    alike: int | None = None,
) -> Condition:
    """Return how a mean and the bounds of its interval stand to a budget."""
    value, low, high = found
    limit = "max_drop" if asked == "drop" else "max_increase"
    what = "drop" if asked == "drop" else "increase over the baseline"
    if low is None or high is None:
        words = f"{what} {signed(value)} has no interval: fewer than two {cluster}s"
        return Condition(asked, "undecided", words)
    said = f"{what} {signed(value)} {interval(low, high)}"
    if alike is not None and low <= budget:
        said += f" (all {alike} {cluster}s alike: its upper end is the exact binomial bound)"
    if high <= budget:
        return Condition(asked, "passed", f"{said} is within {limit} {budget:g}")
    if low > budget:
        return Condition(asked, "failed", f"{said} exceeds {limit} {budget:g}")
    return Condition(asked, "undecided", f"{limit} {budget:g} lies inside the interval of the {said}")
