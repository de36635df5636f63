"""Data sets by name: where they are looked for, in what order, and what is said when they are nowhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from robust.errors import UserError
from robust.files import sha256_file
from robust.home import shipped_datasets
from robust.squad import catalogue
from robust.squad.catalogue import entries, find_split, load, resolve

TOML = """
name = "rye"
title = "Rye questions"
homepage = "https://example.org"
licence = "CC0"
citation = "Us"

[splits.dev]
description = "small"
file = "rye/dev.json"
address = "http://127.0.0.1:1/dev.json"
sha256 = "{sha256}"
bytes = 10

[[splits.dev.also]]
sha256 = "{also}"
note = "an older copy"

[splits.private]
description = "nowhere to be had"
file = "rye/private.json"
"""


@pytest.fixture
def rye(own_home: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a data set of our own into a catalogue of our own; return the text of its dev file."""
    text = json.dumps(document)
    folder = own_home / "catalogue" / "rye"
    folder.mkdir(parents=True)
    toml = TOML.format(
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        also=hashlib.sha256(text.encode() + b"\n").hexdigest(),
    )
    (folder / "dataset.toml").write_text(toml, encoding="utf-8")
    monkeypatch.setattr(catalogue, "shipped_datasets", lambda: own_home / "catalogue")
    return text


def put(folder: Path, text: str) -> Path:
    path = folder / "rye" / "dev.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def no_download(*args: object, **settings: object) -> Path:
    raise AssertionError("nothing had to be fetched")


def test_the_folder_beside_the_description_goes_before_the_data_home(rye: str, own_home: Path) -> None:
    put(own_home / "data", rye)
    beside = put(own_home / "catalogue" / "rye", rye)
    assert resolve("rye:dev") == beside


def test_the_data_home_goes_before_the_cache(rye: str, own_home: Path) -> None:
    cached = put(own_home / "home" / "datasets", rye)
    assert resolve("rye:dev") == cached
    at_home = put(own_home / "data", rye)
    assert resolve("rye:dev") == at_home
    assert len(load("rye:dev")) == 5


def test_the_cache_goes_before_a_download(rye: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "download", no_download)
    put(own_home / "home" / "datasets", rye)
    assert len(load("rye:dev")) == 5


