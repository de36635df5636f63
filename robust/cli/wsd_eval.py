"""``robust wsd-eval``: score a way of choosing senses on sets of the framework of Raganato et al. (2017)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from robust.words.senses.raganato import Score

NAMES = {"n": "nouns", "v": "verbs", "a": "adjectives", "r": "adverbs", "all": "all"}


def wsd_eval(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="NAME.data.xml and its right senses, NAME.gold.key.txt; several pairs are taken as one set.",
            metavar="DATA.xml GOLD.txt",
        ),
    ],
    *,
    method: Annotated[
        str,
        typer.Option(
            "--sense",
            help="first-sense, lesk, adapted-lesk, enhanced-lesk-2014, enhanced-lesk, "
            "enhanced-lesk-semantic or random-sense.",
        ),
    ] = "enhanced-lesk-2014",
    lexicon: Annotated[
        Path | None, typer.Option(help="A compiled WordNet; the shipped WordNet 3.0 by default.")
    ] = None,
    neighbours: Annotated[
        int,
        typer.Option(
            "--sentences-around",
            min=0,
            help="Sentences on each side that join the context, as a paragraph would.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of random-sense.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Score a word-sense method: F1 in percent, as published tables print it."""
    from robust.cli.output import emit_json, out
    from robust.errors import UserError
    from robust.words import senses
    from robust.words.lexicon import Lexicon
    from robust.words.senses import raganato

    if len(files) % 2:
        raise UserError(
            f"{files[-1]}: {len(files)} files, expected pairs; give NAME.data.xml and its NAME.gold.key.txt"
        )
    pairs = list(zip(files[::2], files[1::2], strict=True))
    words = Lexicon.open(lexicon)
    disambiguator = senses.get(method, words, seed=seed)
    sets = [raganato.read(data, gold) for data, gold in pairs]
    for (_, gold), (_, keys) in zip(pairs, sets, strict=True):
        raganato.known_keys(gold, keys, words)
    each = [
        raganato.evaluate(disambiguator, words, sentences, keys, neighbours=neighbours)
        for sentences, keys in sets
    ]
    scores = raganato.pooled(each)
    if json:
        whole = scores["all"]
        emit_json(
            {
                "method": method,
                "data": [str(data) for data, _ in pairs],
                "lexicon_sha256": words.sha256,
                "neighbours": neighbours,
                **as_json(whole),
                "by_pos": {pos: as_json(score) for pos, score in scores.items() if pos != "all"},
                "by_set": [as_json(result["all"]) for result in each],
            }
        )
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(f"{method} on {', '.join(data.name for data, _ in pairs)}"), title_justify="left"
    )
    table.add_column("words")
    for heading in ("F1", "95 % interval", "precision", "recall", "right", "n"):
        table.add_column(heading, justify="right")
    for pos, score in scores.items():
        low, high = score.interval
        table.add_row(
            NAMES[pos],
            f"{score.f1:.1f}",
            f"{low:.1f} - {high:.1f}",
            f"{score.precision:.1f}",
            f"{score.recall:.1f}",
            str(score.right),
            str(score.n),
        )
    out.print(table)


def as_json(score: Score) -> dict[str, float | int | list[float]]:
    """Return a score as JSON: percentages, and the counts they are made of."""
    return {
        "f1": score.f1,
        "precision": score.precision,
        "recall": score.recall,
        "interval_95": list(score.interval),
        "right": score.right,
        "attempted": score.attempted,
        "n": score.n,
    }
