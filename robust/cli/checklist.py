"""``robust checklist``: capability tests for readers, their failure rates, and failures to read."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.own_reader import Batch, Endpoint, ReaderObject, ReaderVersion
from robust.errors import UserError

if TYPE_CHECKING:
    from robust.checklist.asking import Answers
    from robust.checklist.records import Test
    from robust.squad.records import Question


def checklist(
    *,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="A reader: name, folder or hub id.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions", help="Another system's answers to --export's file: {id: text} as JSON."
        ),
    ] = None,
    endpoint: Endpoint = None,
    reader: ReaderObject = None,
    reader_version: ReaderVersion = None,
    batch: Batch = None,
    suite: Annotated[
        Path | None,
        typer.Option(
            "--suite", help="Your own tests: a TOML file or a folder of them. [default: those shipped]"
        ),
    ] = None,
    capability: Annotated[
        list[str] | None,
        typer.Option("--capability", "-c", help="Only the tests of this capability; repeatable."),
    ] = None,
    test: Annotated[
        list[str] | None, typer.Option("--test", "-t", help="Only this test; repeatable.")
    ] = None,
    cases: Annotated[int, typer.Option("--cases", min=1, help="Cases of each test, at most.")] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Settles which words fill the templates.")] = 0,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", help="Null odds above which it abstains. [default: its own, else 0]"),
    ] = None,
    failures: Annotated[int, typer.Option("--failures", min=0, help="Failures of each test to show.")] = 1,
    form: Annotated[str, typer.Option("--format", help="table or markdown.", show_default=True)] = "table",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for figures, all failures (parquet) and tables."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", help="Write the questions as SQuAD JSON for another system, and stop."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List capabilities and tests, and stop.")] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Test what a reader can do, capability by capability: negation, comparison, names, typos and so on.

    Name the reader by one of --model, --predictions, --endpoint and --reader. Tests are templates
    (docs/checklist.md). Cases are the same for the same --cases and --seed.
    """
    from robust.checklist.expand import expand, questions_of
    from robust.checklist.suite import choose, read_suite
    from robust.cli.output import emit_json

    if form not in ("table", "markdown"):
        raise UserError(f"--format {form}: no such format; expected table or markdown")
    tests = choose(read_suite(suite), capability or (), test or ())
    _check_unused(
        "--list" if listing else "--export" if export else "",
        {
            "--model": listing and model is not None,
            "--predictions": listing and predictions is not None,
            "--endpoint": listing and endpoint is not None,
            "--reader": listing and reader is not None,
            "--export": listing and export is not None,
            "--out": out is not None,
        },
    )
    if listing:
        _list(tests, json)
        return
    readers = sum(one is not None for one in (model, predictions, endpoint, reader))
    if readers != (0 if export else 1):
        raise UserError(
            "expected one of --model NAME, --predictions FILE, --endpoint URL, --reader MODULE:OBJECT, "
            "--list and --export FILE; see: robust checklist --help"
        )
    final_answers = predictions is not None or export is not None
    _check(
        model,
        final_answers,
        threshold=threshold,
        version=reader_version,
        batch=batch,
        device=device,
    )
    made = [case for one in tests for case in expand(one, cases, seed)]
    questions = questions_of(made)
    if export is not None:
        _export(export, questions, tests, len(made), json)
        return
    if out is not None:
        from robust.checklist.folder import is_checklist
        from robust.folders import check_replaceable, check_writable

        check_replaceable(out.resolve(), is_checklist, "a result of robust checklist")
        check_writable(out)
    if model is not None:
        answers = _ask_model(model, questions, device, threshold)
    elif predictions is not None:
        from robust.checklist.asking import final
        from robust.evaluation.answers import read_answers

        answers = final(str(predictions), questions, read_answers(predictions))
    else:
        answers = _ask_own(endpoint, reader, questions, batch, version=reader_version, threshold=threshold)

    from robust.checklist.folder import FORMAT, failure_row, write_folder
    from robust.checklist.judge import judge
    from robust.checklist.rates import figures

    outcomes = judge(made, answers.given, answers.spans)
    result: dict[str, Any] = {
        "format": FORMAT,
        "model": answers.name,
        "threshold": answers.threshold,
        "suite": str(suite) if suite else "shipped",
        "seed": seed,
        "cases": cases,
        "questions": len(questions),
        **figures(tests, outcomes),
    }
    rows = [failure_row(outcome) for outcome in outcomes if outcome.why]
    if out is not None:
        from robust.report.checklist import checklist_markdown

        # a folder is for passing on: what stands behind the ? of an address may be a key
        hidden = (endpoint or "").partition("?")[2]
        words = [word.replace(hidden, "...") if hidden else word for word in sys.argv[1:]]
        about = {**result, "command": "robust " + shlex.join(words)}
        write_folder(out, about, outcomes, checklist_markdown(result, rows, failures))
    if json:
        shown = _first(rows, failures)
        emit_json({**result, "failures": shown} | ({"out": str(out)} if out else {}))
    else:
        _print(result, rows, failures, form, out)


