"""``robust build-qads``: the set this suite is named for, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from robust.cli.build import (
    AnswerableOnly,
    Constraint,
    Controls,
    Data,
    Json,
    Limit,
    Seed,
    Workers,
    make_set,
    repeated,
    with_constraints,
)
from robust.cli.engine import Address, Engine
from robust.cli.scorers import MaskedLmName
from robust.errors import UserError


def build_qads(
    *,
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The folder to write the set to; made if need be, required but for --explain."
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option("--preset", help="safe: the safest word of each question; paper: all content words."),
    ] = "safe",
    edits: Annotated[
        str | None,
        typer.Option(
            "--edits", help="Words replaced in a question: 1, 2, ... or all. [default: the preset's]"
        ),
    ] = None,
    pos: Annotated[
        str,
        typer.Option(
            "--pos", help="Parts of speech to touch: n (nouns), v (verbs), a (adjectives), r (adverbs)."
        ),
    ] = "nvar",
    sense: Annotated[
        str, typer.Option("--sense", help="How a word's sense is chosen; see: robust list senses.")
    ] = "enhanced-lesk-2014",
    least_safety: Annotated[
        float | None,
        typer.Option(
            "--least-safety",
            min=0.0,
            max=1.0,
            help="Least estimated share of people who accept the substitute. [default: the preset's]",
        ),
    ] = None,
    lexicon: Annotated[
        str, typer.Option("--lexicon", help="A WordNet compiled by yourself, instead of the shipped 3.0.")
    ] = "",
    constraint: Constraint = None,
    answerable_only: AnswerableOnly = False,
    limit: Limit = None,
    seed: Seed = 0,
    workers: Workers = None,
    controls: Controls = True,
    masked_lm: MaskedLmName = None,
    engine: Engine = "local",
    address: Address = None,
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain", metavar="ID", help="Build nothing: say why the question of this id is reworded so."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Build a QADS robustness set: questions of DATA with words replaced by WordNet synonyms."""
    from robust.attack.registry import make
    from robust.attack.substitution import Substitution
    from robust.cli.explain import explain_question

    settings: dict[str, Any] = {"preset": preset, "pos": pos, "sense": sense, "lexicon": lexicon}
    if edits is not None:
        settings["edits"] = edits if edits == "all" else _number(edits)
    if least_safety is not None:
        settings["least_safety"] = least_safety
    attack = make("qads.v1", **with_constraints(settings, constraint))
    if explain is not None:
        assert isinstance(attack, Substitution)
        if out is not None:
            raise UserError("--explain: builds nothing; leave out --out")
        explain_question(attack, data, explain, seed, as_json)
        return
    if out is None:
        raise UserError("--out: missing; name the folder to write the set to")
    words = ["build-qads", "--preset", preset, *([] if edits is None else ["--edits", edits])]
    words += [] if least_safety is None else ["--least-safety", str(least_safety)]
    words += ["--lexicon", lexicon] if lexicon else []
    words += repeated("--constraint", constraint)
    words += ["--masked-lm", masked_lm] if masked_lm else []
    make_set(
        attack,
        data,
        out,
        answerable_only=answerable_only,
        limit=limit,
        seed=seed,
        workers=workers,
        controls=controls,
        masked_lm=masked_lm,
        engine=engine,
        address=address,
        as_json=as_json,
        words=[*words, "--pos", pos, "--sense", sense],
    )


def _number(edits: str) -> int:
    if not edits.isdecimal() or int(edits) < 1:
        raise UserError(f"--edits {edits}: expected 1, 2, ... or all")
    return int(edits)
