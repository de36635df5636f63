"""``robust attack``: search for the wordings of a question that a reader gets wrong."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.build import AnswerableOnly, Json, Seed, read_setting, with_constraints
from robust.cli.engine import Address, Engine, check_engine, machines, noted_command
from robust.cli.scorers import MaskedLmName
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.attack.scorers import Scorers
    from robust.attack.search import Plan
    from robust.evaluation.adversarial import Attacked, Victim
    from robust.reader.gold_loss import ReaderLoss
    from robust.reader.predict import PredictSettings
    from robust.reader.short_loss import ShortLoss
    from robust.reader.threshold import Thresholds
    from robust.scale.machines import Machines
    from robust.squad.records import Question
    from robust.zoo.checkpoints import LoadedReader

# Texts wanted before no further question is begun; results do not depend on it.
_AT_ONCE = {"cuda": 4096, "cpu": 96}


def attack(
    *,
    model: Annotated[
        str, typer.Option("--model", "-m", help="The reader to attack: name, folder or hub id.")
    ],
    attack: Annotated[
        str, typer.Option("--attack", "-a", help="What it may do to a question; see: robust list attacks.")
    ],
    data: Annotated[
        str,
        typer.Option(
            "--data", "-d", help="A SQuAD file, a catalogue name such as squad2:dev, or a built set."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to; made if need be.")],
    strategy: Annotated[
        str, typer.Option("--strategy", help="greedy, beam, worst-of-k or genetic (docs/search.md).")
    ] = "greedy",
    budget: Annotated[
        int,
        typer.Option(
            "--query-budget", min=2, help="Texts of a question that may be scored, itself included."
        ),
    ] = 200,
    most_edits: Annotated[
        int | None, typer.Option("--most-edits", min=1, help="Places edited at a time. [default: any number]")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--setting", help="A setting of the attack, NAME=VALUE; repeatable."),
    ] = None,
    strategy_setting: Annotated[
        list[str] | None,
        typer.Option("--strategy-setting", help="A setting of the strategy, such as width=8; repeatable."),
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option("--constraint", help="What every candidate must keep: 'edit-rate<=0.2'; repeatable."),
    ] = None,
    masked_lm: MaskedLmName = None,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            help="Null odds above which it abstains: own, cross-fit (to clean questions of other "
            "articles) or a number. [default: own, else cross-fit]",
        ),
    ] = None,
    answerable_only: AnswerableOnly = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-l",
            min=1,
            help="Attack a sample of so many, stratified by article and answerability.",
        ),
    ] = None,
    seed: Seed = 0,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    dtype: Annotated[
        str,
        typer.Option("--dtype", help="float32, or bfloat16: faster, but what is found depends on the batch."),
    ] = "float32",
    screen: Annotated[
        bool | None,
        typer.Option(
            "--screen/--no-screen",
            help="Order candidates by a cheap pass over part of the paragraph first; every outcome is the "
            "reader's own all the same. [default: on a CPU]",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Processes, each with the reader, on a CPU; in float32 they change no byte. [default: one a "
            "core, from 400 questions on]",
        ),
    ] = None,
    batch_tokens: Annotated[
        int | None, typer.Option("--batch-tokens", min=1, help="Tokens in a batch, padding included.")
    ] = None,
    engine: Engine = "local",
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Search for wordings of the questions that a reader gets wrong, within a budget of queries."""
    from robust.attack.registry import make
    from robust.attack.search import Plan, check_searchable, make_strategy
    from robust.build.run import check_room
    from robust.cli.output import emit_json
    from robust.cli.scorers import load_scorers
    from robust.reader.threshold import check_rule
    from robust.zoo.lookup import check_known

    check_engine(engine, address)
    if workers is not None and engine != "local":
        raise UserError(f"--workers {workers}: goes with --engine local; a cluster has as many as it has")
    settings = dict(read_setting(text) for text in setting or [])
    made = make(attack, **with_constraints(settings, constraint))
    how = (read_setting(text, "--strategy-setting", "width=8") for text in strategy_setting or [])
    chosen = make_strategy(strategy, **dict(how))
    check_searchable(made, chosen)
    check_room(out)
    check_rule(threshold)
    check_known(model)  # before torch is imported and data are read, which takes seconds
    # what travels to other machines lies on none's GPU
    scorers = load_scorers(made, masked_lm, device=device if engine == "local" else "cpu")
    plan = Plan(made.bound(scorers), chosen, budget, most_edits, seed)
    began = time.monotonic()
    with machines(engine, address) as there:
        found = _attack(
            model,
            plan,
            scorers,
            data=data,
            out=out,
            options={"device": device, "dtype": dtype, "batch_tokens": batch_tokens},
            threshold=threshold,
            screen=screen,
            workers=workers,
            machines=there,
            selection={"answerable_only": answerable_only, "limit": limit},
        )
    seconds = time.monotonic() - began
    if as_json:
        emit_json(_report(found, seconds))
    else:
        _print(found, seconds)