def _check_unused(what: str, given: Mapping[str, bool]) -> None:
    """Raise UserError for options that ``what`` (--list or --export; "" is neither) would leave unused."""
    if what and (wrong := [name for name, one in given.items() if one]):
        raise UserError(f"{', '.join(wrong)}: does not go with {what}, which asks nobody; leave it out")


def _check(
    model: str | None,
    final: bool,
    *,
    threshold: float | None,
    version: str | None,
    batch: int | None,
    device: str,
) -> None:
    """Raise UserError for options that go with another kind of reader, and for a model that nobody knows.

    ``final``: answers come from a file, or none are asked for.
    """
    from robust.cli.amounts import check_threshold

    wrong = {
        "--threshold": threshold is not None and final,
        "--reader-version": version is not None and (final or model is not None),
        "--request-size": batch is not None and (final or model is not None),
        "--device": device != "auto" and model is None,
    }
    if given := [name for name, one in wrong.items() if one]:
        raise UserError(f"{', '.join(given)}: does not go with this kind of answers; leave it out")
    check_threshold(threshold)
    if model is not None:
        from robust.zoo.lookup import check_known

        check_known(model)  # before torch is imported, which takes seconds


def _ask_model(model: str, questions: Sequence[Question], device: str, threshold: float | None) -> Answers:
    from robust.cli.output import console, counting_bar

    with console.status(f"loading {model}"):
        from robust.checklist.asking import ask_loaded
        from robust.reader.predict import PredictSettings
        from robust.reader.seeds import find_seed_folders
        from robust.zoo.checkpoints import load_reader

        if folders := find_seed_folders(model):
            raise UserError(f"--model {model}: holds {len(folders)} seeds; name one of them: {folders[0]}")
        settings = PredictSettings(device=device).resolve()
        loaded = load_reader(model)
    with counting_bar("questions answered") as progress:
        return ask_loaded(loaded, questions, settings, threshold=threshold, progress=progress, notice=_notice)


def _ask_own(
    endpoint: str | None, reader: str | None, questions: Sequence[Question], batch: int | None, **how: Any
) -> Answers:
    from robust.checklist.asking import ask_own
    from robust.cli.output import counting_bar
    from robust.cli.own_reader import own_reader

    own = own_reader(endpoint, reader, batch)
    with counting_bar("questions answered") as progress:
        return ask_own(own, questions, progress=progress, notice=_notice, **how)


def _notice(message: str) -> None:
    from robust.cli.output import console

    console.print(message, style="yellow", highlight=False, markup=False)


def _export(path: Path, questions: Sequence[Question], tests: Sequence[Test], cases: int, json: bool) -> None:
    from robust.cli.output import console, emit_json
    from robust.squad.io import write_squad

    write_squad(path, questions)
    if json:
        emit_json({"file": str(path), "tests": len(tests), "cases": cases, "questions": len(questions)})
    else:
        console.print(
            f"{path}: {len(questions):,} questions of {len(tests)} tests", highlight=False, markup=False
        )


def _list(tests: Sequence[Test], json: bool) -> None:
    from robust.cli.output import emit_json, out

    rows = [
        {
            "capability": test.capability,
            "test": test.name,
            "type": test.kind,
            "about": test.about,
            "templates": len(test.templates),
            "control": test.control,
        }
        for test in tests
    ]
    if json:
        emit_json({"tests": rows})
        return
    before = ""
    for row in rows:
        if row["capability"] != before:
            before = str(row["capability"])
            out.print(f"{before}{' (control)' if row['control'] else ''}", highlight=False, markup=False)
        out.print(f"  {row['test']:32} {row['type']}  {row['about']}", highlight=False, markup=False)


def _first(rows: Sequence[dict[str, Any]], many: int) -> list[dict[str, Any]]:
    """Return the first ``many`` failures of each test."""
    shown: list[dict[str, Any]] = []
    for row in rows:
        if sum(one["test"] == row["test"] for one in shown) < many:
            shown.append(row)
    return shown


def _print(
    result: dict[str, Any], rows: Sequence[dict[str, Any]], failures: int, form: str, folder: Path | None
) -> None:
    from robust.cli.output import console, emit_text, out
    from robust.report.checklist import checklist_grid, checklist_markdown, failure_lines, groups_grid
    from robust.report.grid import terminal

    if form == "markdown":
        emit_text(checklist_markdown(result, rows, failures))
    else:
        out.print(terminal(checklist_grid(result)), highlight=False)
        out.print()
        if (groups := groups_grid(result)) is not None:
            out.print(terminal(groups), highlight=False)
            out.print()
        for line in failure_lines(rows, failures) if failures else ():
            out.print(line, highlight=False)
    if folder is not None:
        console.print(f"result: {folder}", highlight=False, markup=False)
