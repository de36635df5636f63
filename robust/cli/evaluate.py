"""``robust eval``: how a reader, or an outside system's answers, fare on clean and perturbed questions."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.engine import Address, Engine, check_engine, machines, noted_command
from robust.cli.output import console, counting_bar, emit_json, out
from robust.cli.own_reader import Batch, Endpoint, ReaderObject, ReaderVersion
from robust.errors import UserError
from robust.folders import sole

if TYPE_CHECKING:
    from robust.evaluation.sets import EvaluationSet
    from robust.scale.machines import Machines


def evaluate(
    *,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="A reader: name, folder (of several seeds, too) or hub id.",
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            help="A built set, data file or catalogue name (squad2:dev); repeatable. [default: qads]",
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", help="Score another system's final answers: {id: text} as JSON."),
    ] = None,
    endpoint: Endpoint = None,
    reader: ReaderObject = None,
    reader_version: ReaderVersion = None,
    batch: Batch = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The run folder. [default: under ROBUST_HOME/runs; of --predictions: none]"
        ),
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(
            "--threshold",
            help="Null odds above which it abstains: own, cross-fit (to clean questions of other "
            "articles) or a number. [default: own, else cross-fit]",
        ),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    dtype: Annotated[
        str, typer.Option("--dtype", help="auto (bfloat16 on CUDA, else float32), float32, bfloat16.")
    ] = "auto",
    batch_tokens: Annotated[
        int | None, typer.Option("--batch-tokens", min=1, help="Tokens in a batch, padding included.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-l", min=1, help="Only so many questions of each set, stratified."),
    ] = None,
    controls: Annotated[
        bool, typer.Option("--controls/--no-controls", help="Evaluate a set's controls, too.")
    ] = True,
    engine: Engine = "local",
    address: Address = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Measure a reader on clean and perturbed questions: scores, drops, and how sure they are.

    Name the reader by one of --model, --predictions, --endpoint and --reader.
    """
    if sum(one is not None for one in (model, predictions, endpoint, reader)) != 1:
        answerers = {"model": model, "predictions": predictions, "endpoint": endpoint, "reader": reader}
        given = [f"--{name}" for name, one in answerers.items() if one is not None]
        raise UserError(
            f"found {' and '.join(given) or 'nothing that answers'}; expected one of --model NAME, "
            "--predictions FILE, --endpoint URL and --reader MODULE:OBJECT; see: robust eval --help"
        )
    _check_options(
        "--model"
        if model is not None
        else "--predictions"
        if predictions is not None
        else "--endpoint or --reader",
        {
            "--threshold": (threshold is not None, "--model, --endpoint or --reader"),
            "--device": (device != "auto", "--model"),
            "--dtype": (dtype != "auto", "--model"),
            "--batch-tokens": (batch_tokens is not None, "--model"),
            "--reader-version": (reader_version is not None, "--endpoint or --reader"),
            "--request-size": (batch is not None, "--endpoint or --reader"),
            "--engine": (engine != "local", "--model"),
        },
    )
    check_engine(engine, address)
    # all that can be wrong is told before the sets are read, which may be large
    alone = nullcontext() if run is None else sole(run)
    if model is not None:
        from robust.reader.threshold import check_rule
        from robust.zoo.lookup import check_known

        check_rule(threshold)
        check_known(model)  # before torch is imported, which takes seconds
        # of torchrun's processes the first alone comes past `machines`
        with machines(engine, address) as found, alone:
            options = {"device": device, "dtype": dtype, "batch_tokens": batch_tokens}
            opened = _opened(sets, controls=controls, limit=limit)
            result = _evaluate_model(
                model, opened, options, machines=found, threshold=threshold, out=run, limit=limit
            )
    elif predictions is not None:
        with alone:
            result = _evaluate_answers(predictions, sets, out=run, limit=limit)
    else:
        from robust.cli.own_reader import evaluate_own, own_reader

        own = own_reader(endpoint, reader, batch)
        with alone:
            opened = _opened(sets, controls=controls, limit=limit)
            how = {"version": reader_version, "threshold": threshold, "out": run, "limit": limit}
            result = evaluate_own(own, opened, endpoint, **how)
    if json:
        emit_json(_flat(result))
    else:
        _print(result)


def _check_options(kind: str, options: Mapping[str, tuple[bool, str]]) -> None:
    """Raise UserError for options that were given, but go with another kind of answers.

    ``options``: name -> whether it was given, and what it goes with.
    """
    wrong = {name: goes for name, (given, goes) in options.items() if given and kind not in goes}
    if wrong:
        last = "the answers in --predictions are final, leave it out"
        goes = next(iter(wrong.values())) if len(set(wrong.values())) == 1 else "--model"
        raise UserError(
            f"{', '.join(wrong)}: goes with {goes}; {last if kind == '--predictions' else 'leave it out'}"
        )


