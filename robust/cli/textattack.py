"""``robust textattack RECIPE``: a recipe of TextAttack against a reader, and the set that it finds."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.build import AnswerableOnly, Data, Json, Limit, Out, Seed
from robust.cli.own_reader import ReaderObject
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.reader.threshold import Thresholds
    from robust.squad.records import Question
    from robust.textattack.reader import ReaderWrapper


def textattack(
    *,
    recipe: Annotated[str, typer.Argument(help="TextAttack's name of it: pwws, deepwordbug, textfooler ...")],
    data: Data,
    out: Out,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="A reader: name, folder or hub id.")
    ] = None,
    reader: ReaderObject = None,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", help="Null odds above which it abstains. [default: own, else cross-fit]"),
    ] = None,
    swap: Annotated[
        list[str] | None,
        typer.Option(
            "--swap",
            help="Take OTHER for a PART of the recipe that is not here; repeatable. The "
            "set is then not called by the recipe's name.",
        ),
    ] = None,
    rules: Annotated[
        bool,
        typer.Option(
            "--rules/--no-rules", help="Leave names, numbers and quotations alone, as our own attacks do."
        ),
    ] = False,
    budget: Annotated[
        int | None,
        typer.Option("--query-budget", min=1, help="Queries for one question, at most."),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    answerable_only: AnswerableOnly = False,
    limit: Limit = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Run a recipe of TextAttack against a reader (an extra: see docs/textattack.md)."""
    from collections import Counter

    from robust.cli.amounts import check_threshold
    from robust.cli.output import console, counting_bar, emit_json
    from robust.cli.questions import open_questions, select_questions, set_command
    from robust.textattack.dataset import QuestionDataset
    from robust.textattack.folder import check_out, write
    from robust.textattack.goal import Guide, WrongAnswer
    from robust.textattack.recipes import build, check_recipe
    from robust.textattack.rules import Untouchable
    from robust.textattack.run import attack_questions, summarise

    if (model is None) == (reader is None):
        raise UserError(
            "expected one of --model NAME and --reader MODULE:OBJECT; see: robust textattack --help"
        )
    swapped = dict(_swap(text) for text in swap or [])
    check_threshold(threshold)
    check_recipe(recipe, swapped)
    check_out(out)
    questions, source = open_questions(data)
    selection: dict[str, Any] = {"answerable_only": answerable_only, "limit": limit}
    chosen = select_questions(questions, answerable_only, limit, seed)
    with console.status(f"loading {model or reader}"):
        wrapper, thresholds, about = _reader(model, reader, threshold, device, chosen)
    dataset = QuestionDataset(chosen)
    guide: Guide = "loss" if model is not None else "f1"
    how: dict[str, Any] = {} if budget is None else {"query_budget": budget}
    goal = WrongAnswer(wrapper, dataset, thresholds=thresholds, guide=guide, **how)
    made = build(recipe, goal, dataset, swapped)
    if rules:
        made.attack.pre_transformation_constraints.append(Untouchable(dataset))
    rejected: Counter[str] = Counter()
    with counting_bar("questions answered") as progress:
        outcomes = attack_questions(made.attack, dataset, seed=seed, progress=progress, rejected=rejected)
    search = summarise(outcomes)
    settings = {
        "recipe": recipe,
        "swapped": dict(made.swapped),
        "rules": rules,
        "guide": guide,
        "query_budget": budget,
        **about,
    }
    words = ["textattack", recipe, *(part for text in swap or [] for part in ("--swap", text))]
    words += ["--model", model] if model is not None else ["--reader", reader or ""]
    words += [] if threshold is None else ["--threshold", str(threshold)]
    words += [] if budget is None else ["--query-budget", str(budget)]
    words += ["--rules"] if rules else []
    manifest = write(
        out,
        chosen,
        outcomes,
        name=made.name,
        settings=settings,
        seed=seed,
        search=search,
        rejected=rejected,
        source=source,
        selection=selection,
        command=set_command(words, source.name, selection, seed, True),
    )
    if as_json:
        emit_json({"out": str(out), "attack": made.name, **search, "rejections": manifest["rejections"]})
    else:
        _print(out, made.name, manifest, search, threshold)


def _swap(text: str) -> tuple[str, str]:
    part, equals, other = text.partition("=")
    if not equals or not other:
        raise UserError(f"--swap {text}: expected PART=OTHER, as in --swap sentence-encoder=minilm")
    return part, other


def _reader(
    model: str | None, reader: str | None, threshold: float | None, device: str, clean: Sequence[Question]
) -> tuple[ReaderWrapper, Thresholds | None, dict[str, Any]]:
    """Return the reader under TextAttack, where it abstains, and what the manifest says of both."""
    from robust.reader.predict import PredictSettings
    from robust.reader.threshold import single
    from robust.textattack.reader import ReaderWrapper

    if model is None:
        from robust.cli.own_reader import load_object

        wrapper = ReaderWrapper(load_object(reader or ""))
        limits = None if threshold is None else single(threshold)
        return wrapper, limits, {"model": wrapper.name, "threshold": threshold}
    from robust.evaluation.evaluate import clean_thresholds
    from robust.zoo.checkpoints import load_reader
    from robust.zoo.lookup import check_known

    check_known(model)
    loaded = load_reader(model)
    settings = PredictSettings(device=device, dtype="float32").resolve()
    wrapper = ReaderWrapper(loaded, settings)
    limits = clean_thresholds(None if threshold is None else str(threshold), loaded, clean, settings)
    about = {
        "model": wrapper.name,
        "model_sha256": loaded.sha256,
        "threshold": {"kind": limits.kind, "by_fold": list(limits.by_fold)},
    }
    return wrapper, limits, about


def _print(
    out: Path,
    name: str,
    manifest: Mapping[str, Any],
    search: Mapping[str, Any],
    threshold: float | None,
) -> None:
    from rich.markup import escape

    from robust.cli.output import out as screen

    low, high = search["interval"] or (0.0, 0.0)
    lines: Sequence[str] = (
        f"[bold]{escape(name)}[/bold] over {search['questions']:,} questions, "
        f"{search['wrong_before']:,} of them wrong already",
        f"succeeded on {search['succeeded']:,} of {search['attacked']:,}: {search['success_rate'] or 0:.1%} "
        f"(95 % {low:.1%} to {high:.1%}); accuracy {search['accuracy_before']:.1%} to "
        f"{search['accuracy_after']:.1%}",
        f"queries: {search['queries']:,}, {search['queries_per_question'] or 0:.1f} a question attacked",
    )
    for line in lines:
        screen.print(line, highlight=False)
    for reason, times in manifest["rejections"].items():
        screen.print(f"{reason}: {times:,}", highlight=False, markup=False)
    screen.print(
        f"written: {out}, {manifest['covered']:,} questions changed; next: robust eval --model NAME "
        f"--set {shlex.quote(str(out))}{'' if threshold is None else f' --threshold {threshold:g}'}",
        soft_wrap=True,
        markup=False,
    )
