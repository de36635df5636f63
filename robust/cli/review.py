"""``robust review``: variants out to raters, their verdicts back in, a set's card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.scorers import MaskedLmName
from robust.errors import UserError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

app = typer.Typer(help="People accept or reject a set's variants; what they accept is a set again.")

Set = Annotated[str, typer.Argument(metavar="SET", help="A built set: its folder, or its bare name.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.command("export")
def export(
    name: Set,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="A folder for review.csv and review.html, or one FILE.csv or FILE.html."
        ),
    ],
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-l", min=1, help="So many variants, stratified by article and answerability."
        ),
    ] = None,
    controls: Annotated[
        int,
        typer.Option(
            "--control-items", min=0, help="Mix in so many control items, untold, to check the raters."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Settles the sample and the order.")] = 0,
    as_json: Json = False,
) -> None:
    """Write a spreadsheet and an offline form in which people accept or reject the variants of SET."""
    from robust.cli.output import emit_json
    from robust.cli.output import out as screen
    from robust.review.form import render_form
    from robust.review.glosses import read_glosses
    from robust.review.items import MAIN, choose, read_reviewable
    from robust.review.sheet import render_sheet

    path = _set_folder(name)
    files = _targets(out)
    found = read_reviewable(path)
    items = choose(found, limit=limit, checks=controls, seed=seed)
    glosses = read_glosses(sense for item in items for sense in item.senses)
    title = f"Review of {path.resolve().name}"
    texts = {
        ".csv": lambda: render_sheet(items, found.sha256, glosses),
        ".html": lambda: render_form(items, found.sha256, glosses, title),
    }
    _write_new({file: texts[file.suffix.lower()]() for file in files})
    checks = sum(item.arm != MAIN for item in items)
    if as_json:
        emit_json(
            {
                "files": [str(file) for file in files],
                "items": len(items),
                "variants": len(items) - checks,
                "controls": checks,
                "in_set": len(found.of_arm(MAIN)),
                "set_sha256": found.sha256,
                "glosses": len(glosses),
            }
        )
        return
    mixed = f", and {checks} control items" if checks else ""
    screen.print(
        f"{len(items) - checks:,} of {len(found.of_arm(MAIN)):,} variants{mixed}, in a shuffled order",
        highlight=False,
    )
    for file in files:
        screen.print(f"written: {file}", soft_wrap=True, highlight=False, markup=False)
    screen.print(
        f"next: give each rater a copy, then: robust review import {quoted(name)} RATINGS.csv --out ACCEPTED",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


@app.command("import")
def import_ratings(
    name: Set,
    ratings: Annotated[
        list[Path], typer.Argument(metavar="RATINGS", help="Filled sheets or downloads of the form.")
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder to write the accepted variants to, as a set.")
    ],
    rater: Annotated[
        list[str] | None,
        typer.Option("--rater", help="Who rated, where the file does not say; once for each file, in order."),
    ] = None,
    rater_kind: Annotated[
        list[str] | None,
        typer.Option(
            "--rater-kind",
            help="person or model, where the file does not say; once for all, or once for each file.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read verdicts on the variants of SET: agreement, the share accepted, and the accepted set."""
    import shlex

    from robust.cli.output import emit_json
    from robust.folders import sole
    from robust.review.accepted import write_reviewed
    from robust.review.items import read_reviewable
    from robust.review.ratings import merge, read_ratings

    path = _set_folder(name)
    names = _for_each(rater, ratings, "--rater")
    kinds = _for_each(
        rater_kind * len(ratings) if rater_kind and len(rater_kind) == 1 else rater_kind,
        ratings,
        "--rater-kind",
    )
    found = read_reviewable(path)
    read = [
        read_ratings(file, found, rater=who, kind=kind)
        for file, who, kind in zip(ratings, names, kinds, strict=True)
    ]
    words = ["robust", "review", "import", path.resolve().name, *(file.name for file in ratings)]
    words += [word for who in rater or () for word in ("--rater", who)]
    words += [word for kind in rater_kind or () for word in ("--rater-kind", kind)]
    with sole(out):
        reviewed = write_reviewed(found, merge(read), out, files=ratings, command=shlex.join(words))
    review = reviewed.manifest["review"]
    if as_json:
        emit_json({"out": str(reviewed.out), **review})
    else:
        _print(review, reviewed.out)


