"""A threshold checked from end to end: evaluated, compared with its baseline, judged, told in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from robust.gate.evaluation import Asked, Evaluated, evaluate, open_questions
from robust.gate.evidence import Evidence, clustered_drop, question_rows, read_evidence
from robust.gate.message import explain
from robust.gate.thresholds import Threshold, Undecided
from robust.gate.verdict import Status, Verdict, judge, questions_to_decide
from robust.stats.clustered import ClusteredMean


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a threshold came out.

    ``status`` is the verdict's; ``ends`` what becomes of the test: passed, failed or skipped.
    ``message`` says why, in many lines, where it did not pass.
    """

    threshold: Threshold
    evidence: Evidence
    evaluated: Evaluated
    increase: ClusteredMean | None
    verdict: Verdict
    ends: str
    message: str
    baseline_written: Path | None = None

    @property
    def status(self) -> Status:
        """Return passed, failed or undecided."""
        return self.verdict.status


def measure(
    threshold: Threshold, notice: Callable[[str], None], asked: Asked | None = None
) -> tuple[Evidence, Evaluated]:
    """Return what a threshold's reader does on its set, evaluating it where there is no run folder yet.

    ``notice`` and ``asked`` are those of ``evaluate``.
    """
    evaluated = evaluate(threshold, notice, asked)
    # what was evaluated here holds one set alone, under the name it was opened by
    wanted = threshold.set if threshold.run is not None else None
    return read_evidence(evaluated.run, wanted, threshold.figure, threshold.cluster), evaluated


def check(
    threshold: Threshold,
    *,
    baseline: Path,
    undecided: Undecided,
    update: bool = False,
    notice: Callable[[str], None] = lambda line: None,
    asked: Asked | None = None,
) -> Outcome:
    """Return how a threshold comes out.

    ``baseline`` is the file that ``max_increase`` compares with, and where ``update`` writes instead.
    ``undecided`` says what becomes of doubt; ``notice`` and ``asked`` are those of ``evaluate``. Raises
    UserError for whatever the user can mend.
    """
    from robust.gate.baseline import entry_in, entry_of, increase, write_entry

    evidence, evaluated = measure(threshold, notice, asked)
    name = threshold.name if threshold.limit is None else f"{threshold.name}@{threshold.limit}"
    rise, written, entry = None, None, None
    if threshold.max_increase is not None:
        rows = question_rows(evidence)
        if update:
            write_entry(baseline, name, entry_of(evidence, rows))
            written = baseline
        else:
            entry = entry_in(baseline, name)
            rise = increase(baseline, name, evidence, rows)
    verdict = judge(threshold, evidence, rise)
    ends = {"pass": "passed", "fail": "failed", "skip": "skipped"}[undecided]
    ends = ends if verdict.status == "undecided" else verdict.status
    message = ""
    if verdict.status != "passed":
        message = _message(threshold, evidence, verdict, rise, entry)
    return Outcome(threshold, evidence, evaluated, rise, verdict, ends, message, written)


def limited(threshold: Threshold, limit: int | None) -> Threshold:
    """Return the threshold on a sample of ``limit`` questions; a finished run is taken as it stands."""
    return threshold if limit is None or threshold.run is not None else replace(threshold, limit=limit)


def _message(
    threshold: Threshold,
    evidence: Evidence,
    verdict: Verdict,
    rise: ClusteredMean | None,
    entry: dict[str, Any] | None,
) -> str:
    from robust.gate.broken import newly_broken

    doubt = next((f.asked for f in verdict.findings if f.status == "undecided"), None)
    needed = None
    if verdict.status == "undecided":
        found = rise if doubt == "increase" else clustered_drop(evidence)
        budget = threshold.max_increase if doubt == "increase" else threshold.max_drop
        if found is not None and budget is not None:
            needed = questions_to_decide(found, budget, evidence.questions)
    # what fell since the baseline, where that is what is wrong; else what fell at all
    since = any(f.asked == "increase" and f.status == verdict.status for f in verdict.findings)
    broken, total = newly_broken(
        evidence, question_rows(evidence), open_questions(threshold), baseline=entry if since else None
    )
    return explain(threshold, evidence, verdict, broken, total, since=since, needed=needed)
