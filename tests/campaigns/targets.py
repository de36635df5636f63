"""What the campaign attacks: each reader of outside files, the edit engine, span decoding.

A target takes bytes and a folder of its own, and may raise nothing but UserError. It makes the files that
the bytes stand for, reads them as a command does and, where they are taken, checks what must hold then.
"""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import numpy as np

from robust.attack.records import Edit, Variant, apply_edits, undo_edits
from robust.attack.registry import make
from robust.build.folder import FORMAT, read_edits, read_set, write_arm, write_manifest
from robust.errors import UserError
from robust.evaluation.answers import read_answers
from robust.files import sha256_file
from robust.gate.baseline import FORMAT as BASELINE
from robust.gate.baseline import entry_in, read_baseline
from robust.pretrain.packing import open_pack
from robust.reader.decode import assemble, decode_windows, is_close_call
from robust.report.leaderboard import entries_of, read_entries, write_entry
from robust.review.items import Reviewable, read_reviewable
from robust.review.judged import read_judged
from robust.review.ratings import merge, read_ratings
from robust.review.sheet import render_sheet
from robust.runs import read_run
from robust.squad.catalogue import read_entry
from robust.squad.io import read_questions, write_jsonl, write_parquet, write_squad
from robust.squad.records import Answer, Question
from robust.study.recipe import read_recipe
from robust.zoo.settings import ReaderSettings, read_settings
from tests.campaigns.mutate import worse_bytes, worse_json
from tests.made_run import make_run, make_set

Attempt = Callable[[bytes, Path], None]


@dataclass(frozen=True)
class Target:
    """``seeds`` are whole inputs to begin with; ``worse`` changes one, its chances from a seeded Random."""

    attempt: Attempt
    seeds: Callable[[], Sequence[bytes]]
    worse: Callable[[bytes, Random], bytes] = worse_bytes


@contextmanager
def refusing() -> Iterator[None]:
    """Let UserError pass, if it is one line that steers no terminal."""
    try:
        yield
    except UserError as error:
        text = str(error)
        assert "\n" not in text and "\x1b" not in text, text


def some_questions() -> list[Question]:
    """Return five questions of our own: combining marks, an emoji, one without an answer, two articles."""
    bakery = "The bakery of Lindow opened in 1904. 🍋 It sold re\u0301sume\u0301 cakes."
    mill = "A mill stood by the river. Its wheel was oak."
    rows = [
        ("b1", "When did the bakery open?", bakery, "1904", "Bakery"),
        ("b2", "What did it sell?", bakery, "re\u0301sume\u0301 cakes", "Bakery"),
        ("b3", "Who burned the bakery?", bakery, "", "Bakery"),
        ("m1", "What was the wheel made of?", mill, "oak", "Mill"),
        ("m1#1", "What was the wheel built of?", mill, "oak", "Mill"),
    ]
    found = []
    for identifier, text, context, answer, title in rows:
        golds = (Answer(answer, context.index(answer)),) if answer else ()
        found.append(Question(identifier, text, context, golds, title, bool(golds), f"{title}:1", title))
    return found


@cache
def _written(suffix: str) -> bytes:
    path = Path(mkdtemp()) / f"seed{suffix}"
    write = {".json": write_squad, ".jsonl": write_jsonl, ".parquet": write_parquet}
    write[f".{suffix.split('.')[1]}"](path, some_questions())
    return path.read_bytes()


def _questions(name: str) -> Attempt:
    def attempt(data: bytes, folder: Path) -> None:
        file = folder / name
        file.write_bytes(data)
        try:
            with refusing():
                questions = read_questions(file, limit=10_000_000)
                for gold, question in ((a, q) for q in questions for a in q.answers):
                    assert question.context[gold.start : gold.end] == gold.text
                write_squad(folder / "again.json", questions)
                assert [q.text for q in read_questions(folder / "again.json")]
        finally:
            left = {path.name for path in folder.iterdir()} - {name, "again.json"}
            assert not left, left

    return attempt


CMRC = [{"context_id": "c", "context_text": "甲乙丙", "title": "甲", "qas": [
    {"query_id": "c1", "query_text": "乙?", "answers": ["乙"]}]}]  # fmt: skip
