"""Passed, failed or undecided: figures against budgets, with a floor on the clean score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from robust.gate.evidence import Evidence
from robust.gate.thresholds import Threshold
from robust.stats.clustered import ClusteredMean

Status = Literal["passed", "failed", "undecided"]
# what decides most: one failure fails the whole, and doubt anywhere is doubt
_ORDER: tuple[Status, ...] = ("failed", "undecided", "passed")
# a sample beyond which nobody goes: more than a hundred times SQuAD's dev set
_OUT_OF_REACH = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked of a reader, how it came out, and that in words."""

    asked: Literal["floor", "drop", "increase"]
    status: Status
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a threshold came out: the worst of its findings."""

    status: Status
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """Return what decided it, in words."""
        return "; ".join(found.words for found in self.findings if found.status == self.status)


def judge(threshold: Threshold, evidence: Evidence, increase: ClusteredMean | None = None) -> Verdict:
    """Return the verdict on figures; ``increase`` is the new drop minus the baseline's, in points.

    A budget is kept where the upper bound of the 95 % interval is within it, broken where the lower bound
    exceeds it, and otherwise undecided. A clean score under the floor fails whatever the drop is.
    Raises UserError where no floor can be set (``floor_of``).
    """
    findings = [_floor(threshold, evidence)]
    if threshold.max_drop is not None:
        bounds = (evidence.low, evidence.high)
        findings.append(_within("drop", evidence.drop, bounds, threshold.max_drop, evidence.cluster))
    if threshold.max_increase is not None and increase is not None:
        bounds = (increase.low, increase.high)
        findings.append(_within("increase", increase.mean, bounds, threshold.max_increase, evidence.cluster))
    status = min((found.status for found in findings), key=_ORDER.index)
    return Verdict(status, tuple(findings))


def floor_of(threshold: Threshold, evidence: Evidence) -> float | None:
    """Return the clean score that is asked for, in percent; None where nothing can tell an abstainer.

    ``min_clean`` where it is given, of the figure itself. Else what always abstaining scores plus the
    budget: below that, a reader could forget everything and still be within its budget.
    """
    if threshold.min_clean is not None:
        return threshold.min_clean
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


def _floor(threshold: Threshold, evidence: Evidence) -> Finding:
    floor = floor_of(threshold, evidence)
    if floor is None:
        return Finding(
            "floor",
            "failed",
            f"no question is answerable, so that always abstaining would do as well as {evidence.clean:.1f}; "
            "give min_clean to accept that",
        )
    if threshold.min_clean is not None:
        status: Status = "passed" if evidence.clean >= floor else "failed"
        word = "at least" if status == "passed" else "below"
        return Finding("floor", status, f"clean {evidence.clean:.1f}, {word} min_clean {floor:g}")
    status = "passed" if evidence.floor_clean > floor else "failed"
    word = "above" if status == "passed" else "not above"
    of = "" if evidence.floor_figure == evidence.figure else f" ({evidence.floor_figure})"
    budget = "" if threshold.max_drop is None else f" plus the budget, {floor:.1f}"
    return Finding(
        "floor",
        status,
        f"clean {evidence.floor_clean:.1f}{of}, {word} what always abstaining scores, "
        f"{evidence.abstainer:.1f}{budget}",
    )


def _within(
    asked: Literal["drop", "increase"],
    value: float,
    bounds: Sequence[float | None],
    budget: float,
    cluster: str,
) -> Finding:
    limit = "max_drop" if asked == "drop" else "max_increase"
    what = "drop" if asked == "drop" else "increase over the baseline"
    low, high = bounds
    if low is None or high is None:
        return Finding(asked, "undecided", f"{what} {value:+.1f} has no interval: fewer than two {cluster}s")
    said = f"{what} {value:+.1f} [{low:+.1f}, {high:+.1f}]"
    if high <= budget:
        return Finding(asked, "passed", f"{said} is within {limit} {budget:g}")
    if low > budget:
        return Finding(asked, "failed", f"{said} exceeds {limit} {budget:g}")
    return Finding(asked, "undecided", f"{limit} {budget:g} lies inside the interval of the {said}")
