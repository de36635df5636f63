"""``robust probe MODEL``: what an encoder's masked-LM head knows before any fine-tuning."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def probe(
    model: Annotated[str, typer.Argument(help="An encoder with its masked-LM head: name, folder or hub id.")],
    *,
    tasks: Annotated[
        list[str] | None,
        typer.Option(
            "--task", help="A shipped task or a task file (TOML); repeatable. [default: all shipped]"
        ),
    ] = None,
    shots: Annotated[
        int, typer.Option("--shots", min=0, help="Solved items of each label before the question.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Settles which items are shown solved.")] = 0,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Subtract what labels get where the text says nothing.")
    ] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Ask an encoder's masked-LM head to fill the gap of small cloze tasks, and count how often it is right.

    A discriminator (ELECTRA) has no such head: probe its generator.
    """
    from robust.cli.output import console, emit_json
    from robust.probe.task import find_task, shipped_tasks
    from robust.zoo.lookup import find_encoder

    wanted = [find_task(name) for name in dict.fromkeys(tasks or shipped_tasks())]
    find_encoder(model)  # a mistake is told before torch is imported, which takes seconds
    with console.status(f"loading {model}") as status:
        from robust.probe.outcome import summarise
        from robust.probe.probe import ProbeSettings
        from robust.probe.probe import probe as probe_task
        from robust.reader.predict import PredictSettings
        from robust.zoo.masked_lm import load_masked_lm

        place = str(PredictSettings(device=device, dtype="float32").resolve().device)
        lm = load_masked_lm(model)
        lm.model.to(place)
        settings = ProbeSettings(shots=shots, seed=seed, calibrate=calibrate)
        found = []
        for task in wanted:
            status.update(f"asking {task.name}")
            found.append(summarise(probe_task(lm, task, settings)))
    report = {
        "model": model,
        "family": lm.model.config.model_type,
        "shots": shots,
        "seed": seed,
        "calibrated": calibrate,
        "device": place,
        "tasks": found,
    }
    if as_json:
        emit_json(report)
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    shots = report["shots"]
    way = f"shots a label: {shots}, seed {report['seed']}" if shots else "zero-shot"
    calibrated = ", calibrated" if report["calibrated"] else ""
    table = Table(
        title=escape(f"{report['model']} ({report['family']}), {way}{calibrated}"), title_justify="left"
    )
    table.add_column("task")
    table.add_column("pattern")
    for heading in ("right", "accuracy", "95 % interval", "chance", "majority", "says most"):
        table.add_column(heading, justify="right")
    for task in report["tasks"]:
        first = [escape(task["task"]), ""]
        for row in task["patterns"]:
            table.add_row(first[0], escape(row["pattern"]), *_cells(row, task), *_most(row, task))
            first[0] = ""
        table.add_row("", "mean of patterns", *_cells(task["mean"], task), "")
        table.add_row(
            "", "all patterns together", *_cells(task["together"], task), *_most(task["together"], task)
        )
        table.add_section()
    out.print(table, highlight=False)
    for task in report["tasks"]:
        if split := task["split_words"]:
            words = ", ".join(f"{word} ({count})" for word, count in split.items())
            out.print(
                escape(f"{task['task']}: words in several pieces for this tokenizer: {words}"),
                highlight=False,
            )


def _cells(figures: dict[str, Any], task: dict[str, Any]) -> list[str]:
    bounds = figures["interval"]
    return [
        f"{figures['right']}/{task['items']}" if "right" in figures else "",
        f"{figures['accuracy']:.1%}",
        "-" if bounds is None else f"{bounds[0]:.1%} to {bounds[1]:.1%}",
        f"{task['chance']:.1%}",
        f"{task['majority']:.1%}",
    ]


def _most(figures: dict[str, Any], task: dict[str, Any]) -> list[str]:
    label, count = max(figures["said"].items(), key=lambda pair: pair[1])
    return [f"{label} {count / task['items']:.0%}"]