TOML = b"""name = "rye"
title = "Rye"
homepage = "https://example.org"
licence = "CC0"
citation = "Us"
default = "dev"
[splits.dev]
description = "small"
file = "rye/dev.json"
address = "https://example.org/dev.json"
sha256 = "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8"
bytes = 10
[[splits.dev.also]]
sha256 = "80a5225e94905956a6446d296ca1093975c4d3b3260f1d6c8f68bc2ab77182d8"
note = "old"
"""


RECIPE = b"""title = "Two readers"
pair = ["one", "other"]
primary = ["safe"]
senses = []
edits = ["safe"]
evaluate = "--limit 10"
[readers.one]
label = "One"
model = "runs/one"
[readers.other]
label = "Other"
model = "runs/other"
[sets.safe]
build = "build-qads --data demo --preset 'safe'"
judged = "judged.jsonl"
[sets.plain]
"""


def _toml(data: bytes, folder: Path) -> None:
    file = folder / "dataset.toml"
    file.write_bytes(data)
    with refusing():
        for split in read_entry(file).splits:
            for place in split.places():
                assert ".." not in place.parts
            assert split.address is None or split.sha256


def _edits(data: bytes, folder: Path) -> None:
    """Cut the bytes into a text and replacements in it; what can be made can be undone."""
    random = Random(data)
    text = data.decode("utf-8", "replace")
    edits = []
    for _ in range(random.randrange(5)):
        start, end = sorted(random.randrange(len(text) + 1) for _ in range(2))
        before = text[start:end] if random.random() < 0.9 else "other"
        edits.append(Edit("question", start, end, before, random.choice(("", "x", "🍋e\u0301", text[:9]))))
    try:
        after = apply_edits(text, tuple(edits))
    except ValueError:  # they overlap, or do not fit: told, and nothing made
        return
    assert undo_edits(after, tuple(edits)) == text


RULES = ("typo.v1", "contraction.v1", "punctuation.v1", "number-format.v1", "date-format.v1", "word-order.v1",
         "spelling.v1", "rephrase.v1", "negation.v1", "sentence-order.v1")  # fmt: skip


def _rewriting(data: bytes, folder: Path) -> None:
    """Let attacks by rule rewrite a question and a paragraph of any text."""
    text = data.decode("utf-8", "replace")
    question, _, context = text.partition("\n")
    random = Random(data)
    start = random.randrange(len(context) + 1)
    gold = context[start : start + random.randint(1, 12)]
    answers = (Answer(gold, start),) if gold else ()
    asked = Question("q", question, context, answers, "t", bool(answers), "t:1", "t")
    attack = make(random.choice(RULES))
    for variant in attack.variants(asked, seed=random.randrange(9)):
        own = [e for e in variant.edits if e.field == "question"]
        assert undo_edits(variant.question, tuple(own)) == question
        if variant.context is not None:
            assert undo_edits(variant.context, variant.edits, "context") == context


def _spans(data: bytes, folder: Path) -> None:
    """Decode logits of any finite size over windows of any offsets within a text."""
    random = Random(data)
    context = data.decode("utf-8", "replace")
    windows, length = random.randint(1, 4), random.randint(1, 40)
    raw = np.frombuffer((data + bytes(8 * windows * length))[: 8 * windows * length], np.float32).copy()
    raw[~np.isfinite(raw)] = 0.0  # robust.reader.predict refuses what is not finite
    logits = np.clip(raw, -1e30, 1e30).reshape(2, windows, length)
    offsets = []
    for _ in range(windows):
        size = random.randint(1, length)
        edges = sorted(random.randrange(len(context) + 1) for _ in range(2 * size))
        own = np.array(edges, np.int32).reshape(size, 2)
        own[0] = -1
        offsets.append(own)
    found = decode_windows(logits[0], logits[1], offsets, max_answer=random.randint(1, 40))
    prediction = assemble("q", context, found, n_best=random.randint(1, 20))
    is_close_call(found, context, 1e-6)
    texts = [one.text for one in prediction.n_best]
    assert len(set(texts)) == len(texts)
    for one in prediction.n_best:
        assert context[one.start : one.start + len(one.text)] == one.text != ""


@cache
def _run_files() -> dict[str, bytes]:
    folder = Path(mkdtemp())
    make_run(folder / "run", make_set(folder / "set"), (1,) * 10)
    return {file.name: file.read_bytes() for file in (folder / "run").iterdir()}


def _packed(name: str, data: bytes) -> bytes:
    return name.encode() + b"\n" + data


