"""``robust demo``: two readers, one robustness set, one table, in about a minute and without a download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.output import console, emit_json, out
from robust.errors import UserError

# Two readers of different families that come with the package.
READERS = ("minilm-squad2", "electra-tiny-squad2")


def demo(
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where the set and the runs go. [default: ROBUST_HOME/demo]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Build a QADS set from a small sample and see two small readers fall: about a minute, no download."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from robust.attack.registry import control_arms, make
    from robust.build import Source, build
    from robust.files import sha256_file
    from robust.home import robust_home
    from robust.squad import catalogue

    folder = folder or robust_home() / "demo"
    sample = catalogue.resolve("demo")
    attack = make("qads.v1", preset="safe")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        questions = catalogue.load("demo")
        task = bar.add_task("rewriting questions", total=len(questions))
        build(
            questions,
            attack,
            folder / "qads",
            seed=0,
            workers=1,  # a few hundred questions: starting processes would take longer
            controls=control_arms(attack),
            source=Source("demo", sha256_file(sample)),
            command="robust build-qads --data demo",
            progress=lambda done, total: bar.update(task, completed=done),
        )
        results = [_evaluate(name, folder, bar) for name in READERS]
    if as_json:
        emit_json({"set": str(folder / "qads"), "readers": results})
        return
    _print(results, folder)


def _evaluate(name: str, folder: Path, bar: Any) -> dict[str, Any]:
    from robust.evaluation.evaluate import evaluate_reader
    from robust.evaluation.sets import open_set
    from robust.zoo.checkpoints import load_reader

    try:
        reader = load_reader(name)
    except UserError as error:
        raise UserError(f"{error} (robust demo needs: pip install 'robust-qa[semantic]')") from error
    task = bar.add_task(f"{name} reads", total=None)
    opened = [open_set(str(folder / "qads"), lambda path: Path(path))]
    return evaluate_reader(
        reader,
        opened,
        out=folder / f"run-{name}",
        command=f"robust eval --model {name} --set {folder / 'qads'}",
        progress=lambda done, total: bar.update(task, completed=done, total=total),
    ) | {"about": reader.settings.extra.get("about", "")}


def _print(results: list[dict[str, Any]], folder: Path) -> None:
    from robust.report.side_by_side import control_drops, headline, side_by_side

    summary = results[0]["sets"]["qads"]
    out.print(
        f"[bold]QADS, safe preset:[/bold] {summary['questions']} of {summary['asked']} questions, one word of "
        "each replaced by a synonym of the sense it has there.",
    )
    for result in results:
        out.print(headline(result, "qads"), highlight=False)
    out.print()
    out.print(side_by_side(results, "qads"), highlight=False)
    controls = control_drops(results, "qads")
    if controls is not None:
        out.print()
        out.print(controls, highlight=False)
    out.print()
    for result in results:
        out.print(f"[bold]{result['model']}[/bold]: {result['about']}", highlight=False)
    out.print(
        f"\nThe set: {folder / 'qads'} (edits.parquet says why each word was chosen)\n"
        "Next: robust build-qads --data squad2:dev --out qads       the real thing, 11,873 questions\n"
        "      robust eval --model minilm-squad2 --set qads         on it; any Hugging Face reader goes too\n"
        "      robust finetune minilm --data squad2:train --out my-reader",
        highlight=False,
        soft_wrap=True,
    )
