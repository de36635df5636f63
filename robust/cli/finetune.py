"""``robust finetune``: an encoder becomes a SQuAD 2.0 reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.amounts import seconds
from robust.cli.output import console, emit_json, out
from robust.errors import UserError, quoted


def finetune(  # noqa: PLR0917 (typer needs the argument first; callers name the rest)
    model: Annotated[
        str, typer.Argument(help="Encoder: a catalogue name (robust list models), path or hub id.")
    ],
    data: Annotated[
        str, typer.Option("--data", "-d", help="Training questions: a path or a catalogue name.")
    ],
    output: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reader.")],
    head: Annotated[
        str, typer.Option(help="plain (start and end apart) or electra (the end knows its start).")
    ] = "plain",
    scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Random weights in the catalogue's shape, no pre-training.")
    ] = False,
    tokenizer_from: Annotated[
        str | None, typer.Option("--tokenizer", help="With --from-scratch: whose tokenizer to use.")
    ] = None,
    unshare: Annotated[
        bool, typer.Option("--unshare", help="Give each layer of an ALBERT weights of its own.")
    ] = False,
    lr: Annotated[
        float | None,
        typer.Option(min=1e-9, max=1.0, help="Learning rate at its peak. [default: the model's recipe]"),
    ] = None,
    layer_decay: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Each layer learns at this share of the rate of the one above. [default: the recipe]",
        ),
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(min=0.0, help="Passes over the data. [default: the recipe]")
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1, help="Windows (a question with a piece of its paragraph) in a step. [default: the recipe]"
        ),
    ] = None,
    accumulate: Annotated[int, typer.Option(min=1, help="Compute each step in this many parts.")] = 1,
    max_steps: Annotated[int, typer.Option(min=0, help="Stop after this many steps (0: all epochs).")] = 0,
    budget: Annotated[
        str, typer.Option(help="Tie the schedule to the clock: 90s, 20m, 1.5h (0: to the steps).")
    ] = "0",
    length: Annotated[
        int | None, typer.Option(min=16, help="Tokens in a window. [default: the recipe]")
    ] = None,
    train_length: Annotated[
        int, typer.Option(min=0, help="Drop training windows longer than this (0: keep).")
    ] = 0,
    limit: Annotated[
        int, typer.Option("--limit", "-l", min=0, help="Train on a sample of this many of --data (0: all).")
    ] = 0,
    unanswerable: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=0.9,
            help="Make up unanswerable questions (another paragraph) to this share; 0: none.",
        ),
    ] = 0.0,
    augment: Annotated[
        list[Path] | None,
        typer.Option(
            help="A set built over --data: the variants of the questions trained on are added; repeatable."
        ),
    ] = None,
    hold_out: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Share of the articles kept for the threshold.")
    ] = 0.03,
    dropout: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Dropout; 0 is faster on a CPU, for at most one epoch.")
    ] = 0.1,
    freeze_embeddings: Annotated[bool, typer.Option(help="Leave the embeddings as they are.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the head, the order and dropout.")] = 0,
    seeds: Annotated[
        int, typer.Option(min=1, help="Train this many seeds, from --seed on, into OUT/seed-N.")
    ] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto (bfloat16 on CUDA), float32 or bfloat16.")] = "auto",
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Fine-tune an encoder on SQuAD 2.0; run the same command again to go on after an interruption."""
    from rich.markup import escape

    from robust.cli.data import load_data
    from robust.folders import sole
    from robust.reader.finetune import FinetuneSettings, Step
    from robust.reader.predict import PredictSettings
    from robust.reader.seeds import check_seeds_out, train_seeds
    from robust.reader.training import FinetuneRequest, asked, check_out, train_reader
    from robust.zoo.lookup import recipe_of
    from robust.zoo.settings import HEADS

    if head not in HEADS:
        raise UserError(f"--head {head}: expected one of {', '.join(HEADS)}")
    base = recipe_of(model)
    wanted: Any = dtype
    chosen = PredictSettings(device=device, dtype=wanted).resolve()
    window = base.length if length is None else length
    settings = FinetuneSettings(
        lr=base.lr if lr is None else lr,
        layer_decay=base.layer_decay if layer_decay is None else layer_decay,
        epochs=base.epochs if epochs is None else epochs,
        batch=base.batch if batch is None else batch,
        accumulate=accumulate,
        warmup=base.warmup,
        weight_decay=base.weight_decay,
        length=window,
        stride=min(base.stride, window // 3),
        max_question=min(base.max_question, window // 4),
        train_length=train_length,
        max_steps=max_steps,
        budget=seconds(budget),
        seed=seed,
        dtype=chosen.dtype,
        device=chosen.device,
        dropout=dropout,
        freeze_embeddings=freeze_embeddings,
        checkpoint_every=checkpoint_every,
    )

    request = FinetuneRequest(
        encoder=model,
        data=data,
        head=head,
        from_scratch=scratch,
        tokenizer_from=tokenizer_from,
        unshare=unshare,
        limit=limit,
        unanswerable=unanswerable,
        hold_out_share=hold_out,
        augment_with=tuple(augment or ()),
    )
    if seeds == 1:
        check_out(output)
    else:
        check_seeds_out(output)
    questions = load_data(data)

    def notice(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    def report(step: Step) -> None:
        rate = f"{step.windows_per_second:.1f}"
        bar.update(task, completed=step.progress, loss=f"{step.loss:.3f}", rate=rate)
        if not console.is_terminal and step.number % checkpoint_every == 0:
            console.print(
                f"step {step.number}  {step.progress:.0%}  loss {step.loss:.3f}  {rate} windows/s",
                highlight=False,
            )

    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with (
        sole(output),
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%  loss {task.fields[loss]}  {task.fields[rate]} windows/s"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,  # off a screen it would leave an empty line
        ) as bar,
    ):
        task = bar.add_task(f"fine-tuning {escape(model)}", total=1.0, loss="-", rate="-")

        def train(number: int, folder: Path) -> dict[str, Any]:
            own = replace(settings, seed=number)
            return train_reader(request, own, questions, folder, report=report, notice=notice)

        if seeds == 1:
            summary = train(seed, output)
        else:
            summary = train_seeds(
                train,
                lambda number: asked(request, replace(settings, seed=number), questions),
                output,
                range(seed, seed + seeds),
                notice=notice,
            )
    if as_json:
        emit_json(summary)
        return
    for line in [_line(output, summary)] if seeds == 1 else _lines(output, summary):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    out.print(f"next: robust eval --model {quoted(output)} --set squad2:dev", markup=False, soft_wrap=True)


def _line(folder: Path, summary: Mapping[str, Any]) -> str:
    from robust.reader.threshold import in_words

    threshold = summary["null_threshold"]
    return (
        f"{folder}: {summary['steps']} steps, {summary['questions']} questions, loss "
        f"{summary['loss_first']:.3f} -> {summary['loss_last']:.3f}; no-answer threshold "
        f"{'none (use --threshold cross-fit)' if threshold is None else in_words(threshold)}"
    )


def _lines(folder: Path, summary: Mapping[str, Any]) -> list[str]:
    """Return a line for each seed, and one for their spread."""
    lines = [_line(folder / f"seed-{run['seed']}", run) for run in summary["runs"]]
    names = {
        "held_out_exact": "exact match on held-out questions (their threshold chosen on them)",
        "null_threshold": "no-answer threshold",
        "loss_last": "last loss",
    }
    said = [f"{names[key]} {summary['mean'][key]:.2f} +- {summary['sd'][key]:.2f}" for key in summary["mean"]]
    return [*lines, f"mean and standard deviation over {len(summary['runs'])} seeds: {'; '.join(said)}"]