def _unpacked(files: dict[str, bytes], data: bytes, folder: Path) -> None:
    """Write a folder of files, one of which the input replaces: its first line names it."""
    name, _, content = data.partition(b"\n")
    names = sorted(files)
    chosen = name.decode("latin-1") if name.decode("latin-1") in files else names[len(data) % len(names)]
    for file, old in files.items():
        (folder / file).write_bytes(content if file == chosen else old)


def _run(data: bytes, folder: Path) -> None:
    _unpacked(_run_files(), data, folder)
    with refusing():
        read_run(folder)


@cache
def _set_files() -> dict[str, bytes]:
    folder = Path(mkdtemp())
    questions = some_questions()[:4]
    start = questions[3].text.index("made")
    edit = Edit(
        "question", start, start + 4, "made", "built", "make", "v", "make.v.03", 1, 0.5, 0.1, "synonym"
    )
    text = apply_edits(questions[3].text, (edit,))
    variants = {"m1": [Variant("m1#1", "m1", text, (edit,), "qads.v1", settings_hash="0" * 64)]}
    sums = write_arm(folder, questions, variants)
    digests = {name.partition(".")[0]: digest for name, digest in sums.items()}
    about = {"format": FORMAT, "attack": "qads.v1", "sha256": digests, "build_id": "0" * 64}
    about |= {"controls": {}, "rejections": {}, "questions": 4, "seed": 0, "settings_hash": "0" * 64}
    write_manifest(folder, about)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _set(data: bytes, folder: Path) -> None:
    """Read a built set whose manifest vouches for its files as they are, so that a changed one is read."""
    files = _set_files()
    _unpacked(files, data, folder)
    if (folder / "manifest.json").read_bytes() == files["manifest.json"]:
        manifest = json.loads(files["manifest.json"])
        sums = {
            name.partition(".")[0]: sha256_file(folder / name) for name in files if name != "manifest.json"
        }
        (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": sums}), encoding="utf-8")
    with refusing():
        read_set(folder)
    with refusing():
        read_edits(folder)
    with refusing():
        read_reviewable(folder)


@cache
def _reviewable() -> Reviewable:
    folder = Path(mkdtemp())
    for name, content in _set_files().items():
        (folder / name).write_bytes(content)
    return read_reviewable(folder)


def _sheet() -> bytes:
    found = _reviewable()
    rows = list(csv.DictReader(io.StringIO(render_sheet(found.items.values(), found.sha256, {}))))
    filled = io.StringIO()
    writer = csv.DictWriter(filled, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    said = {"verdict": "accept", "note": "fine", "rater": "ana", "rater_kind": "person"}
    writer.writerows(row | said for row in rows)
    return filled.getvalue().encode()


def _ratings_lines() -> bytes:
    found = _reviewable()
    row = {"item": next(iter(found.items)), "set_sha256": found.sha256, "verdict": "reject"}
    row |= {"reason": "bad grammar", "note": "n", "rater": "ana", "rater_kind": "person"}
    return json.dumps(row).encode() + b"\n"


def _ratings(name: str) -> Attempt:
    def attempt(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        with refusing():
            merge([read_ratings(folder / name, _reviewable())])
        with refusing():
            merge([read_ratings(folder / name, _reviewable(), rater="ana", kind="person")])

    return attempt


def _judged(data: bytes, folder: Path) -> None:
    (folder / "judged.jsonl").write_bytes(data)
    with refusing():
        read_judged(folder / "judged.jsonl")


@cache
def _entry() -> bytes:
    folder = Path(mkdtemp())
    for name, content in _run_files().items():
        (folder / name).write_bytes(content)
    (entry,) = entries_of(read_run(folder))
    return write_entry(folder / "board", entry).read_bytes()


def _baseline(data: bytes, folder: Path) -> None:
    """Read a baseline, and each entry that it says to have."""
    file = folder / "baseline.json"
    file.write_bytes(data)
    with refusing():
        for name in read_baseline(file):
            with refusing():
                entry_in(file, name)


@cache
def _kept() -> bytes:
    """Return a baseline of one entry."""
    entry = {"model": "m", "set": "s", "figure": "drop", "cluster": "article", "null_threshold": None}
    entry |= {"clean": 80.0, "floor_clean": 1.5, "drop": 10, "questions": 2, "questions_sha256": "0"}
    whole = {"format": BASELINE, "thresholds": {"drop of m": entry | {"fell": {"q1": 100.0}}}}
    return json.dumps(whole).encode()


def _small(name: str, read: Callable[[Path], object]) -> Attempt:
    def attempt(data: bytes, folder: Path) -> None:
        (folder / name).write_bytes(data)
        with refusing():
            read(folder / name)

    return attempt


def _recipe(data: bytes, folder: Path) -> None:
    (folder / "judged.jsonl").write_text('{"variant_id": "a#1", "rater_x": "right"}\n', encoding="utf-8")
    _small("study.toml", read_recipe)(data, folder)


def _pack(data: bytes, folder: Path) -> None:
    name, _, content = data.partition(b"\n")
    windows = np.arange(64, dtype=np.uint16).reshape(4, 16)
    np.save(folder / "windows-00000.npy", windows)
    manifest = PACK
    if name == b"shard":
        (folder / "windows-00000.npy").write_bytes(content)
    else:
        manifest = content
    (folder / "manifest.json").write_bytes(manifest)
    with refusing():
        open_pack(folder)


PACK = json.dumps(
    {"format": "robust.pack.v1", "length": 16, "windows": 4, "tokens": 64, "documents": 1, "notes": {},
     "vocabulary_sha256": "0", "sources": [], "settings": {},
     "shards": [{"name": "windows-00000.npy", "windows": 4, "sha256": "0"}]}
).encode()  # fmt: skip


def _shard() -> bytes:
    path = Path(mkdtemp()) / "x.npy"
    np.save(path, np.arange(64, dtype=np.uint16).reshape(4, 16))
    return path.read_bytes()


def _of_tree(data: bytes, random: Random) -> bytes:
    """Change the JSON below the line that names the file, or its bytes where it is none."""
    name, _, content = data.partition(b"\n")
    own = worse_json if name.endswith(b".json") else worse_bytes
    return name + b"\n" + own(content, random)


_ANY = [
    b"When was the old mill of Dr. Marsh's 2,000 men built?\nIt's 3 May 1904, and 5 km on.",
    b"",
    b"\xff\xfe",
]
_LOGITS = [struct.pack("<80f", *(k % 7 - 3.5 for k in range(80))), b"abc " * 100]

TARGETS: dict[str, Target] = {
    "squad": Target(
        _questions("file.json"), lambda: [_written(".json"), json.dumps(CMRC).encode()], worse_json
    ),
    "jsonl": Target(_questions("file.jsonl"), lambda: [_written(".jsonl")], worse_json),
    "packed": Target(_questions("file.json.gz"), lambda: [_written(".json.gz"), _written(".json.xz")]),
    "parquet": Target(_questions("file.parquet"), lambda: [_written(".parquet")]),
    "toml": Target(_toml, lambda: [TOML]),
    "edits": Target(_edits, lambda: _ANY),
    "rewriting": Target(_rewriting, lambda: _ANY),
    "spans": Target(_spans, lambda: _LOGITS),
    "run": Target(_run, lambda: [_packed(n, c) for n, c in _run_files().items()], _of_tree),
    "set": Target(_set, lambda: [_packed(n, c) for n, c in _set_files().items()], _of_tree),
    "sheet": Target(_ratings("ratings.csv"), lambda: [_sheet()]),
    "ratings": Target(_ratings("ratings.jsonl"), lambda: [_ratings_lines()], worse_json),
    "judged": Target(_judged, lambda: [b'{"variant_id": "q#1", "rater_ana": "right"}\n'], worse_json),
    "leaderboard": Target(
        _small("entry.json", lambda path: read_entries(path.parent)), lambda: [_entry()], worse_json
    ),
    "answers": Target(
        _small("answers.json", read_answers), lambda: [b'{"q1": "1904", "q2": ""}'], worse_json
    ),
    "settings": Target(
        _small("robust.json", read_settings), lambda: [ReaderSettings().to_json().encode()], worse_json
    ),
    "baseline": Target(_baseline, lambda: [_kept()], worse_json),
    "recipe": Target(_recipe, lambda: [RECIPE]),
    "pack": Target(_pack, lambda: [b"manifest.json\n" + PACK, b"shard\n" + _shard()], _of_tree),
}


def clear(folder: Path) -> None:
    """Remove what an attempt left in its folder."""
    for path in folder.iterdir():
        with suppress(OSError):
            path.unlink()