def _opened(sets: Sequence[str] | None, *, controls: bool, limit: int | None) -> list[EvaluationSet]:
    from robust.cli.data import resolve_data
    from robust.evaluation.sets import check_names, open_set

    opened = [open_set(name, resolve_data, controls=controls, limit=limit) for name in sets or ["qads"]]
    check_names([one.name for one in opened])
    return opened


def _evaluate_answers(
    predictions: Path, sets: Sequence[str] | None, *, out: Path | None, limit: int | None
) -> dict[str, Any]:
    """Score a file of answers: it has one for each id, and the ids of control arms are the set's."""
    from robust.evaluation.about import check_out
    from robust.evaluation.answers import evaluate_answers, read_answers, write_answers

    if out is not None:
        check_out(out, predictions.name)
    texts = read_answers(predictions)
    opened = _opened(sets, controls=False, limit=limit)
    if out is None:
        return evaluate_answers(predictions, opened, texts)
    command = "robust " + shlex.join(sys.argv[1:])
    return write_answers(out, predictions, opened, texts, command=command, limit=limit)


def _evaluate_model(
    model: str,
    sets: Sequence[EvaluationSet],
    options: Mapping[str, Any],
    *,
    machines: Machines | None,
    **how: Any,
) -> dict[str, Any]:
    """Load a reader and evaluate it, with a progress bar on stderr."""
    with console.status(f"loading {model}"):
        from robust.evaluation.about import check_out
        from robust.evaluation.evaluate import check_threshold, evaluate_seeds
        from robust.reader.predict import PredictSettings
        from robust.reader.seeds import find_seed_folders
        from robust.zoo.checkpoints import load_reader

        if how["out"] is not None:
            check_out(how["out"], Path(model).name or model)
        settings = PredictSettings(**options)
        if machines is None:  # else it is theirs to say what they have
            settings = settings.resolve()
        folders = find_seed_folders(model)
        names = [str(folder) for folder in folders] if folders else [model]
        first = load_reader(names[0])
        check_threshold(how["threshold"], first)
    with counting_bar("questions answered") as progress:
        return evaluate_seeds(
            Path(model).name or model,
            chain([first], (load_reader(name) for name in names[1:])),
            sets,
            settings,
            command="robust " + shlex.join(noted_command()),
            machines=machines,
            progress=progress,
            notice=lambda message: console.print(message, style="yellow", highlight=False, markup=False),
            **how,
        )


def _flat(result: Mapping[str, Any]) -> dict[str, Any]:
    """Put the figures of a single set at the top, where scripts look for them."""
    found = result["sets"]
    return {**result, **next(iter(found.values()))} if len(found) == 1 else dict(result)


def _print(result: Mapping[str, Any]) -> None:
    from robust.report.table import set_table

    for name, summary in result["sets"].items():
        out.print(set_table(name, summary, _heading(result, summary)), highlight=False)
        if (doubt := _own_threshold_doubt(summary)) is not None:
            out.print(doubt, highlight=False)
        out.print()
    if "run" in result:
        console.print(f"run: {result['run']}", highlight=False, markup=False)


def _own_threshold_doubt(summary: Mapping[str, Any]) -> str | None:
    """Return what to do where a reader's own threshold makes it worse than abstaining always."""
    clean = summary.get("original", summary)
    if (summary.get("threshold") or {}).get("kind") != "own" or not clean.get("NoAns_total"):
        return None
    always = 100 * clean["NoAns_total"] / clean["total"]
    if clean["exact"] >= always:
        return None
    return (
        f"its own threshold does worse here than abstaining always ({always:.1f}): these questions are not "
        "those it was chosen on; --threshold cross-fit chooses one on clean questions"
    )


def _span(values: Sequence[float]) -> str:
    """Return thresholds from the lowest to the highest."""
    from robust.reader.threshold import in_words

    low, high = (in_words(value) for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def _heading(result: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    rule = summary.get("threshold")
    if rule is None or "predictions" in result:
        return f"answers from {result['predictions']}, taken as final"
    if rule["kind"] == "none":
        return f"{result['model']}; its answers are final"
    values = [value for one in rule.get("by_seed", [rule.get("by_fold")]) for value in one]
    if rule["kind"] == "cross-fit":
        said = f"cross-fitted on the clean questions of other articles, {_span(values)}"
    else:
        said = f"{'its own' if rule['kind'] == 'own' else 'given'}, {_span(values)}"
    many = "" if "seeds" not in summary else f", mean of {len(summary['seeds']['numbers'])} seeds"
    kept = "" if not {"original", "changed"} & summary.keys() else ", kept on perturbed questions"
    return f"{result['model']}{many}; null threshold {said}{kept}"
