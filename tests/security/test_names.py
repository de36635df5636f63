"""Ids, titles and names of separators, dots, controls, 10,000 letters, turned text: through the whole job."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from robust.attack.registry import make
from robust.build import build, read_set
from robust.errors import UserError
from robust.evaluation.evaluate import evaluate_reader
from robust.evaluation.sets import open_set
from robust.report.html.open import open_runs, open_sets
from robust.report.html.page import make_report
from robust.report.leaderboard import entries_of, read_entries, write_entry
from robust.review.form import render_form
from robust.review.items import read_reviewable
from robust.review.sheet import render_sheet
from robust.runs import read_run
from robust.squad.io import read_questions, write_jsonl, write_parquet, write_squad
from robust.squad.records import Answer, Question
from robust.zoo.lookup import encoder_folder, find_reader
from tests.campaigns.mutate import TEXTS

# what JSON and parquet can carry: no half characters, which every reader refuses
NAMES = [text for text in dict.fromkeys(TEXTS) if text and text.isprintable() | (text != "\ud800")]


def hostile_questions() -> list[Question]:
    context = "The old harbour was built in 1874. A rich doctor purchased it for its huge doors."
    found = []
    for number, name in enumerate(NAMES):
        answers = (Answer("1874", context.index("1874")),) if number % 2 else ()
        text = f"When did a rich doctor purchase the old harbour {name}?"
        found.append(
            Question(f"{name}{number}", text, context, answers, name, bool(answers), f"{name}:1", name)
        )
    return found


@pytest.mark.parametrize("write", [write_squad, write_jsonl, write_parquet])
def test_names_come_back_from_every_format(write: Any, tmp_path: Path) -> None:
    file = tmp_path / {"write_squad": "q.json", "write_jsonl": "q.jsonl"}.get(write.__name__, "q.parquet")
    write(file, hostile_questions())
    found = {question.id: question for question in read_questions(file)}
    assert found == {question.id: question for question in hostile_questions()}


@pytest.mark.slow
def test_the_whole_job_stays_in_its_folders(tiny: Any, own_home: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    attack = make("typo.v1")
    build(hostile_questions(), attack, work / "set", controls={}, workers=1)
    assert len(read_set(work / "set").original) > len(NAMES) // 2
    found = read_reviewable(work / "set")
    items = list(found.items.values())
    assert render_sheet(items, found.sha256, {}) and render_form(items, found.sha256, {}, "x")
    reader = tiny.tiny_reader()
    for number, name in enumerate(("../../escaped", "a/b", "\x1b[2J", "x" * 10_000)):
        run = work / f"run{number}"
        named = type(reader)(reader.model, reader.tokenizer, reader.settings, name, reader.sha256)
        evaluate_reader(named, [open_set(str(work / "set"), Path)], out=run)
        with suppress(UserError):  # a name of 10,000 letters is none for a folder
            evaluate_reader(named, [open_set(str(work / "set"), Path)])
        for entry in entries_of(read_run(run)):
            assert write_entry(work / "board", entry).parent == work / "board"
        runs = open_runs([run])
        sets, notes = open_sets(runs, [], own_home, lambda name: None)
        assert make_report(runs, sets, notes=notes).html
    assert len(read_entries(work / "board")) == 4
    assert {path.name for path in tmp_path.iterdir()} <= {"work", "home", "hub"}
    escaped = [path for path in tmp_path.rglob("*") if "escaped" in path.name]
    assert {path.parent for path in escaped} == {work / "board", own_home / "runs"}


@pytest.mark.parametrize("name", [text for text in TEXTS if text])
def test_a_model_of_such_a_name_is_none_and_told_in_one_line(name: str, own_home: Path) -> None:
    with pytest.raises((UserError, UnicodeEncodeError)) as error:
        find_reader(name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".", "..", "", "a\0", "\x1b", "-rf", "a\\b", "x y", "\u202e"]
)
def test_an_encoder_takes_a_plain_name_only(name: str, own_home: Path) -> None:
    with pytest.raises(UserError, match="expected letters"):
        encoder_folder(name)


def test_hostile_titles_are_cut_short_in_messages(tmp_path: Path) -> None:
    bad = {"id": "y" * 10_000, "question": "?", "answers": 3}
    file = tmp_path / "q.json"
    article = {"title": "x" * 10_000, "paragraphs": [{"context": "c", "qas": [bad]}]}
    file.write_text(json.dumps({"data": [article]}))
    with pytest.raises(UserError, match="'answers' is a whole number") as error:
        read_questions(file)
    assert len(str(error.value)) < 500
