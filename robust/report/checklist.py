"""The tables of ``robust checklist``: failure rates by test, and failures to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from robust.report.grid import Grid, escaped
from robust.report.numbers import interval, number

# failures of control cases, in percent, from which on it is rather the pipeline than the reader
_BROKEN = 50.0
_NAMES = {"abstained": "abstained", "wrong": "wrong", "answered": "should abstain", "changed": "not the same"}


def checklist_grid(result: Mapping[str, Any]) -> Grid:
    """Return the table of a result: a block a capability, its tests below, the whole at the end."""
    rows: list[tuple[str, ...]] = []
    for capability in result["capabilities"]:
        own = [row for row in result["tests"] if row["capability"] == capability["capability"]]
        control = " (control)" if own[0]["control"] else ""
        rows.append((f"{capability['capability']}{control}",))
        rows += [_row(f"{row['test']} ({row['type']})", row) for row in own]
        if len(own) > 1:
            rows.append(_row("together", capability))
    if result["all"] is not None and len(result["capabilities"]) > 1:
        rows += [("all capabilities",), _row("together, controls left out", result["all"])]
    head = ("test", "cases", "failed %", "95 %", "abstained", "span only: failed %")
    return Grid(_title(result), head, tuple(rows), _note(result))


def _row(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{row['cases']:,}",
        number(row["rate"]),
        interval(row["interval"], ".1f"),
        str(row["abstained"]),
        number(row["span_rate"]),
    )


def _title(result: Mapping[str, Any]) -> str:
    rule = result["threshold"]
    return f"{result['model']}: " + (
        "its answers are final" if rule is None else f"abstains where null odds are above {rule:.2f}"
    )


def _note(result: Mapping[str, Any]) -> str:
    said = (
        "abstained: failures in which an answerable question got no answer; span only: answerable cases, "
        "had it never abstained. 95 %: of a test by case (Wilson), or by template where it has five and more."
    )
    controls = result["controls"]
    if controls is None:
        return said
    told = f"{said} Of the control cases {controls['rate']:.1f} % failed, abstentions left out."
    if controls["rate"] > _BROKEN:
        return f"{told} Nearly any reader passes them: look for a fault in the pipeline first."
    return told


def groups_grid(result: Mapping[str, Any]) -> Grid | None:
    """Return the failure rates by the value of a slot, of tests that tell failures by one; None if none."""
    rows: list[tuple[str, ...]] = []
    for row in result["tests"]:
        if by := row.get("by"):
            rows.append((f"{row['capability']}/{row['test']}, by {by['slot']}",))
            rows += [
                (
                    one["group"],
                    str(one["cases"]),
                    number(one["rate"]),
                    interval(one["interval"], ".1f"),
                )
                for one in by["groups"]
            ]
    return Grid("Failures by group", ("group", "cases", "failed %", "95 %"), tuple(rows)) if rows else None


def failure_lines(rows: Sequence[Mapping[str, Any]], many: int) -> list[Text]:
    """Return the first ``many`` failures of each test as text, context and answers with them."""
    lines: list[Text] = []
    for test, own in _by_test(rows).items():
        lines.append(Text(f"{test}: {len(own)} failed", style="bold"))
        for row in own[:many]:
            if row["first_question"] is not None:
                lines += [
                    Text(f"  first     {row['first_question']}  ->  {row['first_given'] or '(abstained)'}")
                ]
                lines += [Text(f"  then      {row['change']}", style="dim")]
            lines += [
                Text(f"  context   {row['context']!r}" if _odd(row) else f"  context   {row['context']}"),
                Text(f"  question  {row['question']}"),
                Text(f"  expected  {' | '.join(row['expected']) or '(abstain)'}"),
                Text(f"  given     {_given(row)}  [{_NAMES[row['why']]}]"),
                Text(""),
            ]
    return lines


def checklist_markdown(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], many: int) -> str:
    """Return the tables and the first ``many`` failures of each test as markdown."""
    from robust.report.grid import markdown

    parts = [markdown(checklist_grid(result))]
    if (groups := groups_grid(result)) is not None:
        parts.append(markdown(groups))
    for test, own in _by_test(rows).items() if many else ():
        parts.append(f"### {escaped(test)}: {len(own)} failed\n")
        for row in own[:many]:
            before = ""
            if row["first_question"] is not None:
                given = escaped(row["first_given"]) or "(abstained)"
                before = f"  - first: {escaped(row['first_question'])} → {given}\n"
            parts.append(
                f"- {escaped(row['context'])}\n{before}"
                f"  - question: {escaped(row['question'])}\n"
                f"  - expected: {escaped(' or '.join(row['expected'])) or '(abstain)'}\n"
                f"  - given: {escaped(_given(row))} ({_NAMES[row['why']]})\n"
            )
    return "\n".join(parts)


def _by_test(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(str(row["test"]), []).append(row)
    return found


def _given(row: Mapping[str, Any]) -> str:
    """Return the answer; of an abstention, what the reader would have said."""
    return row["given"] or (f"(abstained; best span: {row['span']})" if row["span"] else "(abstained)")


def _odd(row: Mapping[str, Any]) -> bool:
    """Say whether the context has white space that a line would not show."""
    return "  " in row["context"] or "\n" in row["context"] or "\t" in row["context"]
