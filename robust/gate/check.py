"""A threshold checked from end to end: evaluated, compared with its baseline, judged, told in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from robust.gate.evaluation import Asked, Evaluated, evaluate, open_questions
from robust.gate.evidence import Evidence, clustered_drop, question_rows, read_evidence
from robust.gate.message import explain, questions_needed
from robust.gate.same_set import check_set
from robust.gate.thresholds import Threshold, Undecided
from robust.gate.verdict import Status, Verdict, clusters_to_decide, judge, questions_to_decide
from robust.runs import check_whole
from robust.stats.clustered import ClusteredMean

# (run, set, whether of unanswerable questions, whether since the baseline) -> the threshold that showed them
Examples = dict[tuple[Path, str, bool, bool], str]


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
    if threshold.run is not None and threshold.set is not None:
        check_set(evaluated.run, threshold.set)
    # what was evaluated here holds one set alone, under the name it was opened by
    wanted = threshold.set if threshold.run is not None else None
    return read_evidence(evaluated.run, wanted, threshold.figure, threshold.cluster), evaluated


def check(
    threshold: Threshold,
    *,
    baseline: Path,
    undecided: Undecided,
    update: bool = False,
    session: str = "",
    notice: Callable[[str], None] = lambda line: None,
    asked: Asked | None = None,
    shown: Examples | None = None,
) -> Outcome:
    """Return how a threshold comes out.

    ``baseline`` is the file that ``max_increase`` compares with, and where ``update`` writes instead.
    ``undecided`` says what becomes of doubt; ``session`` is that of ``write_entry``, ``notice`` and
    ``asked`` are those of ``evaluate``. ``shown`` is noted which threshold's message has the examples of a
    run, and later ones name it. Raises UserError for whatever the user can mend.
    """
    from robust.gate.baseline import entry_in, entry_of, increase, write_entry

    if threshold.run is not None:  # without its texts every answer would be told as an abstention
        check_whole(Path(threshold.run).expanduser(), "the gate")
    evidence, evaluated = measure(threshold, notice, asked)
    name = threshold.name if threshold.limit is None else f"{threshold.name}@{threshold.limit}"
    rise, written, entry = None, None, None
    if threshold.max_increase is not None:
        rows = question_rows(evidence)
        if update:
            write_entry(baseline, name, entry_of(evidence, rows, threshold.null_threshold), session)
            written = baseline
        else:
            entry = entry_in(baseline, name, threshold.limit)
            rise = increase(baseline, name, evidence, rows, threshold.null_threshold, limit=threshold.limit)
    verdict = judge(threshold, evidence, rise, entry)
    ends = {"pass": "passed", "fail": "failed", "skip": "skipped"}[undecided]
    ends = ends if verdict.status == "undecided" else verdict.status
    message = ""
    if verdict.status != "passed":
        examples = shown if shown is not None and ends == "failed" else {}  # others are not printed
        message = _message(threshold, evidence, verdict, rise, entry, shown=examples)
    return Outcome(threshold, evidence, evaluated, rise, verdict, ends, message, written)


def limited(threshold: Threshold, limit: int | None) -> Threshold:
    """Return the threshold on a sample of ``limit`` questions, or of its own limit where that is less.

    A finished run is taken as it stands.
    """
    if limit is None or threshold.run is not None:
        return threshold
    return replace(threshold, limit=min(limit, threshold.limit or limit))


def _message(
    threshold: Threshold,
    evidence: Evidence,
    verdict: Verdict,
    rise: ClusteredMean | None,
    entry: dict[str, Any] | None,
    *,
    shown: Examples,
) -> str:
    from robust.gate.broken import newly_broken

    needed = _needed(threshold, evidence, verdict, rise) if verdict.status == "undecided" else ""
    # what fell since the baseline, where that is what is wrong; else what fell at all
    since = any(f.asked == "increase" and f.status == verdict.status for f in verdict.conditions)
    texts = open_questions(threshold, evidence.run, evidence.set)
    broken, total = newly_broken(evidence, question_rows(evidence), texts, baseline=entry if since else None)
    nowhere = "" if texts is not None else f"{evidence.set} is not here as the run had it; name it: set = ..."
    # of unanswerable questions others fall; a threshold that is tested again has its own again
    kind = (evidence.run, evidence.set, evidence.figure.startswith("NoAns"), since)
    by = shown.setdefault(kind, threshold.name) if broken else ""
    return explain(
        threshold,
        evidence,
        verdict,
        broken,
        total,
        since=since,
        needed=needed,
        nowhere=nowhere,
        shown_by=by if by != threshold.name else "",
    )


def _needed(threshold: Threshold, evidence: Evidence, verdict: Verdict, rise: ClusteredMean | None) -> str:
    """Return what would decide the first doubt, in words; empty where nothing in reach would."""
    doubt = next(f.asked for f in verdict.conditions if f.status == "undecided")
    if doubt == "increase":
        found, budget = rise, threshold.max_increase
    elif evidence.alike is not None and threshold.max_drop is not None:
        clusters = clusters_to_decide(evidence, threshold.max_drop)
        return f"{clusters:,} {evidence.cluster}s, were they all alike too," if clusters else ""
    elif evidence.seeds > 1:
        return "more questions, or more seeds,"
    else:
        found, budget = clustered_drop(evidence), threshold.max_drop
    if found is None or budget is None:
        return ""
    number = questions_to_decide(found, budget, evidence.questions)
    return "" if number is None else questions_needed(number, evidence)
