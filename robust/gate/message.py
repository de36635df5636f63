"""A verdict in words: the lines of a failure, the line of a summary, the table of a CI's page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robust.errors import quoted
from robust.gate.broken import Broken
from robust.gate.evidence import Evidence
from robust.gate.thresholds import Threshold
from robust.gate.verdict import Verdict, interval, signed

if TYPE_CHECKING:
    from robust.gate.check import Outcome

_NOTHING = "(abstains)"


def explain(
    threshold: Threshold,
    evidence: Evidence,
    verdict: Verdict,
    broken: Sequence[Broken],
    total: int,
    *,
    since: bool = False,
    needed: str = "",
    nowhere: str = "",
    shown_by: str = "",
) -> str:
    """Return why a threshold did not pass, in lines: figures, what to do, the questions that fell, paths.

    ``total`` questions fell, of which ``broken`` are shown; ``since``: since the baseline. ``needed`` says
    what would decide what is undecided; empty where nothing in reach would. ``nowhere`` says why the
    questions have no texts; empty where they have. ``shown_by`` is the threshold whose message has examples
    already, so that none stand here; empty where this is the first.
    """
    lines = [f"{verdict.status}: {verdict.words}", f"  {_figures(threshold, evidence)}"]
    # what passed is not why it failed, but doubt beside a failure is
    lines += [
        f"  {found.status}: {found.words}"
        for found in verdict.conditions
        if found.status not in {verdict.status, "passed"}
    ]
    if verdict.status == "undecided":
        lines += [f"  {line}" for line in _way_out(needed)]
    if broken:
        what = "questions that fell since the baseline" if since else "questions that fell when reworded"
        if shown_by:
            lines.append(f"  {what}: {total:,}; some are shown for {shown_by}")
        else:
            lines.append(
                f"  {what}: {total:,}" + (f", {len(broken)} of them:" if total > len(broken) else ":")
            )
            for one in broken:
                lines += _question(one)
            lines += [f"  texts: {nowhere}"] if nowhere else []
    lines.append(f"  look further: robust report {quoted(evidence.run)}")
    return "\n".join(lines)


def _figures(threshold: Threshold, evidence: Evidence) -> str:
    name = threshold.name
    what = "" if name.endswith(f":{evidence.figure}") else f"{evidence.figure} on {Path(evidence.set).name}, "
    seeds = f", {evidence.seeds} seeds as a further level" if evidence.seeds > 1 else ""
    return (
        f"{name}: {what}clean {evidence.clean:.1f}, perturbed {evidence.perturbed:.1f}, drop "
        f"{signed(evidence.drop)} {interval(evidence.low, evidence.high)} (95 %, by "
        f"{evidence.cluster}{seeds}), {evidence.questions:,} questions"
    )


def properties(outcome: Outcome) -> dict[str, Any]:
    """Return a verdict's figures under the names that JUnit's properties have, in percent and points."""
    evidence, threshold = outcome.evidence, outcome.threshold
    found: dict[str, Any] = {
        "robust_name": threshold.name,
        "robust_verdict": outcome.status,
        "robust_figure": evidence.figure,
        "robust_drop": _rounded(evidence.drop),
        "robust_low": _rounded(evidence.low),
        "robust_high": _rounded(evidence.high),
        "robust_clean": round(evidence.clean, 2),
        "robust_perturbed": round(evidence.perturbed, 2),
        "robust_questions": evidence.questions,
        "robust_max_drop": threshold.max_drop,
        "robust_max_increase": threshold.max_increase,
        "robust_increase": _rounded(outcome.increase.mean if outcome.increase else None),
        "robust_run": str(evidence.run),
        "robust_made": round(outcome.evaluated.made, 2) or None,
        "robust_waited": round(outcome.evaluated.waited, 2) or None,
        "robust_baseline_written": str(outcome.baseline_written) if outcome.baseline_written else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def summary_line(found: Mapping[str, Any]) -> str:
    """Return one line on a verdict, of its ``properties``."""
    parts = [
        f"{found['robust_verdict']:<9}  {found['robust_name']}  drop {signed(found['robust_drop'])} "
        f"{interval(found.get('robust_low'), found.get('robust_high'))}, {_budget(found)}, "
        f"clean {found['robust_clean']:.1f}, {found['robust_questions']:,} questions"
    ]
    if "robust_made" in found:
        parts.append(f"evaluated in {found['robust_made']:.1f} s")
    if "robust_waited" in found:
        parts.append(f"waited {found['robust_waited']:.1f} s for another process")
    if "robust_baseline_written" in found:
        parts.append(f"baseline written to {found['robust_baseline_written']}")
    return "; ".join(parts)


def markdown(results: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of verdicts for a CI's page, of their ``properties``."""
    lines = [
        "### Robustness\n",
        "| threshold | verdict | drop (95 % interval) | budget | clean | perturbed | questions |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for found in results:
        name = _plain(str(found["robust_name"]))
        lines.append(
            f"| {name} | **{found['robust_verdict']}** | {signed(found['robust_drop'])} "
            f"{interval(found.get('robust_low'), found.get('robust_high'))} | {_budget(found)} | "
            f"{found['robust_clean']:.1f} | {found['robust_perturbed']:.1f} | {found['robust_questions']:,} |"
        )
    return "\n".join(lines) + "\n\n"


def _plain(name: str) -> str:
    """Return a name that markdown shows as it is, in one line: no link, no code, no HTML."""
    escaped = re.sub(r"([\\`*|\[\]#~!@]|(?<!\w)_|_(?!\w)|:(?=//))", r"\\\1", " ".join(name.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def _budget(found: Mapping[str, Any]) -> str:
    parts = []
    if "robust_max_drop" in found:
        parts.append(f"max_drop {found['robust_max_drop']:g}")
    if "robust_max_increase" in found:
        rise = f" (now {signed(found['robust_increase'])})" if "robust_increase" in found else ""
        parts.append(f"max_increase {found['robust_max_increase']:g}{rise}")
    return ", ".join(parts)


def _rounded(value: float | None) -> float | None:
    # no -0.0; two digits more than lines show, which would else be rounded twice: 30.8497, 30.85, 30.9
    return None if value is None else round(value, 4) + 0.0


def _way_out(needed: str) -> list[str]:
    decide = f"{needed} would decide it" if needed else "no sample in reach would decide it: move the budget"
    return [decide, "to let doubt pass, or be skipped: --robust-undecided=pass, --robust-undecided=skip"]


def questions_needed(needed: int, evidence: Evidence) -> str:
    """Return so many questions of the figure's half, in words."""
    kind = {"H": "answerable questions", "N": "unanswerable questions"}.get(evidence.figure[0], "questions")
    number = max(needed, evidence.questions + 1)
    return f"about {number:,} {kind} (80 % power, were the drop what it seems)"


def _question(one: Broken) -> list[str]:
    gold = " / ".join(one.gold) if one.gold else "(none: unanswerable)" if not one.answerable else ""
    rows = {
        "original": one.original,
        "perturbed": one.perturbed,
        "gold": gold,
        "answer": f"{one.now or _NOTHING}; before: {one.before or _NOTHING}",
    }
    head = [f"    {one.id} ({one.article})"]
    return head + [f"      {key:<9}  {' '.join(value.split())}" for key, value in rows.items() if value]
