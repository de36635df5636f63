"""``robust pretrain``: an encoder from raw text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.finetune import _seconds
from robust.cli.output import console, emit_json, out
from robust.errors import UserError, quoted


def pretrain(  # noqa: PLR0917 (typer needs the argument first; callers name the rest)
    model: Annotated[str, typer.Argument(help="Shape: a catalogue name (robust list models).")],
    corpus: Annotated[
        list[Path], typer.Option(help="Text: files, folders, or one packed corpus. Repeat for several.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name to keep the encoder by, on this machine. [default: MODEL's]")
    ] = None,
    output: Annotated[Path | None, typer.Option("--out", help="Folder for it, in place of a name.")] = None,
    objective: Annotated[
        str, typer.Option(help="What it learns (docs/pretraining.md). [default: what its family does]")
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
    length: Annotated[int, typer.Option(min=8, help="Tokens in a window.")] = 128,
    mask_rate: Annotated[
        float | None, typer.Option(help="Share of tokens hidden. [default: the objective's, 0.15]")
    ] = None,
    mask_unit: Annotated[
        str | None, typer.Option(help="token, word or ngram. [default: the objective's]")
    ] = None,
    generator: Annotated[
        float | None, typer.Option(help="Width of ELECTRA's generator, as a share. [default: 0.25]")
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
    steps: Annotated[int, typer.Option(min=0, help="Steps (0: see --tokens, --budget).")] = 0,
    tokens: Annotated[str, typer.Option(help="Tokens to see, in place of --steps: 500k, 16M, 1B.")] = "0",
    budget: Annotated[
        str, typer.Option(help="Tie the schedule to the clock: 90s, 20m, 1.5h (0: to the steps).")
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
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights, order, masks and dropout.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto (bfloat16 on CUDA), float32 or bfloat16.")] = "auto",
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Pre-train an encoder from raw text; run the same command again to go on after an interruption."""
    from robust.home import robust_home
    from robust.pretrain.loop import PretrainSettings, Step
    from robust.pretrain.objectives.choice import Choice
    from robust.pretrain.run import Request, run_pretraining
    from robust.reader.predict import PredictSettings
    from robust.zoo.lookup import encoders_home

    wanted: Any = dtype
    chosen = PredictSettings(device=device, dtype=wanted).resolve()
    request = Request(
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
        dropout=dropout,
    )
    seen = _count(tokens)
    settings = PretrainSettings(
        lr=lr,
        batch=batch,
        accumulate=accumulate,
        steps=steps or (math.ceil(seen / (batch * length)) if seen else 10_000),
        budget=_seconds(budget),
        warmup=warmup,
        seed=seed,
        dtype=chosen.dtype,
        device=chosen.device,
        checkpoint_every=checkpoint_every,
    )
    folder = output or encoders_home() / (name or model)

    def notice(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    def report(step: Step) -> None:
        figures = "  ".join(f"{name} {value:.3f}" for name, value in step.figures.items())
        if step.number % 50 == 0:
            notice(
                f"step {step.number}  {step.progress:.1%}  loss {step.loss:.3f}  {figures}  "
                f"{step.tokens_per_second:.0f} tokens/s"
            )

    record = run_pretraining(
        request, settings, folder, packs=robust_home() / "packs", report=report, notice=notice
    )
    if as_json:
        emit_json(record)
        return
    out.print(f"{folder}: {record['steps']} steps, {record['tokens']} tokens", markup=False, soft_wrap=True)
    out.print(f"next: robust finetune {quoted(folder)} --data squad2:train --out my-reader", soft_wrap=True)


def _changes(given: list[str]) -> dict[str, str]:
    """Return field -> value of ``field=value`` words."""
    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            raise UserError(f"--shape {word}: expected a field and a number, such as layers=4")
        found[name.strip()] = value.strip()
    return found


def _count(text: str) -> int:
    """Return a number written as 500k, 16M or 1B."""
    units = {"k": 10**3, "m": 10**6, "b": 10**9}
    unit = units.get(text[-1:].lower())
    try:
        value = float(text[:-1] if unit else text) * (unit or 1)
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        raise UserError(f"--tokens {text}: expected a number such as 500k, 16M or 1B")
    return round(value)
