"""``robust validity ATTACK``: how often people accept what an attack puts in a word's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from robust.attack.base import Attack
    from robust.attack.validity import Target


def validity(
    attack: Annotated[str, typer.Argument(help="The attack's name; see: robust list attacks.")],
    *,
    data: Annotated[Path, typer.Option("--data", help="SWORDS 1.1, as published: swords-v1.1_dev.json.gz.")],
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--setting", "-s", help="A setting of the attack, NAME=VALUE (JSON or text); repeatable."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Settles every random choice.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Say how often people accept the attack's substitute of a given word, on the judgements of SWORDS.

    The weights of qads.v1 were fitted on SWORDS dev: each word is judged here by weights that never saw it.
    """
    from robust.attack.registry import make
    from robust.attack.validity import read_targets
    from robust.cli.build import read_setting
    from robust.cli.output import emit_json
    from robust.files import sha256_file

    settings = dict(read_setting(text) for text in setting or [])
    made = make(attack, **settings)
    targets = read_targets(data)
    report: dict[str, Any] = {
        "attack": made.name,
        "settings": made.settings(),
        "seed": seed,
        "data": data.name,
        "sha256": sha256_file(data),
        **_measure(made, targets, seed),
    }
    if as_json:
        emit_json(report)
    else:
        _print(report)


def _measure(attack: Attack, targets: list[Target], seed: int) -> dict[str, Any]:
    """Return the figures and the curve, cross-fitted where the attack has weights that were fitted."""
    from robust.attack.validity import answer, curve, is_weighted, score, with_settings

    def answers(**changes: Any) -> list[Any]:
        changed = with_settings(attack, **changes)
        return [answer(changed, target, seed) for target in targets]

    if not is_weighted(attack):
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


def _print(report: dict[str, Any]) -> None:
    from rich.table import Table

    from robust.cli.output import out

    table = Table(title=f"{report['attack']} on {report['data']}", title_justify="left")
    for heading in ("", "substitutes", "coverage", "judged", "accepted", "95 % interval", "unjudged wrong"):
        table.add_column(heading, justify="right")
    kind = "as set, cross-fitted" if report["cross_fitted"] else "as set"
    table.add_row(kind, *_cells(report))
    if "fitted" in report:
        table.add_row("as set, weights that saw these judgements", *_cells(report["fitted"]))
    for point in report["curve"]:
        table.add_row(f"margin {point['margin']:.3f}", *_cells(point))
    out.print(table)


def _cells(figures: dict[str, Any]) -> list[str]:
    bounds = figures["interval_judged"]
    return [
        str(figures["answered"]),
        f"{figures['coverage']:.1%}",
        str(figures["judged"]),
        "-" if bounds is None else f"{figures['precision_judged']:.1%}",
        "-" if bounds is None else f"{bounds[0]:.1%} to {bounds[1]:.1%}",
        "-" if figures["precision_all"] is None else f"{figures['precision_all']:.1%}",
    ]