@app.command("draw")
def draw_variants(
    attacks: Annotated[
        list[str] | None,
        typer.Argument(metavar="ATTACK", help="Attacks by name; all that need no model if not given."),
    ] = None,
    *,
    data: Annotated[str, typer.Option("--data", "-d", help="Questions, such as squad2:dev.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A folder; each attack gets a folder in it.")],
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="So many variants of each attack.")] = 50,
    masked_lm: MaskedLmName = None,
    seed: Annotated[int, typer.Option("--seed", help="Settles the sample.")] = 0,
    as_json: Json = False,
) -> None:
    """Lay out variants of attacks for raters: items, a label file to copy and fill, what to decide."""
    from robust.attack.control import Control
    from robust.attack.registry import get, make, names
    from robust.cli.data import resolve_data
    from robust.cli.output import emit_json
    from robust.cli.output import out as screen
    from robust.cli.scorers import load_scorers
    from robust.review.draw import draw, write_drawn
    from robust.squad.io import read_questions

    named = attacks or [
        name for name in names() if get(name).needs is None and not issubclass(get(name), Control)
    ]
    made = [make(name) for name in named]
    if masked_lm is not None and not any(attack.needs for attack in made):
        raise UserError("--masked-lm: none of these attacks asks a masked language model; leave it out")
    scored = [(attack, load_scorers(attack, masked_lm if attack.needs else None)) for attack in made]
    questions = read_questions(resolve_data(data))
    counts: dict[str, int] = {}
    for attack, scorers in scored:
        drawn = draw(attack.bound(scorers), questions, limit, seed=seed, scorers=scorers)
        write_drawn(out / attack.name, attack, drawn)
        counts[attack.name] = len(drawn)
        if not as_json:
            screen.print(
                f"{out / attack.name}: {len(drawn)} items", soft_wrap=True, highlight=False, markup=False
            )
    if as_json:
        emit_json({"out": str(out), "items": counts})
        return
    screen.print(
        f"next: raters fill labels.NAME.jsonl, then: robust review collect {quoted(out)} --rater-kind "
        "person --out docs/judged",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


@app.command("collect")
def collect_labels(
    folder: Annotated[Path, typer.Argument(help="What robust review draw wrote, labels filled in.")],
    *,
    rater_kind: Annotated[str, typer.Option("--rater-kind", help="person or model: who filled them.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for one JSON-lines file an attack.")],
    as_json: Json = False,
) -> None:
    """Bring filled labels back: ids, edits and labels of each attack, and the share judged valid."""
    from robust.cli.output import emit_json
    from robust.cli.output import out as screen
    from robust.review.draw import collect, write_judged
    from robust.review.judged import judged_shares
    from robust.review.ratings import KINDS

    if rater_kind not in KINDS:
        raise UserError(f"--rater-kind {rater_kind}: expected {' or '.join(KINDS)}")
    filled = sorted({file.parent for file in folder.glob("*/labels.*.jsonl")})
    if not filled:
        raise UserError(f"{folder}: no ATTACK/labels.NAME.jsonl, expected filled copies of labels.jsonl")
    found = {}
    for one in filled:
        rows = collect(one, rater_kind)
        found[one.name] = judged_shares(rows)
        write_judged(out / f"{one.name}.jsonl", rows)
    if as_json:
        emit_json({"out": str(out), "attacks": found})
        return
    for name, shares in found.items():
        valid, judged = shares["valid"], shares["judged"]
        part = "-" if valid["share"] is None else f"{valid['share']:.0%}"
        screen.print(
            f"{name}: {valid['count']} of {judged} valid ({part}), {shares['changed']['count']} changed",
            highlight=False,
            markup=False,
        )


@app.command("card")
def card(name: Set, *, as_json: Json = False) -> None:
    """Print the counted part of a set's data card, as markdown."""
    from robust.build import read_edits, read_set
    from robust.cli.output import emit_json, emit_text
    from robust.report.data_card import data_card

    path = _set_folder(name)
    text = data_card(read_set(path), read_edits(path), path.resolve().name)
    if as_json:
        emit_json({"set": str(path), "card": text})
    else:
        emit_text(text)


def _set_folder(name: str) -> Path:
    """Return the folder of a set that is named by its path or, under ``$ROBUST_HOME/sets``, by its name."""
    from robust.home import sets_home

    path = Path(name).expanduser()
    return sets_home() / name if not path.exists() and (sets_home() / name).is_dir() else path


def _targets(out: Path) -> list[Path]:
    if out.suffix.lower() in (".csv", ".html"):
        return [out]
    if out.suffix and not out.is_dir():
        raise UserError(
            f"{out}: expected a folder, or a file that ends in .csv or .html; choose another --out"
        )
    return [out / "review.csv", out / "review.html"]


def _write_new(texts: Mapping[Path, str]) -> None:
    """Write files that are not there yet: a sheet may have been filled in since."""
    from robust.files import write_text

    for file, text in texts.items():
        if file.exists() and (not file.is_file() or file.read_bytes() != text.encode()):
            raise UserError(
                f"{file}: is there already and differs (filled in?); choose another --out, or remove it"
            )
    for file, text in texts.items():
        write_text(file, text)


def _for_each(given: Sequence[str] | None, files: Sequence[Path], option: str) -> list[str | None]:
    if given is None:
        return [None] * len(files)
    if len(given) != len(files):
        raise UserError(
            f"{option}: given {len(given)} times for {len(files)} files, expected one each, in order"
        )
    return list(given)


def _print(review: Mapping[str, Any], folder: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    from robust.cli.output import out

    table = Table("rater", "kind", title="What they said of the set's variants", title_justify="left")
    for column in ("accept", "reject", "unsure", "missing", "controls right"):
        table.add_column(column, justify="right")
    for rater in review["raters"]:
        checks = rater["checks"].values()
        right = f"{sum(c['right'] for c in checks)} of {sum(c['items'] for c in checks)}" if checks else "-"
        counts = (str(rater[key]) for key in ("accept", "reject", "unsure", "missing"))
        table.add_row(escape(rater["name"]), rater["kind"], *counts, right)
    out.print(table)
    if agreement := review["agreement"]:
        for pair in agreement["cohen_kappa"]:
            out.print(
                f"{escape(' and '.join(pair['raters']))}: {_coefficient('kappa', pair)}", highlight=False
            )
        if len(review["raters"]) > 2:
            out.print(
                _coefficient("all: Krippendorff's alpha", agreement["krippendorff_alpha"]), highlight=False
            )
    low, high = review["wilson"]
    ties = f", {review['ties']} ties counted as rejected" if review["ties"] else ""
    out.print(
        f"accepted {review['accepted']:,} of {review['judged']:,} judged, {review['share']:.1%} "
        f"(Wilson {low:.1%} to {high:.1%}{_by_article(review)}){ties}; the set has {review['variants']:,}",
        highlight=False,
        soft_wrap=True,
    )
    if review["rejected_for"]:
        reasons = ", ".join(f"{reason} {n}" for reason, n in review["rejected_for"].items())
        out.print(f"rejected for: {reasons}", highlight=False)
    out.print(
        f"next: robust eval --model NAME --set {quoted(folder)}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def _by_article(review: Mapping[str, Any]) -> str:
    if not review["by_article"]:
        return ""
    low, high = review["by_article"]
    return f"; clustered by article {low:.1%} to {high:.1%}"


def _coefficient(name: str, found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        value = "not defined, all said the same"
    else:
        value = f"{found['value']:.2f}"
        if found["low"] is not None:
            value += f" [{found['low']:.2f}, {found['high']:.2f}]"
    return f"agree on {found['observed']:.0%} of {found['items']:,} items, {name} {value}"
