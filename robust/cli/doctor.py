"""``robust doctor``: what is there, what is missing, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Annotated

import typer

from robust.cli.checkup import Finding, reinstall
from robust.cli.output import console, emit_json, out

_MARKS = {
    "ok": ("ok", "green"),
    "missing": ("not here", "yellow"),
    "broken": ("broken", "red"),
    "essential": ("missing", "red"),
}


def doctor(
    network: Annotated[
        bool, typer.Option("--network", help="Also try the places that data and models come from.")
    ] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also reword a question: some seconds more.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say what is here, what is missing, and the command that mends it.

    Exits with 0 when everything essential is here, with 1 when something essential is missing or broken.
    Data sets, further models, a GPU and the network are not essential.
    """
    with console.status("looking"):
        findings = [f if f.state != "ok" else replace(f, fix="") for f in _look(network, thorough)]
    sick = any(f.essential and f.state != "ok" for f in findings)
    step = next_step(findings)
    if as_json:
        emit_json({"ok": not sick, "next": step, "findings": [asdict(f) for f in findings]})
    else:
        _print(findings, sick, step)
    if sick:
        raise typer.Exit(1)


def next_step(findings: Iterable[Finding]) -> str:
    """Return the one thing to do next: mend what is essential, then what is broken, then the demo."""
    trouble = [f for f in findings if f.fix and f.state != "ok"]
    for chosen in (
        [f for f in trouble if f.essential],
        [f for f in trouble if f.state == "broken"],
    ):
        if chosen:
            return chosen[0].fix
    return "robust demo"


def _look(network: bool, thorough: bool) -> list[Finding]:
    """Return all findings; a check that fails is a finding itself, and the others go on."""
    from robust.cli.checkup import holdings, machine

    waiting = machine.check_torch()  # takes the longest, so it starts first
    checks: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("python", machine.check_python),
        ("words", holdings.check_words),
        *([("words", holdings.check_rewording)] if thorough else []),
        ("torch", waiting),
        ("data", holdings.check_data),
        ("models", holdings.check_models),
        ("extras", holdings.check_extras),
        ("folders", machine.check_folders),
    ]
    checks += [("network", machine.check_network)] if network else []
    findings: list[Finding] = []
    for area, check in checks:
        try:
            findings += check()
        except Exception as error:  # whatever it is, a doctor reports it and goes on
            reason = (str(error).splitlines() or [""])[0]
            detail = f"{type(error).__name__}: {reason}"
            findings.append(Finding(area, area, "broken", detail, reinstall(), essential=True))
    return findings


def _print(findings: list[Finding], sick: bool, step: str) -> None:
    from rich.markup import escape

    folded = _folded(findings)
    width = max(len(f.name) for f in folded)
    area = ""
    for finding in folded:
        if finding.area != area:
            area = finding.area
            out.print(f"[bold]{area}[/]", highlight=False)
        mark = "essential" if finding.state == "missing" and finding.essential else finding.state
        word, style = _MARKS[mark]
        name = escape(finding.name.ljust(width))
        # no table: what wraps in a narrow column cannot be copied
        told = f"  [{style}]{word:8}[/]  {name}  {escape(' '.join(finding.detail.split()))}"
        out.print(told, highlight=False, soft_wrap=True)
        if finding.fix:
            out.print(f"            [bold]fix:[/] {escape(finding.fix)}", highlight=False, soft_wrap=True)
    verdict = (
        "Something essential is missing or broken: see the fixes above."
        if sick
        else "Everything essential is here."
    )
    out.print(f"\n{verdict}", style="red" if sick else "green", highlight=False)
    out.print(f"next: {step}", highlight=False, markup=False, soft_wrap=True)


def _folded(findings: list[Finding]) -> list[Finding]:
    """Return the findings with the packages that are as they should be told in one line."""
    own = ("python", "robust-qa")
    fine = [f for f in findings if f.area == "python" and f.state == "ok" and f.name not in own]
    if not fine:
        return findings
    told = ", ".join(f"{f.name} {f.detail}" for f in fine)
    first = findings.index(fine[0])
    packages = Finding("python", "packages", "ok", told)
    rest = [f for f in findings if f not in fine]
    return [*rest[:first], packages, *rest[first:]]
