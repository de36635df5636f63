"""``robust demo``: two readers, two robustness sets, one report, in about a minute and without a download."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.output import console, counted, emit_json, out

if TYPE_CHECKING:
    from robust.runs import Run

# Twins that come with the package: all but the objective that they were pre-trained with is the same.
READERS = ("bert-mini-squad2", "electra-mini-squad2")
PRESETS = {
    "safe": "one word a question, the safest, by a synonym of the sense it has there",
    "paper": "every content word that has a synonym, right or wrong: nothing judges the result",
}

# seconds between two lines of progress, where nobody watches a bar
_EVERY = 10.0

_LEGEND = (
    "How to read this: scores are percentages, drops are points, clean minus perturbed; brackets hold "
    "95 % intervals, clustered by article. EM: the answer is exactly a right one. F1: how far its words "
    "are those of a right one. Best span: the reader may not abstain. The controls edit the same words "
    "of the same questions: identity changes nothing, first sense and random sense take a synonym of "
    "that sense, non synonym takes an unrelated word."
)


def demo(
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where sets and runs go. [default: ROBUST_HOME/demo]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Reword a small sample's questions and see two small readers fall: about a minute, no download."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from robust.folders import sole
    from robust.home import robust_home

    folder = folder or robust_home() / "demo"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    # two demos in one folder would write over one another's sets, and evaluate half of them
    with sole(folder), Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        sets = [_build(preset, folder / preset, bar) for preset in PRESETS]
        results = [_evaluate(name, sets, folder, bar) for name in READERS]
        _begin(bar, "writing the report")
        runs = _runs(results)
        page = _report(runs, folder)
    if as_json:
        emit_json({"sets": [str(path) for path in sets], "readers": results, "report": str(page)})
        return
    _print(results, runs, folder, page)


def _begin(bar: Any, what: str, total: int | None = None) -> Any:
    """Show what is done next: as a bar, or as a line where nobody watches."""
    if not console.is_terminal:
        console.print(f"{what} ...", highlight=False)
    return bar.add_task(what, total=total)


def _build(preset: str, path: Path, bar: Any) -> Path:
    """Build a set from the sample that comes with the package; the safe one with its controls."""
    from robust.attack.registry import control_arms, make
    from robust.build import Source, build
    from robust.files import sha256_file
    from robust.squad import catalogue

    questions = catalogue.load("demo")
    attack = make("qads.v1", preset=preset)
    what = f"rewriting questions ({preset})"
    task = _begin(bar, what, len(questions))
    build(
        questions,
        attack,
        path,
        seed=0,
        workers=1,  # a few hundred questions: starting processes would take longer
        controls=control_arms(attack) if preset == "safe" else {},
        source=Source("demo", sha256_file(catalogue.resolve("demo"))),
        command=f"robust build-qads --data demo --preset {preset}",
        progress=counted(bar, task, what, silence=_EVERY),
    )
    return path


def _evaluate(name: str, sets: list[Path], folder: Path, bar: Any) -> dict[str, Any]:
    from robust.evaluation.evaluate import evaluate_reader
    from robust.evaluation.sets import open_set
    from robust.zoo.checkpoints import load_reader

    reader = load_reader(name)
    task = _begin(bar, f"{name} reads")
    return evaluate_reader(
        reader,
        [open_set(str(path), Path) for path in sets],
        out=folder / f"run-{name}",
        command=shlex.join(
            ["robust", "eval", "--model", name, *(w for path in sets for w in ("--set", str(path)))]
        ),
        progress=counted(bar, task, f"{name} reads", silence=_EVERY),
    ) | {"about": reader.settings.extra.get("about", "")}


def _runs(results: list[dict[str, Any]]) -> dict[str, Run]:
    from robust.report.html.open import open_runs

    return open_runs([Path(result["run"]) for result in results])


def _report(runs: Mapping[str, Run], folder: Path) -> Path:
    """Write the page that shows it all, and every question, and return where it is."""
    from robust.files import write_text
    from robust.home import sets_home
    from robust.report.html.open import open_sets
    from robust.report.html.page import make_report
    from robust.squad.catalogue import here

    sets, notes = open_sets(runs, (), sets_home(), here)
    page = folder / "report.html"
    write_text(page, make_report(runs, sets, title="", command="robust demo", notes=notes).html)
    return page


def _print(results: list[dict[str, Any]], runs: Mapping[str, Run], folder: Path, page: Path) -> None:
    from robust.evaluation.compare import compare
    from robust.report.side_by_side import control_drops, headline, side_by_side, who_falls_further

    compared = compare(list(runs.values()), figures=("HasAns_span_exact",), controls=False)
    for preset, meaning in PRESETS.items():
        summary = results[0]["sets"][preset]
        out.print(
            f"[bold]QADS, preset {preset}[/bold]: {meaning}\n"
            f"{summary['questions']} of {summary['asked']} questions could be reworded so.",
            highlight=False,
        )
        for result in results:
            out.print(headline(result, preset), highlight=False)
        for line in who_falls_further(compared, preset):
            out.print(line, highlight=False)
        out.print()
        out.print(side_by_side(results, preset), highlight=False)
        out.print()
        if (controls := control_drops(results, preset)) is not None:
            out.print(controls, highlight=False)
            out.print()
    out.print(_LEGEND, highlight=False)
    for result in results:
        out.print(f"[bold]{result['model']}[/bold]: {result['about']}", highlight=False)
    out.print(
        f"\nThe report, for a browser: {page}\n"
        f"Sets and runs: {folder} (edits.parquet says why each word was chosen)\n"
        "Next: robust build-qads --data squad2:dev --out qads     the real thing, 11,873 questions\n"
        "      robust eval --model electra-mini-squad2 --set qads on it; any Hugging Face reader goes too\n"
        "      robust finetune minilm --data squad2:train --out my-reader",
        highlight=False,
        soft_wrap=True,
    )