def test_what_is_nowhere_is_downloaded_into_the_cache_and_checked(
    rye: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def fetch(address: str, target: Path, **settings: Any) -> Path:
        asked.update(settings, address=address, target=target)
        target.parent.mkdir(parents=True)
        target.write_text(rye, encoding="utf-8")
        return target

    def on_progress(done: int, total: int | None) -> None:
        pass

    monkeypatch.setattr(catalogue, "download", fetch)
    assert len(load("rye", progress=on_progress)) == 5
    assert asked == {
        "address": "http://127.0.0.1:1/dev.json",
        "target": own_home / "home" / "datasets" / "rye" / "dev.json",
        "sha256": hashlib.sha256(rye.encode()).hexdigest(),
        "size": 10,
        "progress": on_progress,
    }


def test_without_a_network_one_line_says_where_it_may_be_put(rye: str, own_home: Path) -> None:
    with pytest.raises(UserError) as caught:
        resolve("rye:dev")
    message = str(caught.value)
    for part in (own_home / "data/rye/dev.json", own_home / "home/datasets/rye/dev.json", "127.0.0.1:1"):
        assert str(part) in message
    assert message.startswith("rye:dev: not found (looked for ")
    assert "\n" not in message


def test_a_split_without_an_address_is_not_searched_for_in_vain(rye: str) -> None:
    with pytest.raises(
        UserError, match=r"^rye:private: not found .* it has no public address; set ROBUST_DATA"
    ):
        resolve("rye:private")


def test_another_file_under_the_name_is_refused(rye: str, own_home: Path) -> None:
    path = put(own_home / "data", rye + " ")
    with pytest.raises(UserError, match=rf"^{path}: is not rye:dev .*name it by its path"):
        resolve("rye:dev")
    assert resolve(path) == path
    assert resolve(str(path)) == path


def test_a_known_stand_in_is_accepted(rye: str, own_home: Path) -> None:
    older = put(own_home / "data", rye + "\n")
    assert resolve("rye:dev") == older


def test_the_bare_name_is_the_default_split(rye: str) -> None:
    split = find_split("rye")
    assert split is not None
    assert split.name == "rye:dev"
    assert find_split("rye:nope") is None


def test_unknown_names_get_the_nearest_ones(rye: str) -> None:
    with pytest.raises(UserError, match="did you mean rye:dev"):
        resolve("rye:dve")
    with pytest.raises(UserError, match="the catalogue has rye:dev, rye:private"):
        resolve("something/else.json")


def test_a_built_set_stands_for_its_original_questions(own_home: Path, document: dict[str, Any]) -> None:
    folder = own_home / "built"
    folder.mkdir()
    with pytest.raises(UserError, match=r"is a folder without original\.json"):
        resolve(folder)
    (folder / "original.json").write_text(json.dumps(document), encoding="utf-8")
    assert resolve(str(folder)) == folder / "original.json"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = ", "malformed"),
        ('name = "x"', "missing key 'splits'"),
        (TOML.replace('licence = "CC0"\n', ""), "missing key 'licence'"),
        (
            TOML.format(sha256="0" * 64, also="1" * 64).replace('file = "rye/private.json"\n', ""),
            "split 'private': missing key 'file'",
        ),
    ],
)
def test_a_malformed_description_is_told(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "dataset.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=rf"^{path}: {expected}"):
        catalogue.read_entry(path)


# ---- the catalogue we ship -----------------------------------------------------------------------------


def test_every_data_set_says_who_made_it_and_under_what_licence() -> None:
    found = entries()
    assert [entry.name for entry in found] == [
        "addsent", "demo", "squad1", "squad2", "warrants-demo", "zh-demo",
    ]  # fmt: skip
    for entry in found:
        assert entry.title
        assert entry.licence
        assert entry.citation
        assert entry.split(entry.default) is not None
        assert (shipped_datasets() / entry.name / "dataset.toml").is_file()
    assert [split.name for split in found[3].splits] == ["squad2:dev", "squad2:train", "squad2:train-partial"]


@pytest.mark.parametrize(
    "split", [split for entry in entries() for split in entry.splits], ids=lambda s: s.name
)
def test_every_split_can_be_told_from_another_file(split: catalogue.Split) -> None:
    assert split.sha256 is not None
    assert len(split.sha256) == 64
    assert split.bytes
    assert split.address is None or split.address.startswith("https://")


def test_the_demo_sample_is_here_without_a_network(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "download", no_download)
    assert len(load("demo")) > 100


# ---- the real files ------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "articles", "paragraphs", "questions", "answerable"),
    [
        ("squad2:dev", 35, 1204, 11873, 5928),
        ("squad1:dev", 48, 2067, 10570, 10570),
        ("addsent:dev", 48, 798, 3560, 3560),  # 798 paragraphs with originals; 3,358 contexts
    ],
)
def test_real_files_hold_what_their_makers_say(
    name: str, articles: int, paragraphs: int, questions: int, answerable: int, robust_data: Path
) -> None:
    found = load(name)
    assert len({q.article for q in found}) == articles
    assert len({q.paragraph_id for q in found}) == paragraphs
    assert len(found) == questions
    assert sum(q.answerable for q in found) == answerable


@pytest.mark.data
def test_every_adversarial_copy_is_in_the_clusters_of_its_original(robust_data: Path) -> None:
    found = {q.id: q for q in load("addsent:dev")}
    copies = [q for q in found.values() if "-high-conf-turk" in q.id]
    assert len(copies) == 2560
    for copy in copies:
        original = found[copy.id.partition("-high-conf")[0]]
        assert (copy.article, copy.paragraph_id) == (original.article, original.paragraph_id)
        assert copy.context != original.context


@pytest.mark.data
def test_the_partial_training_file_is_found_packed_and_under_its_own_name(robust_data: Path) -> None:
    path = resolve("squad2:train-partial")
    assert path.samefile(robust_data / "squad2" / "train-v2.0.partial.json.xz")
    split = find_split("squad2:train-partial")
    assert split is not None
    assert split.sha256 == sha256_file(path)
    assert split.description.startswith("NOT the official train file")


@pytest.mark.data
@pytest.mark.slow
def test_the_partial_training_file_holds_what_is_said_of_it(robust_data: Path) -> None:
    found = load("squad2:train-partial")
    assert len(found) == 105_232
    assert sum(q.answerable for q in found) == 87_599
    assert len({q.article for q in found}) == 442
