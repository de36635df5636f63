"""Clusters come from the original question, whatever became of its context."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from robust.squad.clusters import original_id
from robust.squad.io import read_questions, write_jsonl, write_squad
from robust.squad.records import Question

Save = Callable[..., Path]


@pytest.mark.parametrize(
    ("question_id", "expected"),
    [
        ("56be4db0", "56be4db0"),
        ("56be4db0#1", "56be4db0"),
        ("56be4db0#12", "56be4db0"),
        ("56be4db0-high-conf-turk0", "56be4db0"),
        ("56be4db0-high-conf", "56be4db0"),
        ("56be4db0-high-conf-turk2#3", "56be4db0"),
        ("a#b", "a#b"),
        ("#1", "#1"),
        ("air-conf-9", "air-conf-9"),
    ],
)
def test_an_id_names_the_original(question_id: str, expected: str) -> None:
    assert original_id(question_id) == expected


def adversarial() -> dict[str, object]:
    """Return one article as AddSent lays it out: copies in paragraphs of their own, before or after."""

    def paragraph(context: str, question_id: str) -> dict[str, object]:
        return {"context": context, "qas": [{"id": question_id, "question": "?", "answers": []}]}

    return {
        "data": [
            {
                "title": "T",
                "paragraphs": [
                    paragraph("Rye keeps. Oats do not.", "q2-high-conf-turk1"),
                    paragraph("Rye.", "q1"),
                    paragraph("Rye keeps.", "q2"),
                    paragraph("Rye. Wheat.", "q1-high-conf-turk0"),
                    paragraph("Alone.", "q9-high-conf-turk0"),
                ],
            }
        ]
    }


def test_adversarial_copies_join_their_originals(save: Save) -> None:
    found = {q.id: q.paragraph_id for q in read_questions(save(adversarial()))}
    assert found == {
        "q1": "T:2",
        "q2": "T:3",
        "q1-high-conf-turk0": "T:2",
        "q2-high-conf-turk1": "T:3",
        "q9-high-conf-turk0": "T:5",
    }


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_copies_keep_their_clusters_when_written_and_read(name: str, save: Save) -> None:
    questions = read_questions(save(adversarial()))
    path = save(b"", name)
    (write_squad if name == "x.json" else write_jsonl)(path, questions)
    assert {q.id: q for q in read_questions(path)} == {q.id: q for q in questions}


def test_copies_in_a_file_without_their_originals_keep_the_clusters_written(save: Save) -> None:
    copies = [
        Question("q1#1", "?", "Rye. Wheat.", (), "T", False, "T:7", "T"),
        Question("q1#2", "?", "Rye. Oats.", (), "T", False, "T:7", "T"),
    ]
    path = save(b"", "x.json")
    write_squad(path, copies)
    assert read_questions(path) == copies


def test_articles_of_one_title_are_told_apart(save: Save) -> None:
    article = {
        "title": "Rye",
        "paragraphs": [{"context": "Rye.", "qas": [{"id": "a", "question": "?", "answers": []}]}],
    }
    other = json.loads(json.dumps(article).replace('"a"', '"b"'))
    questions = read_questions(save({"data": [article, other]}))
    assert [(q.title, q.article, q.paragraph_id) for q in questions] == [
        ("Rye", "Rye", "Rye:1"),
        ("Rye", "Rye (2)", "Rye (2):1"),
    ]


def test_rows_are_numbered_by_context_within_their_title(save: Save) -> None:
    rows = [
        {"id": str(i), "question": "?", "context": context, "answers": [], **title}
        for i, (context, title) in enumerate(
            [
                ("x", {"title": "T"}),
                ("y", {"title": "T"}),
                ("x", {"title": "T"}),
                ("x", {}),
                ("z", {}),
                ("x", {}),
            ]
        )
    ]
    path = save("\n".join(map(json.dumps, rows)), "x.jsonl")
    assert [(q.article, q.paragraph_id) for q in read_questions(path)] == [
        ("T", "T:1"), ("T", "T:2"), ("T", "T:1"),
        ("untitled 1", "untitled 1:1"), ("untitled 2", "untitled 2:1"), ("untitled 1", "untitled 1:1"),
    ]  # fmt: skip
