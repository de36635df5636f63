"""``robust pretrain``: an encoder from raw text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.amounts import seconds
from robust.cli.amounts import tokens as read_tokens
from robust.cli.output import console, emit_json, out
from robust.errors import UserError, quoted

if TYPE_CHECKING:
    from robust.pretrain.loop import Step

# Off a screen a step is told so many seconds after the last that was.
_SILENCE = 60.0


def pretrain(  # noqa: PLR0917 (typer needs the argument first; callers name the rest)
    model: Annotated[str, typer.Argument(help="Shape: a catalogue name (robust list models).")],
    corpus: Annotated[
        list[Path], typer.Option(help="Text: files, folders, or one packed corpus. Repeatable.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name to keep the encoder by, on this machine. [default: MODEL's]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for it, in place of a name.")
    ] = None,
    objective: Annotated[
        str,
        typer.Option(
            help="What it learns: masked-lm, sentence-order, replaced-token or another of "
            "docs/pretraining.md. [default: what its family does]"
        ),
    ] = "",
    start: Annotated[
        str | None, typer.Option(help="Go on from this encoder's weights: a name, folder or hub id.")
    ] = None,
    shape: Annotated[
        list[str] | None, typer.Option(help="Change the shape: layers=4, hidden=256, embedding=256 ...")
    ] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="Whose tokenizer. [default: the start's, or one trained on the corpus]")
    ] = None,
    vocabulary: Annotated[
        int, typer.Option(min=0, help="Entries of a tokenizer trained here (0: as the catalogue says).")
    ] = 0,
    length: Annotated[
        int | None, typer.Option(min=8, help="Tokens in a window. [default: the packed corpus's, or 128]")
    ] = None,
    mask_rate: Annotated[
        float | None, typer.Option(help="Share of tokens hidden. [default: the objective's, 0.15]")
    ] = None,
    mask_unit: Annotated[
        str | None, typer.Option(help="token, word or ngram. [default: the objective's]")
    ] = None,
    generator: Annotated[
        float | None,
        typer.Option(help="Width of ELECTRA's generator, as a share of the model's. [default: 0.25]"),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(help="What generator and model share: none, embeddings, all. [default: embeddings]"),
    ] = None,
    stage_share: Annotated[
        float | None, typer.Option(help="Two stages: the first one's share of the run. [default: 0.5]")
    ] = None,
    share_layers: Annotated[
        str, typer.Option(help="What ALBERT's layers share: all, attention, ffn, none. [default: all]")
    ] = "",
    steps: Annotated[int | None, typer.Option(min=1, help="How long: steps. [default: 10000]")] = None,
    tokens: Annotated[
        str,
        typer.Option(help="How long, by tokens seen in place of steps: 500k, 16M, 1B.", show_default=False),
    ] = "0",
    budget: Annotated[
        str,
        typer.Option(help="How long, by the clock in place of steps: 90s, 20m, 1.5h.", show_default=False),
    ] = "0",
    batch: Annotated[int, typer.Option(min=1, help="Windows in a step.")] = 128,
    accumulate: Annotated[int, typer.Option(min=1, help="Compute each step in this many parts.")] = 1,
    lr: Annotated[float, typer.Option(min=1e-9, max=1.0, help="Learning rate at its peak.")] = 5e-4,
    warmup: Annotated[float, typer.Option(min=0.0, max=0.9, help="Share of the run that warms up.")] = 0.1,
    dropout: Annotated[
        float | None, typer.Option(min=0.0, max=0.9, help="Dropout. [default: the shape's]")
    ] = None,
    mimetic: Annotated[
        bool, typer.Option("--mimetic", help="Start attention as trained ones end: better on little text.")
    ] = False,
    neighbours: Annotated[
        bool,
        typer.Option("--neighbours", help="Start with heads that look at neighbours: no plateau at first."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights, order, masks and dropout.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto (bfloat16 on CUDA), float32 or bfloat16.")] = "auto",
    compile_: Annotated[
        bool, typer.Option("--compile", help="Use torch.compile: worth it on a GPU, for long runs.")
    ] = False,
    cuda_graph: Annotated[
        bool,
        typer.Option("--cuda-graph", help="Record a step once and repeat it: for small models; no dropout."),
    ] = False,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 500,
    keep: Annotated[int, typer.Option("--keep-checkpoints", min=1, help="Checkpoints that are kept.")] = 2,
    peak_tflops: Annotated[
        float,
        typer.Option(
            min=0.0, help="The device's peak, for the utilisation that is printed (0: known or measured)."
        ),
    ] = 0.0,
    log_to: Annotated[str, typer.Option(help="Send every tenth step to trackio or mlflow.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Pre-train an encoder from raw text; run the same command again to go on after an interruption."""
    from robust.home import robust_home
    from robust.pretrain.loop import PretrainSettings
    from robust.pretrain.objectives.choice import Choice
    from robust.pretrain.run import PretrainRequest, run_pretraining
    from robust.reader.predict import PredictSettings
    from robust.zoo.lookup import encoder_folder

    wanted: Any = dtype
    chosen = PredictSettings(device=device, dtype=wanted).resolve()
    request = PretrainRequest(
        model=model,
        corpus=tuple(corpus),
        choice=Choice(
            objective=objective,
            mask_rate=mask_rate,
            mask_unit=mask_unit,
            generator=generator,
            share=share,
            stage_share=stage_share,
        ),
        share_layers=share_layers,
        shape=_changes(shape or []),
        start=start,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        length=length,
        mimetic=mimetic,
        neighbours=neighbours,
        dropout=dropout,
    )
    seen, lasting = read_tokens(tokens), seconds(budget)
    if (steps is not None) + (seen > 0) + (lasting > 0) > 1:
        raise UserError("--steps, --tokens, --budget: each says how long; expected one of them")
    settings = PretrainSettings(
        lr=lr,
        batch=batch,
        accumulate=accumulate,
        steps=steps or 10_000,
        budget=lasting,
        warmup=warmup,
        seed=seed,
        dtype=chosen.dtype,
        device=chosen.device,
        compile=compile_,
        cuda_graph=cuda_graph,
        checkpoint_every=checkpoint_every,
        keep=keep,
        peak=peak_tflops * 1e12,
    )
    if output is not None and name is not None:
        raise UserError(f"--name {name}: --out says already where to put it; give one of them")
    folder = output or encoder_folder(model if name is None else name)

    def notice(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    with _progress(folder.name) as show:
        record = run_pretraining(
            request,
            settings,
            folder,
            packs=robust_home() / "packs",
            tokens=seen,
            log_to=log_to,
            report=show,
            notice=notice,
        )
    if record is None:  # not the first of several processes: that one tells
        return
    if as_json:
        emit_json(record)
        return
    for line in _lines(folder, record):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[Step], None]]:
    """Yield what draws a bar on a screen, and elsewhere prints a line every few minutes at the most."""
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%  {task.fields[told]}"),
        TimeElapsedColumn(),
    )
    said = -_SILENCE
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"pre-training {escape(name)}", total=1.0, told="")

        def show(step: Step) -> None:
            nonlocal said
            speed = f"{step.tokens_per_second:,.0f} tokens/s, {step.utilisation:.0%} of the peak"
            bar.update(task, completed=step.progress, told=f"loss {step.loss:.3f}  {speed}")
            if not console.is_terminal and step.seconds - said >= _SILENCE:
                said = step.seconds
                figures = ", ".join(f"{key} {value:.3f}" for key, value in step.figures.items())
                line = f"step {step.number}  {step.progress:.1%}  loss {step.loss:.3f} ({figures})  {speed}"
                console.print(line, highlight=False, markup=False, soft_wrap=True)

        yield show


def _lines(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """Return what was made and what it took, and the command that comes next."""
    from robust.pretrain.curves import figures
    from robust.zoo.lookup import encoders_home

    last = record["last"]
    told = ", ".join(f"{name} {last[name]:.3f}" for name in ("loss", *figures([last])) if name in last)
    name = folder.name if folder.parent == encoders_home() else quoted(folder)
    return [
        f"{folder}: {record['objective']}, {record['parameters'] / 1e6:.1f}M parameters",
        f"{record['steps']:,} steps, {record['tokens']:,} tokens, {record['flops']:.2e} FLOPs, "
        f"{record['seconds'] / 60:.1f} minutes; {last.get('tokens_per_second', 0):,.0f} tokens/s, "
        f"{last.get('utilisation', 0):.0%} of the peak",
        f"last step: {told}",
        f"curves: {folder / 'curves.png'}",
        f"next: robust finetune {name} --data squad2:train --out my-reader",
    ]


def _changes(given: list[str]) -> dict[str, str]:
    """Return field -> value of ``field=value`` words."""
    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            raise UserError(f"--shape {word}: expected a field and a number, such as layers=4")
        found[name.strip()] = value.strip()
    return found
