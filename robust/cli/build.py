"""``robust build ATTACK``: a robustness set by any registered attack; what ``build-qads`` shares with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.engine import Address, Engine, check_engine
from robust.cli.scorers import MaskedLmName
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.attack.base import Attack
    from robust.build import Built

Data = Annotated[
    str,
    typer.Option("--data", "-d", help="A SQuAD file, a catalogue name such as squad2:dev, or a built set."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The folder to write the set to; made if need be.")]
AnswerableOnly = Annotated[
    bool, typer.Option("--answerable-only/--all", help="Leave out the questions without an answer.")
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        "-l",
        min=1,
        help="Build from a sample of this many questions, stratified by article and answerability.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Settles every random choice.")]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, help="Processes; one per core if not given. Changes no byte of the set."
    ),
]
Controls = Annotated[
    bool,
    typer.Option(
        "--controls/--no-controls", help="Build its four controls, too: other edits of the same words."
    ),
]
Constraint = Annotated[
    list[str] | None,
    typer.Option(
        "--constraint",
        help="What every variant must keep, as in 'edit-rate<=0.2'; repeatable. See docs/attacks.md.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def build(
    *,
    attack: Annotated[str, typer.Argument(help="The attack's name; see: robust list attacks.")],
    data: Data,
    out: Out,
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", help="A setting of the attack, NAME=VALUE (JSON or text); repeatable."),
    ] = None,
    constraint: Constraint = None,
    answerable_only: AnswerableOnly = False,
    limit: Limit = None,
    seed: Seed = 0,
    workers: Workers = None,
    controls: Controls = True,
    masked_lm: MaskedLmName = None,
    engine: Engine = "local",
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Build a robustness set from DATA with any attack."""
    from robust.attack.registry import make

    settings = dict(read_setting(text) for text in setting or [])
    make_set(
        make(attack, **with_constraints(settings, constraint)),
        data,
        out,
        answerable_only=answerable_only,
        limit=limit,
        seed=seed,
        workers=workers,
        controls=controls,
        masked_lm=masked_lm,
        engine=engine,
        address=address,
        as_json=as_json,
        words=[
            "build",
            attack,
            *repeated("--setting", setting),
            *repeated("--constraint", constraint),
            *(("--masked-lm", masked_lm) if masked_lm else ()),
        ],
    )


def with_constraints(settings: Mapping[str, Any], constraint: Sequence[str] | None) -> dict[str, Any]:
    """Return the settings with what ``--constraint`` adds to those that are set already."""
    own = settings.get("constraints", [])
    if not constraint or not isinstance(own, list | tuple):  # another value is the attack's to refuse
        return dict(settings)
    return {**settings, "constraints": (*own, *constraint)}


def repeated(option: str, values: Sequence[str] | None) -> list[str]:
    """Return the words of an option that may be given several times."""
    return [part for value in values or [] for part in (option, value)]


def make_set(
    attack: Attack,
    data: str,
    out: Path,
    *,
    answerable_only: bool,
    limit: int | None,
    seed: int,
    workers: int | None,
    controls: bool,
    as_json: bool,
    words: Sequence[str],
    masked_lm: str | None = None,
    engine: str = "local",
    address: str | None = None,
) -> None:
    """Build the set, with a progress bar, and tell what came out; ``words`` begin the noted command."""

    from robust.attack.control import Control
    from robust.attack.registry import control_arms
    from robust.build import build as build_set
    from robust.cli.engine import machines
    from robust.cli.output import counting_bar, emit_json
    from robust.cli.questions import open_questions, select_questions, set_command
    from robust.cli.scorers import load_scorers
    from robust.folders import sole

    check_engine(engine, address)
    local = engine == "local"
    if workers is not None and not local:
        raise UserError(f"--workers {workers}: goes with --engine local; a cluster has as many as it has")
    # what travels to other machines lies on none's GPU
    scorers = load_scorers(attack, masked_lm, device="auto" if local else "cpu")
    attack = attack.bound(scorers)
    side_by_side = local and workers != 1 and limit is None and not attack.needs
    questions, source = open_questions(data, side_by_side=side_by_side)
    selection: dict[str, Any] = {"answerable_only": answerable_only, "limit": limit}
    chosen = select_questions(questions, answerable_only, limit, seed)
    arms = control_arms(attack) if controls and not isinstance(attack, Control) else {}
    bar = counting_bar(f"{attack.name}, questions", len(chosen))
    with sole(out), machines(engine, address) as found, bar as progress:
        built = build_set(
            chosen,
            attack,
            out,
            seed=seed,
            workers=workers,
            controls=arms,
            source=source,
            selection=selection,
            command=set_command(words, source.name, selection, seed, bool(arms)),
            progress=progress,
            scorers=scorers,
            machines=found,
        )
    if as_json:
        emit_json(_report(built))
    else:
        _print(built)


def read_setting(text: str, option: str = "--setting", example: str = "edits=2") -> tuple[str, Any]:
    """Return name and value of ``NAME=VALUE``, the value being JSON or else text."""
    import json

    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"{option} {text!r}: expected NAME=VALUE, as in {option} {example}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _report(built: Built) -> dict[str, Any]:
    manifest = built.manifest
    keys = (
        "attack",
        "questions",
        "covered",
        "covered_answerable",
        "covered_unanswerable",
        "coverage",
        "variants",
    )
    return {
        "out": str(built.out),
        **{key: manifest[key] for key in keys},
        "preset": manifest["settings"].get("preset"),
        "edits": manifest["edits"],
        "rejections": manifest["rejections"],
        "controls": manifest["controls"],
        "intersection": manifest["intersection"],
        "settings_hash": manifest["settings_hash"],
        "sha256": manifest["sha256"],
        "fresh": built.fresh,
    }


def _print(built: Built) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    m = built.manifest
    preset = m["settings"].get("preset")
    if not built.fresh:
        out.print(f"{built.out} holds this very set already; nothing to do.", soft_wrap=True, markup=False)
    out.print(
        f"[bold]{escape(m['attack'])}[/bold]{f' ({preset})' if preset else ''} over "
        f"{m['questions']:,} questions"
    )
    out.print(
        f"coverage {m['coverage']:.1%}: {m['covered']:,} questions rewritten "
        f"({m['covered_answerable']:,} answerable, {m['covered_unanswerable']:,} not), {m['edits']:,} edits"
    )
    table = Table("rejected", "times", title="Turned down, by reason", title_justify="left")
    table.columns[1].justify = "right"
    for reason, times in sorted(
        m["rejections"].items(), key=lambda item: (item[0].partition(":")[0], -item[1])
    ):
        table.add_row(escape(reason), f"{times:,}")
    if m["rejections"]:
        out.print(table)
    if m["controls"]:
        arms = ", ".join(f"{name} {arm['questions']:,}" for name, arm in m["controls"].items())
        out.print(f"controls: {arms}; in all of them: {m['intersection']:,} questions")
    written = f"written: {built.out}/original.json, perturbed.json, edits.parquet, manifest.json"
    out.print(written, soft_wrap=True, markup=False)
    folder = shlex.quote(str(built.out))
    out.print(f"next: robust eval --model NAME --set {folder}", soft_wrap=True, markup=False)
