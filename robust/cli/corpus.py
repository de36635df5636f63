"""``robust corpus``: text for pre-training, from files to a tokenizer and packed windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robust.cli.engine import Address, Engine, check_engine, machines
from robust.errors import UserError, quoted

if TYPE_CHECKING:
    from robust.pretrain.contamination import Contamination
    from robust.pretrain.corpus import Exclusion

app = typer.Typer(help="Text for pre-training: a tokenizer, packed windows, overlap with evaluation sets.")

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILES",
        help="Plain text (.xz, .gz, .bz2, .zst too), .jsonl, .parquet, folders of them, a saved dataset, or "
        "hf:OWNER/NAME[/CONFIG][@REVISION][:SPLIT].",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Gram = Annotated[int, typer.Option("--ngram", min=1, max=100, help="Words in an n-gram.")]


@app.command("tokenizer")
def tokenizer(
    corpus: Files,
    *,
    kind: Annotated[
        str, typer.Option(help="wordpiece (BERT, ELECTRA), bpe (RoBERTa) or unigram (ALBERT).")
    ] = "wordpiece",
    size: Annotated[int, typer.Option(min=1, help="Entries, special tokens among them.")] = 8192,
    keep_case: Annotated[
        bool, typer.Option("--keep-case", help="Tell upper from lower case (bpe always does).")
    ] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tokenizer.")],
    as_json: Json = False,
) -> None:
    """Train a tokenizer on FILES; the same text gives the same bytes."""
    from robust.pretrain.corpus import Vocabulary, check_out, make_tokenizer
    from robust.pretrain.documents import Corpus, files
    from robust.zoo.tokenizers import vocabulary_sha256

    check_out(out, corpus)
    wanted: Any = kind
    with _spinner("reading") as say:
        watched = Corpus(tuple(files(corpus)), lambda documents: say(f"{documents:,} documents"))
        made = make_tokenizer(watched, Vocabulary(wanted, size), out, lower_case=not keep_case)
    if as_json:
        _emit(
            {"out": str(out), "kind": kind, "size": len(made), "vocabulary_sha256": vocabulary_sha256(made)}
        )
        return
    _tell(f"{out}: a {kind} tokenizer of {len(made):,} entries")
    _tell(f"next: robust corpus pack {_listed(corpus)} --tokenizer {quoted(out)} --out PACK")


@app.command("pack")
def pack(
    corpus: Files,
    *,
    tokenizer: Annotated[str, typer.Option(help="Whose tokenizer: a folder, a model's name or a hub id.")],
    length: Annotated[int, typer.Option(min=8, help="Tokens in a window, special tokens among them.")] = 128,
    exclude: Annotated[
        str | None,
        typer.Option(help="Leave out documents that overlap this evaluation set (path or name)."),
    ] = None,
    n: Gram = 13,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the packed corpus.")],
    engine: Engine = "local",
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Pack FILES into windows of tokens; run the same command again to go on after an interruption."""
    from robust.folders import sole
    from robust.pretrain.corpus import find_tokenizer, pack_corpus
    from robust.zoo.tokenizers import load_tokenizer

    check_engine(engine, address)
    loaded = load_tokenizer(find_tokenizer(tokenizer), tokenizer)
    left_out = _exclusion(exclude, n) if exclude else None
    with sole(out), machines(engine, address) as there, _spinner("packing") as say:
        packed = pack_corpus(
            corpus,
            loaded,
            out,
            length=length,
            exclude=left_out,
            progress=lambda documents, tokens: say(f"{documents:,} documents, {tokens:,} tokens"),
            machines=there,
        )
    if as_json:
        record = {"documents": packed.documents, "tokens": packed.tokens, "windows": packed.windows}
        _emit({"out": str(out), "length": packed.length, **record, **packed.notes, "sha256": packed.sha256})
        return
    _tell(
        f"{out}: {packed.windows:,} windows of {packed.length} tokens, from {packed.documents:,} documents "
        f"of {packed.tokens:,} tokens"
    )
    if report := packed.notes.get("overlap"):
        _tell(
            f"left out: {report['overlapping']:,} of {report['documents']:,} documents, "
            f"which overlap {exclude}"
        )
    _tell(f"next: robust pretrain electra-small --corpus {quoted(out)}")


@app.command("overlap")
def overlap(
    corpus: Files,
    *,
    data: Annotated[str, typer.Option("--with", help="The evaluation set: a path or name, as squad2:dev.")],
    n: Gram = 13,
    as_json: Json = False,
) -> None:
    """Tell how much of an evaluation set stands in FILES: n-grams of words that both hold."""
    from dataclasses import asdict

    from robust.pretrain.contamination import Contamination, NGrams, without_overlap
    from robust.pretrain.documents import Corpus, files

    read = tuple(files(corpus))
    ngrams = NGrams(_exclusion(data, n).questions, n)
    report = Contamination(n)
    with _spinner("comparing") as say:
        watched = Corpus(read, lambda documents: say(f"{documents:,} documents"))
        for _ in without_overlap(watched, ngrams, report, drop=False):
            pass
    if as_json:
        worst = [{"document": d, "begins": text, "ngrams": grams} for d, text, grams in report.worst]
        _emit({"data": data, **asdict(report), "worst": worst})
    else:
        _print(report, data)


def _print(report: Contamination, data: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from robust.cli.output import out

    table = Table(
        "", "in all", "overlapping", "share", title=Text(f"{data}: {report.n}-grams"), title_justify="left"
    )
    for name, total, seen in (
        ("documents read", report.documents, report.overlapping),
        ("their characters", report.characters, report.characters_overlapping),
        ("passages", report.passages, report.passages_seen),
        ("questions", report.questions, report.questions_seen),
        ("n-grams", report.ngrams, report.ngrams_seen),
    ):
        table.add_row(name, f"{total:,}", f"{seen:,}", f"{seen / total:.2%}" if total else "-")
    for column in table.columns[1:]:
        column.justify = "right"
    out.print(table)
    if report.worst:
        worst = Table("document", "n-grams", "begins", title="Most overlap", title_justify="left")
        for number, text, grams in report.worst:
            worst.add_row(f"{number:,}", f"{grams:,}", Text(text))
        out.print(worst)
    left = report.documents - report.overlapping
    characters = report.characters - report.characters_overlapping
    _tell(
        f"dropping what overlaps would leave {left:,} documents, {characters:,} characters: "
        f"robust corpus pack FILES --exclude {quoted(data)} --tokenizer NAME --out PACK"
    )


def _exclusion(data: str, n: int) -> Exclusion:
    from robust.cli.data import resolve_data
    from robust.files import sha256_file
    from robust.pretrain.corpus import Exclusion
    from robust.squad.io import read_questions

    file = resolve_data(data)
    questions = read_questions(file)
    if not questions:
        raise UserError(f"{data}: no questions in it; expected an evaluation set")
    return Exclusion(data, sha256_file(file), questions, n)


@contextmanager
def _spinner(what: str) -> Iterator[Callable[[str], None]]:
    """Yield what tells, on a terminal's stderr, how far it is."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from robust.cli.output import console

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda text: bar.update(task, description=f"{what}: {text}")


def _emit(value: dict[str, Any]) -> None:
    """Write the one JSON object."""
    from robust.cli.output import emit_json

    emit_json(value)


def _tell(line: str) -> None:
    """Write a line to stdout as it is."""
    from robust.cli.output import out

    out.print(line, highlight=False, markup=False, soft_wrap=True)


def _listed(paths: list[Path]) -> str:
    return " ".join(quoted(path) for path in paths)
