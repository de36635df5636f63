"""``robust choice``: arguments with two warrants, their negated copies, and who is taken in by cues."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.errors import UserError, quoted

if TYPE_CHECKING:
    from robust.choice.asking import Given
    from robust.choice.records import Item

app = typer.Typer(
    help="Arguments with two warrants: negate the claims, see whether choices follow (docs/choice.md)."
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
File = Annotated[
    str,
    typer.Argument(
        help="Arguments: a tab-separated file, a set of robust choice negate, or a catalogue name.",
        show_default=False,
    ),
]
SCORERS = ("cue", "bag", "fluency", "sentences")
BESIDE = ("both", "reason", "claim", "nothing")  # as robust.choice.scorers has it, which needs numpy


@app.command("negate")
def negate(
    file: File,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for originals, copies and manifest.")],
    claims: Annotated[
        Path | None,
        typer.Option("--claims", help="Negated claims by hand, used before the rule: claim,negated as CSV."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Give every argument a copy with its claim negated and its label swapped, as Niven & Kao 2019 did."""
    from robust.choice.claims import read_claims
    from robust.choice.copies import negated_copies
    from robust.choice.folder import ITEMS, is_negated_set, write_negated_set
    from robust.cli.output import emit_json
    from robust.cli.output import out as screen
    from robust.files import sha256_file
    from robust.folders import check_apart, check_replaceable, check_writable
    from robust.runs import provenance

    source, items = _items(file)
    check_replaceable(out.resolve(), is_negated_set, "a set of robust choice negate")
    check_apart(source, out, "the file that is read")
    check_writable(out)
    given = None if claims is None else read_claims(claims)
    if given is not None and given.keys().isdisjoint(item.claim for item in items):
        raise UserError(
            f"{claims}: none of its {len(given):,} claims is one of {source}; expected them letter for letter"
        )
    copies = negated_copies(items, given)
    if not copies.pairs:
        told = ", ".join(f"{reason} ({n})" for reason, n in copies.reasons.items())
        raise UserError(f"{source}: no claim could be negated: {told}; nothing was written")
    about = {
        "command": "robust " + shlex.join(sys.argv[1:]),
        "data": {"name": file, "sha256": sha256_file(source)},
        "claims_sha256": None if claims is None else sha256_file(claims),
        "by_hand": sum(made[0].reason == "by hand" for made in copies.edits.values()),
        **provenance("cpu"),
    }
    manifest = write_negated_set(out, items, copies, about)
    if as_json:
        emit_json({"out": str(out), **manifest})
        return
    screen.print(
        f"{out / ITEMS}: {manifest['copies']:,} of {manifest['items']:,} items have a negated copy",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    for reason, count in copies.reasons.items():
        screen.print(f"  left: {reason} {count:,}", highlight=False, markup=False)
    screen.print(
        f"next: robust choice eval {quoted(out)} --scorer cue", highlight=False, markup=False, soft_wrap=True
    )


@app.command("eval")
def evaluate(
    file: File,
    *,
    scorer: Annotated[
        str | None, typer.Option("--scorer", help="Who chooses: cue, bag, fluency or sentences.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", help="Another system's choices: id and label, or id and two scores."),
    ] = None,
    cue: Annotated[
        str | None,
        typer.Option("--cue", help="cue: the word whose warrant is taken. [default: not]"),
    ] = None,
    train: Annotated[
        str | None,
        typer.Option("--train", help="bag: arguments to fit to. [default: those of other debates]"),
    ] = None,
    masked_lm: Annotated[
        str | None, typer.Option("--masked-lm", help="fluency: an encoder with its masked-LM head.")
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            help="fluency, sentences: what is read beside the warrant: both, reason, claim or nothing. "
            "[default: both]",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder for figures and every choice.")
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", help="fluency: auto, cpu, cuda ... [default: auto]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let a scorer, or a file, choose the warrants: accuracy on originals, negated copies and pairs.

    cue and bag read the warrants alone; fluency asks a masked language model, sentences compares vectors
    (needs the extra semantic).
    """
    options = {
        "--cue": cue,
        "--train": train,
        "--masked-lm": masked_lm,
        "--beside": beside,
        "--device": device,
    }
    _check_options(scorer, predictions, options)
    source, items = _items(file)

    from robust.choice.figures import figures
    from robust.choice.result import FORMAT, is_result, write_result
    from robust.choice.table import pairs_of
    from robust.cli.output import emit_json
    from robust.files import sha256_file

    originals, pairs = pairs_of(source, items)
    if out is not None:
        from robust.folders import check_apart, check_replaceable, check_writable

        check_replaceable(out.resolve(), is_result, "a result of robust choice eval")
        check_apart(source, out, "the file that is read")
        check_writable(out)
    if predictions is not None:
        from robust.choice.answers import read_choices

        given = read_choices(predictions, items)
    else:
        given = _ask(str(scorer), items, options)
    by_id = {item.id: choice for item, choice in zip(items, given.chosen, strict=True)}
    result = {
        "format": FORMAT,
        "data": {"name": file, "sha256": sha256_file(source)},
        "scorer": given.about,
        **figures(originals, pairs, by_id),
    }
    if out is not None:
        from robust.runs import provenance

        command = "robust " + shlex.join(sys.argv[1:])
        about = {**result, "command": command, **provenance(given.about.get("device", "cpu"))}
        write_result(out, about, items, given)
    if as_json:
        emit_json(result | ({"out": str(out)} if out else {}))
        return
    _print(result, file, out)


@app.command("cues")
def show_cues(
    file: File,
    *,
    word: Annotated[
        list[str] | None, typer.Option("--word", "-w", help="Only this word; repeatable.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="So many words, the strongest first.")] = 20,
    least: Annotated[
        int, typer.Option("--least", min=1, help="Only words applicable to so many items or more.")
    ] = 5,
    as_json: Json = False,
) -> None:
    """Find words that tell the right warrant by themselves: applicability, productivity, coverage."""
    from robust.choice.cues import check_word, cue, cues, productivity_interval
    from robust.cli.output import emit_json

    _, items = _items(file)
    found = [cue(items, check_word(items, one)) for one in word] if word else cues(items, least)[:top]
    rows: list[dict[str, Any]] = []
    for one in found:
        bounds = productivity_interval(items, one.word)
        rows.append(
            {
                "word": one.word,
                "applicable": one.applicable,
                "right": one.right,
                "productivity": None if one.productivity is None else 100.0 * one.productivity,
                "interval": None if bounds is None else [100.0 * bound for bound in bounds],
                "coverage": 100.0 * one.coverage,
            }
        )
    if as_json:
        emit_json({"file": file, "items": len(items), "cues": rows})
        return
    from robust.cli.output import out
    from robust.report.choice import cues_grid
    from robust.report.grid import terminal

    out.print(terminal(cues_grid(rows, len(items))), highlight=False)


def _items(file: str) -> tuple[Path, list[Item]]:
    """Return the file that a name stands for, and its arguments."""
    from robust.choice.folder import items_file
    from robust.choice.table import read_items
    from robust.squad.catalogue import find_split

    folder = Path(file).expanduser()
    if find_split(file) is None and (folder.exists() or file.endswith((".tsv", ".csv", ".txt"))):
        source = items_file(folder)
    else:
        from robust.cli.data import resolve_data

        source = resolve_data(file)
    return source, read_items(source)


def _check_options(scorer: str | None, predictions: Path | None, options: Mapping[str, str | None]) -> None:
    """Raise UserError for a scorer that is none, and for options that belong to another one."""
    if (scorer is None) == (predictions is None):
        raise UserError(
            f"expected one of --scorer {'|'.join(SCORERS)} and --predictions FILE; "
            "see: robust choice eval --help"
        )
    if scorer is not None and scorer not in SCORERS:
        raise UserError(f"--scorer {scorer}: not known, expected one of {', '.join(SCORERS)}")
    own = {
        "cue": {"--cue"},
        "bag": {"--train"},
        "fluency": {"--masked-lm", "--beside", "--device"},
        "sentences": {"--beside"},
    }.get(scorer or "", set())
    given = {name for name, value in options.items() if value is not None}
    if wrong := sorted(given - own):
        who = f"--scorer {scorer}" if scorer else "--predictions"
        raise UserError(f"{', '.join(wrong)}: does not go with {who}; leave it out")
    if scorer == "fluency" and "--masked-lm" not in given:
        raise UserError(
            "--scorer fluency: needs a masked language model; name one with --masked-lm MODEL "
            "(robust list models)"
        )
    beside = options["--beside"]
    allowed = BESIDE[:3] if scorer == "sentences" else BESIDE
    if beside is not None and beside not in allowed:
        raise UserError(f"--beside {beside}: not known to {scorer}, expected one of {', '.join(allowed)}")


def _ask(scorer: str, items: Sequence[Item], options: Mapping[str, str | None]) -> Given:
    """Return what the scorer of that name chooses."""
    from robust.choice import asking

    if scorer == "cue":
        word = options["--cue"]
        return asking.by_cue(items, "not" if word is None else word)
    if scorer == "bag":
        train = options["--train"]
        return asking.by_bag(items, None if train is None else _items(train)[1])
    from robust.cli.output import console

    if scorer == "sentences":
        with console.status("asking all-MiniLM-L6-v2"):
            from robust.words.sentence_encoder import SentenceEncoder

            return asking.by_sentences(items, SentenceEncoder.open(), options["--beside"] or "both")
    name = str(options["--masked-lm"])
    from robust.zoo.lookup import find_encoder

    find_encoder(name)  # a mistake is told before torch is imported, which takes seconds
    with console.status(f"asking {name}"):
        from robust.probe.filling import load_filler
        from robust.reader.predict import PredictSettings

        settings = PredictSettings(device=options["--device"] or "auto", dtype="float32").resolve()
        lm = load_filler(name, str(settings.device))
        given = asking.by_fluency(items, lm, name, options["--beside"] or "both")
        given.about["device"] = str(settings.device)
        return given


def _print(result: Mapping[str, Any], file: str, folder: Path | None) -> None:
    from robust.cli.output import console, out
    from robust.report.choice import choice_grid
    from robust.report.grid import terminal

    out.print(terminal(choice_grid(result)), highlight=False)
    if not result["pairs"]:
        line = f"next: robust choice negate {quoted(file)} --out FOLDER"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    if folder is not None:
        console.print(f"result: {folder}", highlight=False, markup=False)
