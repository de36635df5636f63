"""``robust validity ATTACK``: how far what an attack writes can be trusted, measured and judged."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.build import Constraint
from robust.cli.engine import Address, Engine, check_engine, machines
from robust.cli.scorers import MaskedLmName
from robust.errors import UserError
from robust.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from robust.attack.base import Attack
    from robust.attack.scorers import Scorers
    from robust.attack.validity import Target
    from robust.review.sharing import Trial
    from robust.scale.machines import Machines

# What is measured, each a part of the report that can be there or not.
SECTIONS = ("swords", "questions", "judged", "examples")
# What else than settings sections must share to stand in one file, and what an old file without it had.
_MADE_BY: dict[str, Any] = {"seed": 0, "scorers": {}}


def validity(
    attack: Annotated[str, typer.Argument(help="The attack's name; see: robust list attacks.")],
    *,
    swords: Annotated[
        Path | None,
        typer.Option("--swords", help="Judge its substitutes by SWORDS 1.1: swords-v1.1_dev.json.gz."),
    ] = None,
    offers: Annotated[
        Path | None,
        typer.Option(
            "--offers", help="Show others' substitutes beside it: JSON of benchmarks/validity_textattack.py."
        ),
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option("--data", "-d", help="Count faults in a sample of these questions, such as squad2:dev."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="So many questions, stratified.")] = 1000,
    judged: Annotated[
        Path | None,
        typer.Option(
            "--judged", help="A judged sample, made by robust review collect: docs/judged/NAME.jsonl."
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", help="A setting of the attack, NAME=VALUE (JSON or text); repeatable."),
    ] = None,
    constraint: Constraint = None,
    masked_lm: MaskedLmName = None,
    seed: Annotated[int, typer.Option("--seed", help="Settles every random choice.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write the figures to this JSON file, keeping what it has of the same settings, seed and "
            "models.",
        ),
    ] = None,
    engine: Engine = "local",
    address: Address = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say how valid an attack's variants are: judged substitutes, counted faults, a judged sample.

    Name one or more of --swords, --data and --judged: each adds its part.
    The weights of qads.v1 were fitted on SWORDS dev: each word is judged here by weights that never saw it.
    """
    from robust.attack.registry import make
    from robust.cli.build import read_setting, with_constraints
    from robust.cli.output import emit_json
    from robust.cli.scorers import load_scorers
    from robust.folders import check_writable
    from robust.review.sharing import Trial

    if swords is None and questions is None and judged is None:
        raise UserError("nothing to measure on; name --swords FILE, --data squad2:dev or --judged FILE")
    if offers is not None and swords is None:
        raise UserError("--offers: stand beside the figures on SWORDS; name --swords too")
    settings = dict(read_setting(text) for text in setting or [])
    made = make(attack, **with_constraints(settings, constraint))
    beside = None if offers is None else _read_offers(offers)  # a mistake is told before all is measured
    check_engine(engine, address)
    # what travels to other machines lies on none's GPU
    scorers = load_scorers(made, masked_lm, device="auto" if engine == "local" else "cpu")
    made = made.bound(scorers)
    report: dict[str, Any] = {
        "attack": made.name,
        "settings": made.settings(),
        "settings_hash": made.settings_hash(),
        "expected": made.expected,
        "seed": seed,
        "scorers": scorers.sha256s(),
    }
    if out is not None:
        check_writable(out.parent)
    kept = None if out is None else out.with_name(f".{out.name}.partial")
    with machines(engine, address) as there:
        gpus = 1 if there is not None and there.gpus and scorers.masked_lm is not None else 0
        trial = Trial(made, seed, scorers, gpus)
        if swords is not None:
            report["swords"] = _on_swords(trial, swords, beside, there, kept)
        if questions is not None:
            report["questions"] = _on_questions(trial, questions, limit, there, kept)
    if questions is not None:
        report["examples"] = _examples(made, seed, scorers)
    if judged is not None:
        report["judged"] = _judged(judged, made)
    if out is not None and kept is not None:
        _write(out, report)
        shutil.rmtree(kept, ignore_errors=True)
    if as_json:
        emit_json(report)
    else:
        _print(report)


def _on_swords(
    trial: Trial,
    data: Path,
    beside: dict[str, list[str]] | None,
    machines: Machines | None,
    kept: Path | None,
) -> dict[str, Any]:
    """Return the figures on SWORDS, with those of the offers beside."""
    from robust.attack.validity import offered, read_targets
    from robust.files import sha256_file

    targets = read_targets(data)
    found = {
        "data": data.name,
        "sha256": sha256_file(data),
        **_measure(trial, targets, machines, kept),
    }
    if beside is not None:
        found["beside"] = {"name": "TextAttack WordSwapWordNet, one drawn", **offered(targets, beside)}
    return found


def _read_offers(path: Path) -> dict[str, list[str]]:
    """Return words by target id, as benchmarks/validity_textattack.py writes them."""
    made_by = "benchmarks/validity_textattack.py"
    try:
        offers = read_json(path)
    except OSError as error:
        raise UserError(
            f"--offers {path}: cannot be read ({error.strerror}); name the offers of {made_by}"
        ) from None
    except ValueError as error:
        raise UserError(f"{path}: not the offers of {made_by} ({error}); make it again") from None
    if not isinstance(offers, dict) or not all(
        isinstance(words, list) and all(isinstance(word, str) for word in words) for words in offers.values()
    ):
        raise UserError(f"{path}: not the offers of {made_by} (not words by target); make it again")
    return offers


