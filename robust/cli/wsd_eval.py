"""``robust wsd-eval``: score a way of choosing senses on a set of the framework of Raganato et al. (2017)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from robust.words.senses.raganato import Score

NAMES = {"n": "nouns", "v": "verbs", "a": "adjectives", "r": "adverbs", "all": "all"}


def wsd_eval(
    data: Annotated[Path, typer.Argument(help="The data: NAME.data.xml.", metavar="DATA.xml")],
    gold: Annotated[Path, typer.Argument(help="Its right senses: NAME.gold.key.txt.", metavar="GOLD.txt")],
    *,
    method: Annotated[
        str,
        typer.Option(help="first-sense, lesk, adapted-lesk, enhanced-lesk-2014 or random-sense."),
    ] = "enhanced-lesk-2014",
    lexicon: Annotated[
        Path | None, typer.Option(help="A compiled WordNet; the shipped WordNet 3.0 by default.")
    ] = None,
    neighbours: Annotated[
        int, typer.Option(min=0, help="Sentences on each side that join the context, as a paragraph would.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of random-sense.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Score a word-sense method: F1 in percent, as published tables print it."""
    from robust.cli.output import emit_json, out
    from robust.words import senses
    from robust.words.lexicon import Lexicon
    from robust.words.senses import raganato

    words = Lexicon.open(lexicon)
    disambiguator = senses.get(method, words, seed=seed)
    sentences, keys = raganato.read(data, gold)
    raganato.known_keys(gold, keys, words)
    scores = raganato.evaluate(disambiguator, words, sentences, keys, neighbours=neighbours)
    if json:
        whole = scores["all"]
        emit_json(
            {
                "method": method,
                "data": str(data),
                "lexicon_sha256": words.sha256,
                "neighbours": neighbours,
                **as_json(whole),
                "by_pos": {pos: as_json(score) for pos, score in scores.items() if pos != "all"},
            }
        )
        return
    from rich.table import Table

    table = Table(title=f"{method} on {data.name}", title_justify="left")
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