def _attack(
    model: str,
    plan: Plan,
    scorers: Scorers,
    *,
    data: str,
    out: Path,
    options: Mapping[str, Any],
    threshold: str | None,
    screen: bool | None,
    workers: int | None,
    machines: Machines | None,
    selection: Mapping[str, Any],
) -> Attacked:
    """Load what is needed and run the search with a progress bar on stderr."""
    from robust.cli.output import console, counting_bar
    from robust.cli.questions import open_questions, select_questions

    with console.status(f"loading {model}"):
        import torch

        from robust.evaluation.adversarial import AttackRequest, attack_reader
        from robust.folders import sole
        from robust.reader.elsewhere import gpus_of, resolve_on
        from robust.reader.predict import PredictSettings

        how = PredictSettings(**options)
        how = how.resolve() if machines is None else resolve_on(machines, how)[0]
        questions, source = open_questions(data)
        chosen = select_questions(questions, selection["answerable_only"], selection["limit"], plan.seed)
        screened = how.device == "cpu" if screen is None else screen
        if screened and machines is not None and how.device != "cpu":
            raise UserError("--screen: on a cluster it goes with --device cpu; leave it out")
        request = AttackRequest(
            questions=chosen,
            plan=plan,
            victim=_victim(model, how, threshold, chosen, screened=screened, machines=machines),
            scorers=scorers,
            source=source,
            selection=selection,
            command="robust " + shlex.join(noted_command()),
        )
    with sole(out), counting_bar("questions answered") as progress:
        return attack_reader(
            request,
            out,
            workers=workers,
            machines=machines,
            gpus=gpus_of(how),
            at_once=_AT_ONCE.get(torch.device(how.device).type, _AT_ONCE["cpu"]),
            progress=progress,
        )


def _victim(
    model: str,
    how: PredictSettings,
    wanted: str | None,
    questions: Sequence[Question],
    *,
    screened: bool,
    machines: Machines | None,
) -> Victim:
    from robust.evaluation.about import about_thresholds
    from robust.evaluation.adversarial import Victim
    from robust.evaluation.evaluate import check_threshold, clean_thresholds
    from robust.zoo.checkpoints import load_reader

    reader = load_reader(model)
    check_threshold(wanted, reader)
    thresholds = clean_thresholds(wanted, reader, questions, how, machines)
    # a process of this machine loads it; to another one the reader itself travels
    whose = model if machines is None else reader
    again = partial(_losses, whose, how, thresholds, screened=screened)
    return Victim(
        Path(model).name or model,
        reader.sha256,
        about_thresholds([thresholds]),
        *_losses(reader, how, thresholds, screened=screened),
        again if machines is not None or how.device == "cpu" else None,
    )


def _losses(
    reader: LoadedReader | str, how: PredictSettings, thresholds: Thresholds, *, screened: bool
) -> tuple[ReaderLoss, ShortLoss | None]:
    """Return the loss of a reader, loaded or by name, and the screen for it; workers call it, too."""
    from robust.cli.output import console
    from robust.reader.gold_loss import ReaderLoss
    from robust.reader.short_loss import ShortLoss
    from robust.zoo.checkpoints import load_reader

    loaded = load_reader(reader) if isinstance(reader, str) else reader
    loss = ReaderLoss(
        loaded,
        thresholds,
        how,
        notice=lambda message: console.print(message, style="yellow", highlight=False, markup=False),
    )
    return loss, ShortLoss(loaded, thresholds, how.device) if screened else None


def _report(found: Attacked, seconds: float) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "out": str(found.out),
        "fresh": found.fresh,
        "attack": manifest["attack"],
        "settings": manifest["settings"],
        **manifest["search"],
        **found.figures,
        "rejections": manifest["rejections"],
        "seconds": round(seconds, 2),
    }


def _print(found: Attacked, seconds: float) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    m, f = found.manifest, found.figures
    how = m["search"]
    if not found.fresh:
        out.print(f"{found.out} holds this very search already; nothing to do.", soft_wrap=True, markup=False)
    out.print(
        f"[bold]{escape(m['attack'])}[/bold] against {escape(how['model']['name'])}: {how['strategy']}, "
        f"{how['budget']} queries a question",
        highlight=False,
    )
    table = Table("", "share", "95 %", "of", show_edge=False)
    for name, key, of in (
        ("attack success", "success_rate", f["clean_right"]),
        ("  where there was a candidate", "success_rate_with_candidates", f["with_candidates"]),
        ("  answerable", "HasAns", None),
        ("  unanswerable", "NoAns", None),
        ("accuracy, clean", "accuracy_clean", f["questions"]),
        ("accuracy under attack", "accuracy_under_attack", f["questions"]),
    ):
        table.add_row(name, *_share(f[key]), "" if of is None else f"{of:,}")
    out.print(table)
    if f["queries"] and f["queries_of_successes"]:
        out.print(
            f"queries: mean {f['queries']['mean']:.1f}, median {f['queries']['median']:.0f}; of successes "
            f"{f['queries_of_successes']['mean']:.1f} and {f['queries_of_successes']['median']:.0f}",
            highlight=False,
        )
    if f["screened"] and how["screen"]:
        out.print(f"screened: mean {f['screened']['mean']:.1f} texts a question", highlight=False)
    for curve, name in (("edit_curve", "edits"), ("query_curve", "queries")):
        points = ", ".join(f"{p[name]}: {p['rate']:.1%}" for p in f[curve] if "rate" in p)
        if points:  # without a success there are no edits to count
            out.print(f"success within so many {name}: {points}", highlight=False)
    if found.fresh:
        out.print(f"{f['questions']:,} questions in {seconds:.0f} s", highlight=False)
    folder = shlex.quote(str(found.out))
    then = f"robust transfer {folder} --model ANOTHER"
    if not f["successes"]:  # there is nothing to ask others
        then = "a larger --query-budget, more freedom for the attack, or another one: robust list attacks"
    out.print(f"next: {then}", soft_wrap=True, markup=False)


def _share(rate: Mapping[str, Any] | None) -> tuple[str, str]:
    if rate is None:
        return "", ""
    span = "" if rate["low"] is None else f"{rate['low']:.1%} to {rate['high']:.1%}"
    return f"{rate['rate']:.1%}", span
