"""Hugging Face data sets: objects in memory, and names on the hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from robust.errors import UserError
from robust.squad import hub
from robust.squad.catalogue import load, resolve
from robust.squad.io import from_hf, read_questions, write_jsonl
from robust.squad.records import Question

Save = Callable[..., Path]


@pytest.fixture
def questions(document: dict[str, Any], save: Save) -> list[Question]:
    return read_questions(save(document))


@pytest.fixture
def dataset(questions: list[Question], tmp_path: Path) -> datasets.Dataset:
    """Return the questions as the hub lays SQuAD out: no cluster names, no is_impossible."""
    path = tmp_path / "rows.jsonl"
    write_jsonl(path, questions)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    columns = ("id", "title", "context", "question", "answers")
    return datasets.Dataset.from_list([{key: row[key] for key in columns} for row in rows])


def test_a_data_set_object_gives_the_same_questions_as_the_file(
    dataset: datasets.Dataset, questions: list[Question]
) -> None:
    assert from_hf(dataset) == questions


def test_a_streamed_data_set_object_does_too(dataset: datasets.Dataset, questions: list[Question]) -> None:
    assert from_hf(dataset.to_iterable_dataset()) == questions


def test_a_parquet_file_of_the_hub_is_read(
    dataset: datasets.Dataset, questions: list[Question], tmp_path: Path
) -> None:
    dataset.to_parquet(tmp_path / "validation.parquet")
    assert read_questions(tmp_path / "validation.parquet") == questions


def test_several_splits_at_once_are_refused(dataset: datasets.Dataset) -> None:
    with pytest.raises(UserError, match=r"has several splits \(train, validation\), expected one"):
        from_hf(datasets.DatasetDict(train=dataset, validation=dataset))


def test_a_missing_column_is_told(dataset: datasets.Dataset) -> None:
    with pytest.raises(UserError, match=r"row 1, article 'Bakery', question 'b1': missing key 'context'"):
        from_hf(dataset.remove_columns("context"))


def test_a_wrong_offset_is_told_with_its_row(dataset: datasets.Dataset) -> None:
    def shift(row: dict[str, Any]) -> dict[str, Any]:
        starts = [start + 1 for start in row["answers"]["answer_start"]]
        return {"answers": {"text": row["answers"]["text"], "answer_start": starts}}

    with pytest.raises(UserError, match=r"^squad: row 1, .*question 'b1': answer_start 35 of answer '1904'"):
        from_hf(dataset.map(shift), "squad")


def test_an_empty_data_set_is_refused(dataset: datasets.Dataset) -> None:
    with pytest.raises(UserError, match="holds no questions"):
        from_hf(dataset.select([]))


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("hf:rajpurkar/squad_v2", ("rajpurkar/squad_v2", "validation", None)),
        ("hf:rajpurkar/squad_v2:train", ("rajpurkar/squad_v2", "train", None)),
        ("hf:squad@abc123:train", ("squad", "train", "abc123")),
        ("hf:a/b@refs/convert/parquet", ("a/b", "validation", "refs/convert/parquet")),
    ],
)
def test_a_hub_name_is_fetched_once_and_then_read_from_the_cache(
    name: str,
    asked: tuple[str, str, str | None],
    dataset: datasets.Dataset,
    questions: list[Question],
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def load_dataset(path: str, *, split: str, revision: str | None) -> datasets.Dataset:
        calls.append((path, split, revision))
        return dataset

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setattr(hub, "reach", lambda name, endpoint, instead: None)
    assert load(name) == load(name) == questions
    assert calls == [asked]
    assert resolve(name).is_relative_to(own_home / "home" / "datasets" / "hf")


def test_a_hub_out_of_reach_is_told_at_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(UserError, match=r"^hf:a/b: the hub \(http://127.0.0.1:1\) cannot be reached"):
        load("hf:a/b")


def test_what_the_hub_refuses_is_told_in_one_line(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(path: str, **settings: object) -> datasets.Dataset:
        raise datasets.exceptions.DatasetNotFoundError("Dataset 'a/b' doesn't exist on the Hub\nor so")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setattr(hub, "reach", lambda name, endpoint, instead: None)
    with pytest.raises(UserError, match=r"^hf:a/b: cannot be had from the hub \(Dataset 'a/b' doesn't exist"):
        load("hf:a/b")


@pytest.mark.parametrize(
    "name", ["hf:", "hf:a b", "hf:a/b/c", "hf:../x", "hf:a/b:", "hf:a/b:../x", "hf:a/..:x"]
)
def test_a_malformed_hub_name_is_told(name: str, own_home: Path) -> None:
    with pytest.raises(UserError, match="not a hub name, expected hf:OWNER/NAME"):
        resolve(name)
