"""Failure rates: of each test, each capability and the whole, with intervals that fit how cases were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from robust.checklist.records import CaseOutcome, Test
from robust.stats.share import interval
from robust.stats.wilson import wilson


def figures(tests: Sequence[Test], outcomes: Sequence[CaseOutcome]) -> dict[str, Any]:
    """Return ``tests`` and ``capabilities`` (a list of figures each), ``all`` and ``controls``.

    Rates are percentages of cases. A test's interval is Wilson's, or by template where it has five or more;
    those of capabilities and of the whole, controls left out, are by template: they speak of templates of
    this kind. ``controls``: how many cases there were, and the percentage that failed, abstaining switched
    off where it can be; None where none was asked.
    """
    of: dict[str, list[CaseOutcome]] = {test.full_name: [] for test in tests}
    for outcome in outcomes:
        of[outcome.case.test].append(outcome)
    rows = []
    for test in tests:
        own = of[test.full_name]
        row: dict[str, Any] = {"capability": test.capability, "test": test.name, "type": test.kind}
        row |= {"about": test.about, "control": test.control, **_rate(own)}
        if test.by is not None:
            row["by"] = {"slot": test.by, "groups": _groups(own)}
        rows.append(row)
    named = list(dict.fromkeys(test.capability for test in tests))
    capabilities = [
        {"capability": name, **_rate([o for t in tests if t.capability == name for o in of[t.full_name]])}
        for name in named
    ]
    asked = [o for t in tests if not t.control for o in of[t.full_name]]
    controls = [o for t in tests if t.control for o in of[t.full_name]]
    failed = sum(bool(o.why if o.span_why is None else o.span_why) for o in controls)
    return {
        "tests": rows,
        "capabilities": capabilities,
        "all": _rate(asked) if asked else None,
        "controls": {"cases": len(controls), "rate": 100.0 * failed / len(controls)} if controls else None,
    }


def _rate(outcomes: Sequence[CaseOutcome]) -> dict[str, Any]:
    failed = [bool(o.why) for o in outcomes]
    clusters = [o.case.cluster for o in outcomes]
    why = Counter(o.why for o in outcomes if o.why)
    spans = [bool(o.span_why) for o in outcomes if o.span_why is not None]
    bounds, kind = interval(failed, clusters)
    return {
        "cases": len(outcomes),
        "questions": sum(len(o.given) for o in outcomes),
        "failures": sum(failed),
        "rate": 100.0 * sum(failed) / len(failed),
        "interval": [100.0 * bound for bound in bounds],
        "interval_kind": kind,
        "templates": len(set(clusters)),
        "abstained": why["abstained"],
        "why": dict(sorted(why.items())),
        "span_cases": len(spans),
        "span_rate": 100.0 * sum(spans) / len(spans) if spans else None,
    }


def _groups(outcomes: Iterable[CaseOutcome]) -> list[dict[str, Any]]:
    of: dict[str, list[bool]] = {}
    for outcome in outcomes:
        of.setdefault(str(outcome.case.group), []).append(bool(outcome.why))
    return [
        {
            "group": name,
            "cases": len(failed),
            "failures": sum(failed),
            "rate": 100.0 * sum(failed) / len(failed),
            "interval": [100.0 * bound for bound in wilson(sum(failed), len(failed))],
        }
        for name, failed in sorted(of.items())
    ]