def _measure(
    trial: Trial, targets: list[Target], machines: Machines | None, kept: Path | None
) -> dict[str, Any]:
    """Return the figures and the curve, cross-fitted where the attack has weights that were fitted."""
    from robust.attack.validity import curve, is_weighted, score, with_settings
    from robust.review.sharing import answers_on

    def answers(**changes: Any) -> list[Any]:
        changed = with_settings(trial.attack, **changes) if changes else trial.attack
        return answers_on(machines, replace(trial, attack=changed), targets, kept)

    if not is_weighted(trial.attack):
        found = answers()
        return {
            "cross_fitted": False,
            **score(targets, found).as_dict(),
            "curve": curve(targets, found),
        }
    return {
        "cross_fitted": True,
        **score(targets, answers(cross_fitted=True)).as_dict(),
        "fitted": score(targets, answers(cross_fitted=False)).as_dict(),
        "curve": curve(targets, answers(cross_fitted=True, least_safety=0.0)),
    }


def _on_questions(
    trial: Trial, name: str, limit: int, machines: Machines | None, kept: Path | None
) -> dict[str, Any]:
    from robust.build import stratified_sample
    from robust.cli.data import resolve_data
    from robust.files import sha256_file
    from robust.review.sharing import measure_on
    from robust.squad.io import read_questions

    file = resolve_data(name)
    chosen = stratified_sample(read_questions(file), limit, trial.seed)
    return {
        "data": Path(name).name if Path(name).exists() else name,
        "sha256": sha256_file(file),
        **measure_on(machines, trial, chosen, kept),
    }


def _examples(attack: Attack, seed: int, scorers: Scorers) -> list[dict[str, str]]:
    from robust.review.measured import examples
    from robust.squad.catalogue import load

    return examples(attack, load("demo"), seed=seed, scorers=scorers)


def _judged(path: Path, attack: Attack) -> dict[str, Any]:
    from robust.files import sha256_file
    from robust.review.judged import check_attack, judged_shares, read_judged

    rows = read_judged(path)
    check_attack(path, rows, attack)
    return {"file": path.name, "sha256": sha256_file(path), **judged_shares(rows)}


def _write(path: Path, report: Mapping[str, Any]) -> None:
    """Write the report; sections not measured now are kept where they are of the same settings and models."""
    from robust import __version__
    from robust.commit import git_commit
    from robust.files import write_text

    kept: dict[str, Any] = {}
    if path.exists():
        try:
            old = read_json(path)
            same = old["settings_hash"] == report["settings_hash"] and all(
                old.get(key, missing) == report[key] for key, missing in _MADE_BY.items()
            )
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{path}: not figures of robust validity; choose another --out") from None
        if same:
            kept = {key: old[key] for key in SECTIONS if key in old}
    made = {**kept, **report, "versions": {"robust": __version__}, "git_commit": git_commit()}
    write_text(path, json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _print(report: Mapping[str, Any]) -> None:
    if "swords" in report:
        _print_swords(report["attack"], report["swords"])
    if "questions" in report:
        _print_questions(report["attack"], report["questions"])
    if "judged" in report:
        _print_judged(report)


def _print_swords(attack: str, found: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    table = Table(title=escape(f"{attack} on {found['data']}"), title_justify="left")
    for heading in ("", "substitutes", "coverage", "judged", "accepted", "95 % interval", "unjudged wrong"):
        table.add_column(heading, justify="right")
    kind = "as set, cross-fitted" if found["cross_fitted"] else "as set"
    table.add_row(kind, *_cells(found))
    if "fitted" in found:
        table.add_row("as set, weights that saw these judgements", *_cells(found["fitted"]))
    if "beside" in found:
        table.add_row(found["beside"]["name"], *_cells(found["beside"]))
    for point in found["curve"]:
        table.add_row(f"margin {point['margin']:.3f}", *_cells(point))
    out.print(table)


def _cells(figures: Mapping[str, Any]) -> list[str]:
    bounds = figures["interval_judged"]
    return [
        str(figures["answered"]),
        f"{figures['coverage']:.1%}",
        str(figures["judged"]),
        "-" if bounds is None else f"{figures['precision_judged']:.1%}",
        "-" if bounds is None else f"{bounds[0]:.1%} to {bounds[1]:.1%}",
        "-" if figures["precision_all"] is None else f"{figures['precision_all']:.1%}",
    ]


def _print_questions(attack: str, found: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out
    from robust.review.measured import SHARES

    title = escape(f"{attack} on {found['questions']:,} questions of {found['data']}")
    table = Table("", "variants", "share", "95 % interval", title=title, title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("covered (questions)", f"{found['covered']:,}", f"{found['coverage']:.1%}", "")
    table.add_row("variants", f"{found['variants']:,}", "", "")
    table.add_row("wrong offsets", str(found["wrong_offsets"]), "", "")
    for name in SHARES:
        table.add_row(name.replace("_", " "), *_share(found[name]))
    out.print(table)
    if found["variants"]:
        out.print(
            f"mean edit rate {found['mean_edit_rate']:.3f} of the question, "
            f"{found['mean_context_edit_rate']:.3f} of the paragraph; "
            f"{found['questions_per_second']:,.0f} questions/s in one process",
            highlight=False,
        )


def _print_judged(report: Mapping[str, Any]) -> None:
    from robust.cli.output import out

    found = report["judged"]
    changed = "meaning changed" if report["expected"] == "same" else "old answer still right, or other sense"
    for name, told in (("valid", "valid"), ("changed", changed), ("bad_grammar", "bad grammar")):
        count, part, bounds = _share(found[name])
        out.print(f"{told}: {count} of {found['judged']} judged, {part} ({bounds})", highlight=False)


def _share(found: Mapping[str, Any]) -> tuple[str, str, str]:
    if found["share"] is None:
        return str(found["count"]), "-", "-"
    low, high = found["interval"]
    return str(found["count"]), f"{found['share']:.1%}", f"{low:.1%} to {high:.1%}"
